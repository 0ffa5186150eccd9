package fakecognito

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// Server is a running fake. Its methods may be called concurrently.
type Server struct {
	url    string
	pool   *pool
	http   *http.Server
	served chan error

	faultsLock sync.Mutex
	faultsNow  Faults
	keySet     *fakepool.KeyServer
}

// Faults are failures that the fake can simulate.
type Faults struct {
	KeysDown  bool // requests for the key set get 503
	Throttled bool // calls of the user pools API get TooManyRequestsException
}

// Start creates a pool with new keys and serves it until [Server.Close]. It fails if an option is invalid, and then lists all
// invalid ones, or if it cannot listen on the address.
func Start(o Options) (*Server, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("fake cognito: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("fake cognito: %w", err)
	}
	s := &Server{url: "http://" + listener.Addr().String(), served: make(chan error, 1)}
	s.pool, err = newPool(o, s.url)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("fake cognito: %w", err), listener.Close())
	}
	s.keySet = fakepool.NewKeyServer(s.pool.keySet)
	s.http = &http.Server{
		Handler:           ownhost.Only(listener.Addr(), s.routes()),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	go func() { s.served <- s.http.Serve(listener) }()
	return s, nil
}

// Close stops the server, closes all connections and discards the pool.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close() // connections are still active
	}
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// URL returns the value for AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, without a trailing slash.
func (s *Server) URL() string { return s.url }

// Issuer returns the iss claim of the tokens. The key set is at Issuer()/.well-known/jwks.json.
func (s *Server) Issuer() string { return s.pool.issuer }

// PoolID returns the ID of the pool, such as eu-west-1_AbCdEf123.
func (s *Server) PoolID() string { return s.pool.id }

// Region returns the AWS region in the pool's ID.
func (s *Server) Region() string { return s.pool.Region }

// TokenURL returns the URL of the OAuth 2.0 token endpoint.
func (s *Server) TokenURL() string { return s.url + "/oauth2/token" }

// AuthorizeURL returns the URL of the OAuth 2.0 authorization endpoint, where a browser starts to sign in.
func (s *Server) AuthorizeURL() string { return s.url + "/oauth2/authorize" }

// SetFaults sets which failures to simulate from now on. The zero Faults ends them.
func (s *Server) SetFaults(f Faults) {
	s.faultsLock.Lock()
	defer s.faultsLock.Unlock()
	s.faultsNow = f
	if f.KeysDown {
		s.keySet.Fail(fakepool.Status(http.StatusServiceUnavailable, 0))
	} else {
		s.keySet.Heal()
	}
}

func (s *Server) faults() Faults {
	s.faultsLock.Lock()
	defer s.faultsLock.Unlock()
	return s.faultsNow
}

// Rotate replaces the signing keys. The old keys stay in the key set for as long as a token that they signed can be valid.
func (s *Server) Rotate() error {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return s.pool.keys.rotate(s.pool.Now())
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	// Scripts of any origin may call these.
	for pattern, handler := range map[string]http.HandlerFunc{
		"POST /{$}":                                    s.serveAPI,
		"GET /{pool}/.well-known/jwks.json":            s.serveKeys,
		"GET /{pool}/.well-known/openid-configuration": s.serveDiscovery,
		"POST /oauth2/token":                           s.serveToken,
		"POST /oauth2/revoke":                          s.serveRevoke,
		"GET /oauth2/userInfo":                         s.serveUserInfo,
	} {
		_, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(pattern, anyOrigin(handler))
		mux.HandleFunc("OPTIONS "+path, anyOrigin(preflight))
	}
	// Browsers navigate to these. Scripts of other origins cannot read the responses.
	mux.HandleFunc("GET /oauth2/authorize", s.serveAuthorize)
	mux.HandleFunc("GET /login", s.serveLoginPage)
	mux.HandleFunc("POST /login", s.serveLogin)
	mux.HandleFunc("GET /logout", s.serveLogout)
	return mux
}

func (s *Server) serveKeys(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("pool") != s.pool.id {
		http.NotFound(w, r)
		return
	}
	s.keySet.ServeHTTP(w, r)
}

func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("pool") != s.pool.id {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                s.pool.issuer,
		"jwks_uri":                              s.pool.issuer + "/.well-known/jwks.json",
		"authorization_endpoint":                s.url + "/oauth2/authorize",
		"token_endpoint":                        s.url + "/oauth2/token",
		"revocation_endpoint":                   s.url + "/oauth2/revoke",
		"userinfo_endpoint":                     s.url + "/oauth2/userInfo",
		"end_session_endpoint":                  s.url + "/logout",
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"code"},
		"scopes_supported":                      []string{"openid", "email", "phone", "profile"},
		"subject_types_supported":               []string{"public"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":      []string{"S256"},
	})
}

// anyOrigin allows scripts of any origin to read the response, as Cognito does. "*" excludes cookies.
func anyOrigin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		next(w, r)
	}
}

// preflight answers a CORS preflight request.
func preflight(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Methods", "GET,POST,OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization,Content-Type,Cache-Control,X-Amz-Target,"+
		"X-Amz-User-Agent,X-Amz-Date,X-Amz-Security-Token,X-Amz-Content-Sha256,Amz-Sdk-Invocation-Id,Amz-Sdk-Request")
	w.Header().Set("Access-Control-Max-Age", "172800")
	w.WriteHeader(http.StatusOK)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only if the client is gone
}
