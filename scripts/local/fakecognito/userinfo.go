package fakecognito

import (
	"net/http"
	"slices"
	"strings"
)

// serveUserInfo serves /oauth2/userInfo (OpenID Connect Core §5.3). The access token needs the scope openid.
func (s *Server) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	out, err := s.pool.do(func() (any, error) {
		session, scopes, err := s.pool.checkAccessToken(token)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(scopes, "openid") {
			return nil, errInvalidScope
		}
		info := map[string]string{"sub": session.user.sub, "username": session.user.name}
		for name, value := range session.user.attributes {
			info[name] = value // email_verified is a string here, unlike in the ID token
		}
		return info, nil
	})
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750 §3
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// serveRevoke serves POST /oauth2/revoke (RFC 7009), the OAuth form of RevokeToken.
func (s *Server) serveRevoke(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	_, err = s.pool.do(func() (any, error) {
		c, err := s.pool.oauthClient(r, form)
		if err != nil {
			return nil, err
		}
		if form.Get("token") == "" {
			return nil, errInvalidRequest
		}
		return nil, s.pool.revoke(c, form.Get("token"))
	})
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}
