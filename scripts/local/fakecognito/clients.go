package fakecognito

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
)

// client is an app client of the pool.
type client struct {
	id        string
	secret    string   // empty for a public client
	flows     []string // ExplicitAuthFlows, without ALLOW_
	grants    []string // AllowedOAuthFlows: "code", "client_credentials"
	scopes    []string // AllowedOAuthScopes
	callbacks []string
	logouts   []string
}

// makeClients creates the three app clients: one for browsers and command lines, one for servers, which has a secret, and one for
// machines.
func (p *pool) makeClients() {
	flows := []string{"USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"}
	if !p.RotateRefreshTokens {
		flows = append(flows, "REFRESH_TOKEN_AUTH")
	}
	userScopes := append([]string{"openid", "email", "phone", "profile", scopeSelf}, p.Scopes...)
	p.web = &client{
		id: newClientID(), flows: flows,
		grants: []string{"code"}, scopes: userScopes, callbacks: p.CallbackURLs, logouts: p.LogoutURLs,
	}
	p.confidential = &client{
		id: newClientID(), secret: newClientSecret(), flows: append(slices.Clone(flows), "ADMIN_USER_PASSWORD_AUTH"),
		grants: []string{"code"}, scopes: userScopes, callbacks: p.CallbackURLs, logouts: p.LogoutURLs,
	}
	p.machine = &client{
		id: newClientID(), secret: newClientSecret(),
		grants: []string{"client_credentials"}, scopes: p.Scopes,
	}
}

func newClientID() string     { return strings.ToLower(rand.Text()) }
func newClientSecret() string { return strings.ToLower(rand.Text() + rand.Text()) }

// WebClientID returns the ID of the client without a secret. It may use USER_PASSWORD_AUTH, USER_SRP_AUTH,
// USER_AUTH, refresh tokens, and the authorization code grant with PKCE.
func (s *Server) WebClientID() string { return s.pool.web.id }

// SecretClientID returns the ID of the client for people that has a secret. It may use what the web client may, and
// ADMIN_USER_PASSWORD_AUTH.
func (s *Server) SecretClientID() string { return s.pool.confidential.id }

// SecretClientSecret returns the secret of [Server.SecretClientID].
func (s *Server) SecretClientSecret() string { return s.pool.confidential.secret }

// MachineClientID returns the ID of the client that may only use the client credentials grant.
func (s *Server) MachineClientID() string { return s.pool.machine.id }

// MachineClientSecret returns the secret of [Server.MachineClientID].
func (s *Server) MachineClientSecret() string { return s.pool.machine.secret }

// clientByID returns the client, or nil if there is none with this ID.
func (p *pool) clientByID(id string) *client {
	for _, c := range []*client{p.web, p.confidential, p.machine} {
		if c.id == id {
			return c
		}
	}
	return nil
}

// client returns the app client of a call, or Cognito's error.
func (p *pool) client(id string) (*client, error) {
	if err := required("clientId", id); err != nil {
		return nil, err
	}
	if c := p.clientByID(id); c != nil {
		return c, nil
	}
	return nil, fail("ResourceNotFoundException", "User pool client %s does not exist.", id)
}

// allows returns an error unless the client may use the flow.
func (c *client) allows(flow string) error {
	if slices.Contains(c.flows, flow) {
		return nil
	}
	if strings.HasPrefix(flow, "ADMIN_") {
		return invalidParameter("Auth flow not enabled for this client")
	}
	return invalidParameter("%s flow not enabled for this client", flow)
}

// checkSecret reports whether secret is the client's, or is empty for a public client.
func (c *client) checkSecret(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(c.secret), []byte(secret)) == 1
}

// checkSecretHash returns an error unless hash proves knowledge of the client's secret for a call about one of the names. The hash
// is base64(HMAC-SHA256(secret, name + client ID)).
func (c *client) checkSecretHash(hash string, names ...string) error {
	if c.secret == "" {
		if hash != "" {
			return notAuthorized("Client %s is not configured with secret but SECRET_HASH was received", c.id)
		}
		return nil
	}
	if hash == "" {
		return notAuthorized("Client %s is configured with secret but SECRET_HASH was not received", c.id)
	}
	for _, name := range names {
		mac := hmac.New(sha256.New, []byte(c.secret))
		mac.Write([]byte(name + c.id))
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if subtle.ConstantTimeCompare([]byte(want), []byte(hash)) == 1 {
			return nil
		}
	}
	return notAuthorized("SecretHash does not match for the client: %s", c.id)
}
