package cognitotest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// Pool is a fake user pool. It is closed when its test ends.
type Pool struct {
	*fakepool.KeyServer
	id     string
	server *httptest.Server
	now    func() time.Time

	mu       sync.Mutex // guards the fields below
	keys     [2]Key     // of access tokens, of ID tokens
	document []byte     // what the key server serves
}

// PoolOption is an option of [NewPool].
type PoolOption func(*settings)

type settings struct {
	clock *Clock
	tls   bool
	twin  *Pool
}

// WithClock makes the pool use the test's clock.
func WithClock(clock *Clock) PoolOption { return func(s *settings) { s.clock = clock } }

// WithTLS makes the key server use https, with a certificate that only [Pool.Client] trusts.
func WithTLS() PoolOption { return func(s *settings) { s.tls = true } }

// WithKeysOf makes the pool use the keys and key IDs of another pool, so that only the issuers differ.
func WithKeysOf(twin *Pool) PoolOption { return func(s *settings) { s.twin = twin } }

// NewPool starts a pool.
func NewPool(t testing.TB, options ...PoolOption) *Pool {
	t.Helper()
	var s settings
	for _, option := range options {
		option(&s)
	}
	p := &Pool{id: "eu-west-1_" + fakepool.NewUUID()[:8] + "A", now: time.Now}
	p.KeyServer = fakepool.NewKeyServer(p.JWKS)
	if s.clock != nil {
		p.now = s.clock.Now
	}
	if s.twin != nil {
		p.keys = s.twin.Keys()
	} else {
		p.keys = [2]Key{NewKey(t), NewKey(t)}
	}
	p.document = fakepool.KeySet(p.keys[0], p.keys[1])
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // many tests break connections on purpose
	if s.tls {
		p.server.StartTLS()
	} else {
		p.server.Start()
	}
	t.Cleanup(func() {
		p.Heal()
		p.server.Close()
	})
	return p
}

// ServeHTTP implements [http.Handler]: the key set at its URL, and 404 elsewhere.
func (p *Pool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != jwks.URL("/"+p.id) {
		http.NotFound(w, r)
		return
	}
	p.KeyServer.ServeHTTP(w, r)
}

// Issuer returns the pool's iss: http on loopback, or https with [WithTLS].
func (p *Pool) Issuer() string { return p.server.URL + "/" + p.id }

// ID returns the pool's ID.
func (p *Pool) ID() string { return p.id }

// Client returns an HTTP client that trusts the pool's certificate.
func (p *Pool) Client() *http.Client { return p.server.Client() }

// Keys returns the key of access tokens and the key of ID tokens.
func (p *Pool) Keys() [2]Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys
}

func (p *Pool) accessKey() Key { return p.Keys()[0] }
func (p *Pool) idKey() Key     { return p.Keys()[1] }

// JWKS returns the document that the key server serves when it does not fail.
func (p *Pool) JWKS() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.document
}

// Rotate replaces both keys, publishes the new ones and withdraws the old ones.
func (p *Pool) Rotate(t testing.TB) {
	t.Helper()
	keys := [2]Key{NewKey(t), NewKey(t)}
	document := fakepool.KeySet(keys[0], keys[1])
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys, p.document = keys, document
}

// Publish replaces the served document, for example by one that lacks a key, until the next Rotate.
func (p *Pool) Publish(document []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.document = document
}

// KeySet returns the key set document that holds these keys.
func KeySet(_ testing.TB, keys ...Key) []byte {
	return fakepool.KeySet(keys...)
}
