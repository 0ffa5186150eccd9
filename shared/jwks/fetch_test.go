package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// Each invalid response comes once after a valid set, which must stay in use, and once without, where it must not be taken for
// a set.
func TestAnInvalidResponseNeverReplacesAValidSet(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = w.Write(document(t, cognitotest.NewKey(t).JWK()))
	}))
	defer other.Close()
	own := cognitotest.NewKey(t)
	tooLarge := string(document(t, own.JWK())) + strings.Repeat(" ", jwks.MaxBytes)
	for name, tt := range map[string]struct {
		fault cognitotest.Fault
		want  error
	}{
		"an empty body":         {cognitotest.Body(""), jwks.ErrNotKeySet},
		"HTML":                  {cognitotest.Body("<html>"), jwks.ErrNotKeySet},
		"an empty object":       {cognitotest.Body("{}"), jwks.ErrNotKeySet},
		"keys null":             {cognitotest.Body(`{"keys":null}`), jwks.ErrNotKeySet},
		"an error document":     {cognitotest.Body(`{"message":"x"}`), jwks.ErrNotKeySet},
		"an empty set":          {cognitotest.Body(`{"keys":[]}`), jwks.ErrNoUsableKey},
		"a set of invalid keys": {cognitotest.Body(`{"keys":[{"kid":"a","kty":"oct","k":"AA"}]}`), jwks.ErrKeyType},
		"a body over the cap":   {cognitotest.Body(tooLarge), jwks.ErrTooLarge},
		"an endless body":       {cognitotest.EndlessBody(), jwks.ErrTooLarge},
		"a gzip bomb":           {cognitotest.GzipBomb(10 << 20), jwks.ErrNotKeySet},
		"300":                   {cognitotest.Status(300, 0), jwks.ErrRedirect},
		"399":                   {cognitotest.Status(399, 0), jwks.ErrRedirect},
		"301 to another host":   {cognitotest.Redirect(301, other.URL), jwks.ErrRedirect},
		"302 to another host":   {cognitotest.Redirect(302, other.URL), jwks.ErrRedirect},
		"307 to another host":   {cognitotest.Redirect(307, other.URL), jwks.ErrRedirect},
		"308 to another host":   {cognitotest.Redirect(308, other.URL), jwks.ErrRedirect},
		"302 to a local file":   {cognitotest.Redirect(302, "file:///etc/passwd"), jwks.ErrRedirect},
		"201":                   {cognitotest.Status(201, 0), jwks.ErrStatus},
		"204":                   {cognitotest.Status(204, 0), jwks.ErrStatus},
		"400":                   {cognitotest.Status(400, 0), jwks.ErrStatus},
		"403":                   {cognitotest.Status(403, 0), jwks.ErrStatus},
		"404":                   {cognitotest.Status(404, 0), jwks.ErrStatus},
		"429 with Retry-After":  {cognitotest.Status(429, 3600), jwks.ErrStatus},
		"500":                   {cognitotest.Status(500, 0), jwks.ErrStatus},
		"503":                   {cognitotest.Status(503, 1), jwks.ErrStatus},
		"a reset connection":    {cognitotest.Reset(), jwks.ErrTransport},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
			r.pool.Fail(tt.fault)
			r.clock.Advance(jwks.RefreshAfter)
			r.expectKey(t, r.kid(), jwks.OriginCache, 2)
			if e := r.events[1]; !errors.Is(e.Err, tt.want) || e.Keys != 0 {
				t.Errorf("observed %v, %d keys, want %v", e.Err, e.Keys, tt.want)
			}
			r.clock.Advance(jwks.MaxAge)
			r.expectError(t, r.kid(), jwks.ErrUnavailable, 3)
			r.pool.Heal()
			r.clock.Advance(jwks.RetryMax)
			r.expectKey(t, r.kid(), jwks.OriginFetch, 4)
		})
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests to where a redirect pointed", n)
	}
}

func TestTheStatedLengthOfASetMayBeMaxBytes(t *testing.T) {
	set := document(t, cognitotest.NewKey(t).JWK())
	for length, want := range map[int]error{jwks.MaxBytes: nil, jwks.MaxBytes + 1: jwks.ErrTooLarge} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(length))
			_, _ = fmt.Fprintf(w, "%-*s", length, set)
		}))
		defer server.Close()
		if _, err := jwks.Fetch(t.Context(), nil, server.URL); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", length, err, want)
		}
	}
}

func TestAClientThatUnpacksIsBoundedToo(t *testing.T) {
	r := newRig(t, func(c *jwks.Config) { c.HTTP = &http.Client{} }) // its transport unpacks gzip by itself
	r.pool.Fail(cognitotest.GzipBomb(10 << 20))
	r.expectError(t, r.kid(), jwks.ErrTooLarge, 1)
}

func TestAGivenClientIsBoundedAndLeftAsItIs(t *testing.T) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	r := newRig(t, func(c *jwks.Config) { c.HTTP = client })
	r.pool.Fail(cognitotest.Redirect(302, r.pool.Issuer()))
	r.expectError(t, r.kid(), jwks.ErrRedirect, 1)
	if client.CheckRedirect(nil, nil) != nil {
		t.Error("the caller's client was changed")
	}
}

