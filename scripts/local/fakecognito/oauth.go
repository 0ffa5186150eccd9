package fakecognito

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// oauthError is an error code of the OAuth 2.0 endpoints (RFC 6749 §5.2). As in Cognito, the status is always 400.
type oauthError struct{ code string }

func (e *oauthError) Error() string { return e.code }

var (
	errInvalidRequest   = &oauthError{"invalid_request"}
	errInvalidClient    = &oauthError{"invalid_client"}
	errInvalidGrant     = &oauthError{"invalid_grant"}
	errInvalidScope     = &oauthError{"invalid_scope"}
	errUnauthorized     = &oauthError{"unauthorized_client"}
	errUnsupportedGrant = &oauthError{"unsupported_grant_type"}
)

// tokenResponse is the response of the token endpoint (RFC 6749 §5.1).
type tokenResponse struct {
	IDToken      string `json:"id_token,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

func newTokenResponse(r authResult) tokenResponse {
	return tokenResponse{IDToken: r.IDToken, AccessToken: r.AccessToken, RefreshToken: r.RefreshToken, ExpiresIn: r.ExpiresIn, TokenType: r.TokenType}
}

// serveToken serves POST /oauth2/token.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	out, err := s.pool.do(func() (any, error) { return s.pool.token(r, form) })
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, out)
}

// readForm reads an x-www-form-urlencoded body without repeated parameters (RFC 6749 §3.2).
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, errInvalidRequest
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, errInvalidRequest
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errInvalidRequest
	}
	for _, values := range form {
		if len(values) > 1 {
			return nil, errInvalidRequest
		}
	}
	return form, nil
}

func writeOAuthError(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	var refusal *oauthError
	var fromAPI *apiError
	switch {
	case errors.As(err, &refusal):
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": refusal.code})
	case errors.As(err, &fromAPI) && fromAPI.Type == "UnsupportedTokenTypeException":
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "unsupported_token_type"})
	case errors.As(err, &fromAPI): // an invalid refresh token, or a user who may not sign in
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": errInvalidGrant.code})
	default:
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
	}
}

// oauthClient authenticates the calling client, by Basic authentication or by client_id and client_secret in the body, but not
// both. A client without a secret only sends its ID.
func (p *pool) oauthClient(r *http.Request, form url.Values) (*client, error) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if r.Header.Get("Authorization") != "" {
		user, password, ok := r.BasicAuth()
		name, err := url.QueryUnescape(user) // RFC 6749 §2.3.1
		decoded, err2 := url.QueryUnescape(password)
		if !ok || err != nil || err2 != nil {
			return nil, errInvalidClient
		}
		if secret != "" || (id != "" && id != name) {
			return nil, errInvalidRequest
		}
		id, secret = name, decoded
	}
	if id == "" {
		return nil, errInvalidRequest
	}
	c := p.clientByID(id)
	if c == nil || !c.checkSecret(secret) {
		return nil, errInvalidClient
	}
	return c, nil
}

func (p *pool) token(r *http.Request, form url.Values) (any, error) {
	c, err := p.oauthClient(r, form)
	if err != nil {
		return nil, err
	}
	switch form.Get("grant_type") {
	case "":
		return nil, errInvalidRequest
	case "client_credentials":
		return p.clientCredentials(c, form)
	case "authorization_code":
		return p.codeGrant(c, form)
	case "refresh_token":
		return p.refreshGrant(c, form)
	}
	return nil, errUnsupportedGrant
}

// clientCredentials issues an access token to a machine client, with the requested scopes or all that it may have.
func (p *pool) clientCredentials(c *client, form url.Values) (any, error) {
	if !slices.Contains(c.grants, "client_credentials") || c.secret == "" {
		return nil, errUnauthorized
	}
	scopes, err := c.grantedScopes(form.Get("scope"))
	if err != nil {
		return nil, err
	}
	token, err := fakepool.SignClaims(p.keys.access, p.machineClaims(c, scopes, p.Now()))
	if err != nil {
		return nil, err
	}
	return tokenResponse{AccessToken: token, ExpiresIn: int(p.AccessTokenValidity.Seconds()), TokenType: "Bearer"}, nil
}

// grantedScopes returns the requested scopes, or all of the client's if none is requested. A scope that the client may not have is an
// error.
func (c *client) grantedScopes(requested string) ([]string, error) {
	scopes := strings.Fields(requested)
	if len(scopes) == 0 {
		return c.scopes, nil
	}
	for _, scope := range scopes {
		if !slices.Contains(c.scopes, scope) {
			return nil, errInvalidScope
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// refreshGrant implements the refresh_token grant, the OAuth form of GetTokensFromRefreshToken.
func (p *pool) refreshGrant(c *client, form url.Values) (any, error) {
	if form.Get("refresh_token") == "" {
		return nil, errInvalidRequest
	}
	r, err := p.validRefreshToken(c, form.Get("refresh_token"))
	if err != nil {
		return nil, err
	}
	result, err := p.renew(r)
	if err != nil {
		return nil, err
	}
	return newTokenResponse(result), nil
}
