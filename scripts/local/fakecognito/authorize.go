package fakecognito

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

const (
	codeValidity    = 5 * time.Minute // validity of an authorization code, as in Cognito
	browserValidity = time.Hour       // validity of the sign-in page's cookie, as in Cognito
)

// authorization is a validated authorization request (RFC 6749 §4.1.1, RFC 7636, OpenID Connect Core §3.1.2.1).
type authorization struct {
	client      *client
	redirectURI string
	state       string
	nonce       string
	challenge   string // PKCE code challenge (S256); may be empty
	scopes      []string
	resource    string // what the access token is bound to (RFC 8707); may be empty
	prompt      string
	query       string // the original request, which the sign-in page sends back
}

// errRedirectURI reports a request without a known client and redirect URI, so that there is no safe URL to redirect to.
var errRedirectURI = errors.New("unknown client_id or redirect_uri")

var (
	pkceChallenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	pkceVerifier  = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)
)

// parseAuthorization validates a request. With errRedirectURI the browser must not be redirected. Any other error is reported to
// the application by redirecting to redirectURI.
func (p *pool) parseAuthorization(q url.Values) (authorization, error) {
	a := authorization{
		client: p.clientByID(q.Get("client_id")), redirectURI: q.Get("redirect_uri"),
		state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), prompt: q.Get("prompt"), resource: q.Get("resource"), query: q.Encode(),
	}
	if a.client == nil || len(q["client_id"]) > 1 || len(q["redirect_uri"]) > 1 || !slices.Contains(a.client.callbacks, a.redirectURI) {
		return authorization{}, errRedirectURI
	}
	for _, values := range q {
		if len(values) > 1 {
			return a, errInvalidRequest
		}
	}
	switch {
	case q.Get("response_type") == "":
		return a, errInvalidRequest
	case a.resource != "" && !isResource(a.resource):
		return a, &oauthError{"invalid_target"} // RFC 8707 section 2
	case q.Get("response_type") != "code":
		return a, &oauthError{"unsupported_response_type"}
	case !slices.Contains(a.client.grants, "code"):
		return a, errUnauthorized
	case a.challenge == "" && a.client.secret == "":
		return a, errInvalidRequest // stricter than Cognito: public clients must use PKCE
	case a.challenge != "" && (q.Get("code_challenge_method") != "S256" || !pkceChallenge.MatchString(a.challenge)):
		return a, errInvalidRequest
	}
	var err error
	a.scopes, err = a.client.grantedScopes(q.Get("scope"))
	return a, err
}

// isResource reports whether s is an absolute URI without a fragment (RFC 8707 section 2).
func isResource(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && u.Fragment == "" && len(s) <= 1024
}

// redirect sends the browser back to the application.
func (a authorization) redirect(w http.ResponseWriter, r *http.Request, parameters url.Values) {
	if a.state != "" {
		parameters.Set("state", a.state)
	}
	u, err := url.Parse(a.redirectURI)
	if err != nil { // cannot happen: registered URLs were parsed
		notice(w, "The address of the application is not a URL.")
		return
	}
	q := u.Query()
	for name := range parameters {
		q.Set(name, parameters.Get(name))
	}
	u.RawQuery = q.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, u.String(), http.StatusFound)
}

// refuse reports err to the application or, if there is no safe redirect URI, to the person.
func (a authorization) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *oauthError
	switch {
	case errors.Is(err, errRedirectURI):
		notice(w, "The application is unknown, or its redirect_uri is not registered.")
	case errors.As(err, &refusal):
		a.redirect(w, r, url.Values{"error": {refusal.code}})
	default:
		a.redirect(w, r, url.Values{"error": {"server_error"}})
	}
}

