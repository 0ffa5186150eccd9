package cognitotest

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// Pool is a user pool. It ends with the test that made it.
type Pool struct {
	id     string
	server *httptest.Server
	now    func() time.Time

	mu       sync.Mutex // guards what follows
	keys     [2]Key     // of access tokens, of ID tokens
	document []byte     // what the key server serves
	fetches  int
	fault    Fault
	release  chan struct{} // closed when the fault ends
}

// PoolOption changes a pool before it starts.
type PoolOption func(*settings)

type settings struct {
	clock *Clock
	tls   bool
	twin  *Pool
}

// WithClock lets the pool live by a clock of the test's.
func WithClock(clock *Clock) PoolOption { return func(s *settings) { s.clock = clock } }

// WithTLS serves https with a certificate that only [Pool.Client] trusts.
func WithTLS() PoolOption { return func(s *settings) { s.tls = true } }

// WithKeysOf returns the pool another's keys and key ids, so that only their issuers tell them apart.
func WithKeysOf(twin *Pool) PoolOption { return func(s *settings) { s.twin = twin } }

// NewPool starts a pool.
func NewPool(t testing.TB, options ...PoolOption) *Pool {
	t.Helper()
	var s settings
	for _, option := range options {
		option(&s)
	}
	p := &Pool{id: "eu-west-1_" + poolName(), now: time.Now, release: make(chan struct{})}
	if s.clock != nil {
		p.now = s.clock.Now
	}
	if s.twin != nil {
		p.keys = s.twin.Keys()
	} else {
		p.keys = [2]Key{NewKey(t), NewKey(t)}
	}
	p.document = KeySet(t, p.keys[0], p.keys[1])
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // broken connections are what many tests want
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

// ServeHTTP is the key server.
func (p *Pool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != jwks.URL("/"+p.id) {
		http.NotFound(w, r)
		return
	}
	p.mu.Lock()
	p.fetches++
	document, fault, release := p.document, p.fault, p.release
	p.mu.Unlock()
	if fault != nil {
		fault(w, r, release)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document)
}

// Issuer is the pool's iss: http on loopback, or https after WithTLS.
func (p *Pool) Issuer() string { return p.server.URL + "/" + p.id }

// ID is the pool's id.
func (p *Pool) ID() string { return p.id }

// Client is an HTTP client that trusts the pool's certificate.
func (p *Pool) Client() *http.Client { return p.server.Client() }

// Keys are the key of access tokens and the key of ID tokens.
func (p *Pool) Keys() [2]Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys
}

func (p *Pool) accessKey() Key { return p.Keys()[0] }
func (p *Pool) idKey() Key     { return p.Keys()[1] }

// JWKS is the document that the key server serves when it has no fault.
func (p *Pool) JWKS() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.document
}

// Rotate takes two new keys, publishes them and withdraws the old ones.
func (p *Pool) Rotate(t testing.TB) {
	t.Helper()
	keys := [2]Key{NewKey(t), NewKey(t)}
	document := KeySet(t, keys[0], keys[1])
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys, p.document = keys, document
}

// Publish replaces the served document, for instance by one that lacks a key, until the next Rotate.
func (p *Pool) Publish(document []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.document = document
}

// Fetches is how often the key set was asked for, faults included.
func (p *Pool) Fetches() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

// Fail lets every further request for the key set meet a fault, until Heal.
func (p *Pool) Fail(fault Fault) {
	p.Heal()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

// Heal ends the fault and releases the requests that hang in it.
func (p *Pool) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = nil
	close(p.release)
	p.release = make(chan struct{})
}

// KeySet is a key set document of these keys.
func KeySet(t testing.TB, keys ...Key) []byte {
	t.Helper()
	list := make([]map[string]any, len(keys))
	for i, key := range keys {
		list[i] = key.JWK()
	}
	b, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		t.Fatalf("writing a key set: %v", err)
	}
	return b
}

// poolName is the second half of a pool id: nine characters.
func poolName() string {
	return uuid()[:8] + "A"
}
