package gateway

import (
	"encoding/json"
	"net/http"
)

// metadataPath is where a protected resource describes itself (RFC 9728). Under API Gateway's own host it lies below the stage,
// so a 401 has to name it by its whole URL.
const metadataPath = "/.well-known/oauth-protected-resource"

// metadata responds to a request for the protected resource metadata, as the mock integration that Terraform deploys. ok is false for
// any other request, and if the contract has the path itself.
func (g *Gateway) metadata(method, path string) (r response, ok bool) {
	if len(g.options.AuthorizationServers) == 0 || path != metadataPath || method != http.MethodGet {
		return response{}, false
	}
	if route, _ := g.routes.match(method, path); route != nil && route.template == metadataPath {
		return response{}, false
	}
	body, err := json.Marshal(map[string]any{
		"resource": g.url, "authorization_servers": g.options.AuthorizationServers, "bearer_methods_supported": []string{"header"},
		"scopes_supported": g.options.ScopesSupported,
	})
	if err != nil {
		return response{}, false // strings can always be encoded
	}
	return response{status: http.StatusOK, body: body, headers: []header{
		{"Content-Type", jsonType}, {"Access-Control-Allow-Origin", "*"}, {"Cache-Control", "max-age=3600"},
	}}, true
}

// challenge returns the WWW-Authenticate of a 401 (RFC 6750 section 3.1, RFC 9728 section 5.1).
func (g *Gateway) challenge() string {
	challenge := `Bearer error="invalid_token"`
	if len(g.options.AuthorizationServers) > 0 {
		challenge += `, resource_metadata="` + g.url + metadataPath + `"`
	}
	return challenge
}
