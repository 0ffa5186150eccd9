package prove

import "github.com/cognito-authorizer/cognito-authorizer/shared/routes"

// CheckForm is Check of the policies in a form, or a later one.
var CheckForm = checkForm

// Serve returns the route that the prover's own model of API Gateway routes a call to; empty if there is none.
func Serve(t *routes.Table, method, path string) string {
	var g gateway
	for i, r := range t.Routes() {
		g = append(g, newRoute(i, r))
	}
	if r := g.serve(method, path); r != nil {
		return r.String()
	}
	return ""
}
