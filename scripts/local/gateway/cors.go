package gateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
)

// corsHeaders are those on every response of the gateway itself to a page of an allowed origin; the function adds
// its own to its responses. API Gateway can put one fixed origin there or mirror any; this front mirrors those
// that are allowed, which is what a browser of an allowed page sees either way.
func (g *Gateway) corsHeaders(origin string) []header {
	if !slices.Contains(g.options.AllowedOrigins, origin) {
		return nil
	}
	return []header{{"Access-Control-Allow-Origin", origin}, {"Vary", "Origin"}}
}

// preflight handles OPTIONS, as a mock integration without authorization does. Browsers never send a token
// with it. Authorization is named, since * would not cover it.
func (g *Gateway) preflight(r *route, origin string) response {
	var methods []string
	for _, o := range g.routes.routes {
		switch {
		case !samePaths(*r, o) || o.preflight:
		case o.method == contractjson.AnyMethod:
			methods = append(methods, "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
		default:
			methods = append(methods, o.method)
		}
	}
	slices.Sort(methods)
	methods = slices.Compact(methods)
	methods = append(methods, http.MethodOptions)
	return response{status: http.StatusNoContent, headers: append([]header{
		{"Access-Control-Allow-Headers", "Authorization,Content-Type"},
		{"Access-Control-Allow-Methods", strings.Join(methods, ",")},
		{"Access-Control-Max-Age", "600"},
	}, g.corsHeaders(origin)...)}
}
