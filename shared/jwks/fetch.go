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

// FetchEvent is told to [Config.Observe] after each fetch.
type FetchEvent struct {
	Err      error         // nil: the set was taken over
	Duration time.Duration // from the request to the checked answer, by the clock of Config.Now
	Keys     int           // usable keys in the new set; 0 after a failure
	Refused  []error       // keys of the new set that cannot be used, and why
}

// URL is where an issuer publishes its keys: fixed by Amazon Cognito, relative to the issuer.
func URL(issuer string) string { return issuer + "/.well-known/jwks.json" }

// checkURL admits https, and http where it does not leave the machine.
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

// newHTTPClient returns a client for one small document now and then.
func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true, // the next fetch is an hour away, and a frozen function's connections are dead
		DisableCompression:     true, // nothing to unpack, so nothing can swell
		MaxResponseHeaderBytes: maxHeaderBytes,
	}}
}

// bounded is client without redirects and cookies, whatever it was set up with.
func bounded(client *http.Client) *http.Client {
	if client == nil {
		client = newHTTPClient()
	}
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil
	return &c
}

// fetch gets and checks the set. Its time is bounded by ctx, its size by [MaxBytes], after any decompression.
func (c *Cache) fetch(ctx context.Context) (KeySet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return KeySet{}, fmt.Errorf("%w: status %d from %s", ErrRedirect, res.StatusCode, c.url)
	case res.StatusCode != http.StatusOK:
		return KeySet{}, fmt.Errorf("%w: status %d from %s", ErrStatus, res.StatusCode, c.url)
	case res.ContentLength > MaxBytes:
		return KeySet{}, fmt.Errorf("%w: %d bytes from %s", ErrTooLarge, res.ContentLength, c.url)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBytes+1)) // one more, so that ParseKeySet sees the excess
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	set, err := ParseKeySet(body)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w, from %s", err, c.url)
	}
	return set, nil
}
