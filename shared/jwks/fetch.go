package jwks

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

const maxHeaderBytes = 16 << 10

// FetchEvent describes one fetch of a [Cache].
type FetchEvent struct {
	Err      error         // nil: the set replaced the cached one
	Duration time.Duration // from the request to the checked response, by Config.Now
	Keys     int           // usable keys in the new set; 0 after a failure
	Refused  []error       // for each unusable key of the new set, the reason
}

// Fetch fetches a key set once, as a [Cache] does: https, or http to a loopback host; no redirect is followed; at most
// [MaxBytes]. Its time is bounded by ctx alone. A nil client means one with TLS 1.2 or newer.
//
// Errors: [ErrURL], [ErrTransport], [ErrStatus], [ErrRedirect], and those of [ParseKeySet].
func Fetch(ctx context.Context, client *http.Client, address string) (KeySet, error) {
	if err := checkURL(address); err != nil {
		return KeySet{}, err
	}
	return fetch(ctx, withoutRedirects(client), address)
}

// URL returns the URL of an issuer's key set, which Amazon Cognito publishes relative to the issuer.
func URL(issuer string) string { return issuer + "/.well-known/jwks.json" }

// checkURL accepts https, and http to a loopback host.
func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return fmt.Errorf("%w: got %q", ErrURL, address)
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%w: got %q", ErrURL, address)
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// newHTTPClient returns a client for one small document an hour.
func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true, // the next fetch is an hour away, and connections of a frozen function die
		DisableCompression:     true, // so a small response cannot expand to a large one
		MaxResponseHeaderBytes: maxHeaderBytes,
	}}
}

// withoutRedirects returns a copy of client that follows no redirects and keeps no cookies.
func withoutRedirects(client *http.Client) *http.Client {
	if client == nil {
		client = newHTTPClient()
	}
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil
	return &c
}

// fetch fetches and checks a key set. Its time is bounded by ctx, its size by [MaxBytes], after any decompression.
func fetch(ctx context.Context, client *http.Client, address string) (KeySet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode/100 == 3:
		return KeySet{}, fmt.Errorf("%w: status %d from %s", ErrRedirect, res.StatusCode, address)
	case res.StatusCode != http.StatusOK:
		return KeySet{}, fmt.Errorf("%w: status %d from %s", ErrStatus, res.StatusCode, address)
	case res.ContentLength > MaxBytes:
		return KeySet{}, fmt.Errorf("%w: %d bytes from %s", ErrTooLarge, res.ContentLength, address)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBytes+1)) // one more, so that ParseKeySet sees the excess
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	set, err := ParseKeySet(body)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w, from %s", err, address)
	}
	return set, nil
}
