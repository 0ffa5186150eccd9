package fakepool

import (
	"net/http"
	"strconv"
	"sync"
)

// KeyServer serves a key set at every path, or fails as [KeyServer.Fail] demands. Its methods may be called concurrently.
type KeyServer struct {
	document func() []byte

	mu      sync.Mutex // guards the fields below
	fetches int
	fault   Fault
	release chan struct{} // closed when the fault ends
}

// NewKeyServer returns a server of the key set that document returns at the time of the request.
func NewKeyServer(document func() []byte) *KeyServer {
	return &KeyServer{document: document, release: make(chan struct{})}
}

// ServeHTTP implements [http.Handler].
func (s *KeyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.fetches++
	fault, release := s.fault, s.release
	s.mu.Unlock()
	if fault != nil {
		fault(w, r, release)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(s.document())
}

// Fetches returns the number of requests so far, including those that failed.
func (s *KeyServer) Fetches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetches
}

// Fail makes every request fail until [KeyServer.Heal].
func (s *KeyServer) Fail(fault Fault) {
	s.Heal()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Heal ends the fault and releases the requests that it keeps waiting.
func (s *KeyServer) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = nil
	close(s.release)
	s.release = make(chan struct{})
}

// Fault is what a key server does instead of serving its key set. [KeyServer.Heal] closes release.
type Fault func(w http.ResponseWriter, r *http.Request, release <-chan struct{})

// Status returns a fault that responds with a status and, unless retryAfter is 0, with a Retry-After of so many seconds.
func Status(code, retryAfter int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		if retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(`{"message":"no"}`))
	}
}