func TestASlowServerIsAbandoned(t *testing.T) {
	for name, fault := range map[string]cognitotest.Fault{
		"no response": cognitotest.Hang(), "a response that stalls": cognitotest.SlowBody(),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(c *jwks.Config) {
				*c = c.WithLimits(func(l *jwks.Limits) { l.FetchTimeout = 20 * time.Millisecond })
			})
			r.pool.Fail(fault)
			_, err := r.Key(t.Context(), r.kid())
			if !errors.Is(err, jwks.ErrUnavailable) || !errors.Is(err, jwks.ErrTransport) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTLSIsVerified(t *testing.T) {
	pool := cognitotest.NewPool(t, cognitotest.WithTLS())
	c, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Key(t.Context(), pool.Keys()[0].ID); !errors.Is(err, jwks.ErrTransport) {
		t.Errorf("a certificate that nobody vouches for: got %v", err)
	}
	c, err = jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer()), HTTP: pool.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Key(t.Context(), pool.Keys()[0].ID); err != nil {
		t.Errorf("a certificate that the client trusts: got %v", err)
	}
}

func TestANameThatDoesNotResolveIsAnError(t *testing.T) {
	failing := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "issuer.example", IsNotFound: true}
	}}}
	c, err := jwks.New(jwks.Config{URL: "https://issuer.example/jwks.json", HTTP: failing})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Key(t.Context(), "a")
	var dns *net.DNSError
	if !errors.Is(err, jwks.ErrUnavailable) || !errors.Is(err, jwks.ErrTransport) || !errors.As(err, &dns) {
		t.Errorf("got %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]error{
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/jwks.json": nil,
		"https://localhost/jwks.json":        nil,
		"http://localhost:8080/jwks.json":    nil,
		"http://127.0.0.1:8080/jwks.json":    nil,
		"http://127.255.0.1/jwks.json":       nil,
		"http://[::1]:8080/jwks.json":        nil,
		"":                                   jwks.ErrURL,
		"/jwks.json":                         jwks.ErrURL,
		"https:///jwks.json":                 jwks.ErrURL,
		"https://:443/jwks.json":             jwks.ErrURL,
		"HTTPS://user@issuer.example/x":      jwks.ErrURL,
		"http://issuer.example/jwks.json":    jwks.ErrURL,
		"http://10.0.0.1/jwks.json":          jwks.ErrURL,
		"http://169.254.169.254/latest":      jwks.ErrURL,
		"http://localhost.evil.example/x":    jwks.ErrURL,
		"http://127.0.0.1.evil.example/x":    jwks.ErrURL,
		"http://127.0.0.1@evil.example/x":    jwks.ErrURL,
		"http://0.0.0.0/jwks.json":           jwks.ErrURL,
		"file:///etc/passwd":                 jwks.ErrURL,
		"ftp://issuer.example/jwks.json":     jwks.ErrURL,
		"https://issuer.example/x?y":         jwks.ErrURL,
		"https://issuer.example/x?":          jwks.ErrURL,
		"https://issuer.example/x#y":         jwks.ErrURL,
		"https://issuer.example/\x00":        jwks.ErrURL,
		"https://user:secret@issuer.example": jwks.ErrURL,
	} {
		if c, err := jwks.New(jwks.Config{URL: address}); !errors.Is(err, want) || (err == nil) != (c != nil) {
			t.Errorf("%q: got %v, want %v", address, err, want)
		}
	}
}

func TestEachFetchIsObserved(t *testing.T) {
	r := newRig(t)
	r.pool.Publish(document(t, r.pool.Keys()[0].JWK(), map[string]any{"kid": "curve", "kty": "EC"}))
	r.expectKey(t, r.kid(), jwks.OriginFetch, 1)
	r.pool.Fail(cognitotest.Status(500, 0))
	r.clock.Advance(jwks.RefreshAfter)
	r.expectKey(t, r.kid(), jwks.OriginCache, 2)
	if len(r.events) != 2 {
		t.Fatalf("%d events", len(r.events))
	}
	valid, invalid := r.events[0], r.events[1]
	if valid.Err != nil || valid.Keys != 1 || len(valid.Refused) != 1 || !errors.Is(valid.Refused[0], jwks.ErrKeyType) ||
		!strings.Contains(fmt.Sprint(valid.Refused[0]), "curve") {
		t.Errorf("a success was observed as %+v", valid)
	}
	if !errors.Is(invalid.Err, jwks.ErrStatus) || invalid.Keys != 0 || len(invalid.Refused) != 0 {
		t.Errorf("a failure was observed as %+v", invalid)
	}
}

func TestFetchIsOneFetchByTheSameRules(t *testing.T) {
	pool := cognitotest.NewPool(t)
	url := jwks.URL(pool.Issuer())
	set, err := jwks.Fetch(t.Context(), nil, url)
	if err != nil || set.Len() != len(pool.Keys()) || pool.Fetches() != 1 {
		t.Errorf("%d keys in %d fetches, %v", set.Len(), pool.Fetches(), err)
	}
	pool.Fail(cognitotest.Status(302, 0))
	if _, err := jwks.Fetch(t.Context(), http.DefaultClient, url); !errors.Is(err, jwks.ErrRedirect) {
		t.Errorf("a redirect: %v", err)
	}
	if _, err := jwks.Fetch(t.Context(), nil, "http://192.0.2.1/jwks.json"); !errors.Is(err, jwks.ErrURL) {
		t.Errorf("http to another host: %v", err)
	}
}