// serveAuthorize serves GET /oauth2/authorize. A browser that is signed in at the sign-in page gets a code at once, any other is
// redirected to the sign-in page.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	a, err := s.pool.parseAuthorization(r.URL.Query())
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	var code string
	_, err = s.pool.do(func() (any, error) {
		if b := s.pool.browser(r); b != nil && a.prompt != "login" {
			code = s.pool.newCode(a, b)
		}
		return nil, nil
	})
	switch {
	case err != nil:
		a.refuse(w, r, err)
	case code != "":
		a.redirect(w, r, url.Values{"code": {code}})
	case a.prompt == "none":
		a.refuse(w, r, &oauthError{"login_required"})
	default:
		http.Redirect(w, r, "/login?"+a.query, http.StatusFound)
	}
}

// browser is a browser that is signed in at the sign-in page, identified by a cookie.
type browser struct {
	user     *user
	authTime time.Time
}

const browserCookie = "cognito"

// browser returns the signed-in browser of a request, or nil.
func (p *pool) browser(r *http.Request) *browser {
	cookie, err := r.Cookie(browserCookie)
	if err != nil {
		return nil
	}
	b := p.browsers[sha256.Sum256([]byte(cookie.Value))]
	if b == nil || !p.Now().Before(b.authTime.Add(browserValidity)) {
		return nil
	}
	return b
}

// rememberBrowser signs a browser in and returns the value of its cookie.
func (p *pool) rememberBrowser(u *user) (*browser, string) {
	b, value := &browser{user: u, authTime: p.Now()}, randomToken()
	p.browsers[sha256.Sum256([]byte(value))] = b
	return b, value
}

func (p *pool) forgetBrowser(cookie string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.browsers, sha256.Sum256([]byte(cookie)))
}

// authorizationCode is an issued authorization code. The code itself is not stored.
type authorizationCode struct {
	authorization
	browser browser
	expires time.Time
	session *session // that it was exchanged for; nil before
	used    bool
}

func (p *pool) newCode(a authorization, b *browser) string {
	code := fakepool.NewUUID()
	p.codes[sha256.Sum256([]byte(code))] = &authorizationCode{authorization: a, browser: *b, expires: p.Now().Add(codeValidity)}
	return code
}

// codeGrant exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.6). The first attempt uses the code up, even if it fails. A
// second attempt also revokes the session of the first (RFC 6749 §4.1.2).
func (p *pool) codeGrant(c *client, form url.Values) (any, error) {
	if form.Get("code") == "" || form.Get("redirect_uri") == "" {
		return nil, errInvalidRequest
	}
	code := p.codes[sha256.Sum256([]byte(form.Get("code")))]
	if code == nil || code.client != c {
		return nil, errInvalidGrant
	}
	if code.used {
		if code.session != nil {
			code.session.revoked = true
		}
		return nil, errInvalidGrant
	}
	code.used = true
	if !p.Now().Before(code.expires) || form.Get("redirect_uri") != code.redirectURI || !code.verifiedBy(form.Get("code_verifier")) {
		return nil, errInvalidGrant
	}
	if err := code.browser.user.maySignIn(); err != nil {
		return nil, errInvalidGrant
	}
	s := p.startSession(code.browser.user, c)
	s.authTime, s.scopes, s.hosted, s.nonce = code.browser.authTime, code.scopes, true, code.nonce
	s.resource = code.resource
	code.session = s
	result, err := p.issue(s)
	if err != nil {
		return nil, err
	}
	s.nonce = "" // refreshed ID tokens have no nonce (OpenID Connect Core §12.2)
	result.RefreshToken = p.newRefreshToken(s, p.Now().Add(p.RefreshTokenValidity))
	return newTokenResponse(result), nil
}

// verifiedBy reports whether verifier is the PKCE code verifier of the challenge. Without a challenge it must be empty.
func (c *authorizationCode) verifiedBy(verifier string) bool {
	if c.challenge == "" || verifier == "" {
		return c.challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	got := base64.RawURLEncoding.EncodeToString(sum[:])
	return pkceVerifier.MatchString(verifier) && subtle.ConstantTimeCompare([]byte(got), []byte(c.challenge)) == 1
}
