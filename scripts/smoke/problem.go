package smoke

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// problem returns what is wrong with a response and what that means, in one sentence, or an empty string.
func (r result) problem(origin string) string {
	if r.err != nil {
		return "the API cannot be reached: " + r.err.Error()
	}
	if !r.expected.met(r.status, r.headers.Get(errorType)) {
		return r.meaning()
	}
	return r.cors(origin)
}

// errorType is the header with the kind of API Gateway's own refusal.
const errorType = "x-amzn-ErrorType"

// meaning explains an unexpected status. The first case that applies is the most specific.
func (r result) meaning() string {
	const otherTable = ": another route table is deployed, or a cached result of one route is used for others"
	success := r.status >= 200 && r.status < 300
	absent := strings.HasPrefix(r.headers.Get(errorType), unknownRoute)
	var unless string
	if r.status == http.StatusNotFound { // of what the route names, or of the route itself?
		absent = r.path == r.route
		success, unless = !absent, ", unless the route is not deployed at all"
	}
	switch {
	case strings.HasPrefix(r.headers.Get(errorType), "AuthorizerConfigurationException"):
		return "the authorizer failed, or API Gateway may not call it: see the authorizer's log"
	case r.status >= http.StatusInternalServerError:
		return "an error of the API or of the authorizer: see their logs"
	case r.status == http.StatusTooManyRequests:
		return "API Gateway throttles: wait and try again"
	case r.expected == preflight:
		return "preflight requests fail, so no page of another origin can call this with a token"
	case absent:
		return "the route is not there: another contract is deployed, or --url lacks the stage"
	case success && (r.caller == nobody || r.caller == unknownToken):
		return "the authorizer allows everybody: a call by " + r.caller + " succeeded" + unless
	case success && r.caller == expired:
		return "an expired token is still accepted: a cached result outlives the token, or exp is not checked" + unless
	case success:
		return "the authorizer allows a caller whom the contract denies (" + r.caller + " " + r.why + ")" + otherTable + unless
	case r.expected == unauthorized && r.status == http.StatusForbidden:
		return "a caller without a valid token must get 401, or no client will sign in again"
	case r.caller == nobody && (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden):
		return "the route is public, but an authorizer is attached to it"
	case r.status == http.StatusUnauthorized:
		return "the authorizer refuses the token itself: it is of another user pool or client, or of the wrong kind"
	case r.status == http.StatusForbidden:
		return "the authorizer denies a caller whom the contract allows (" + r.caller + ": " + r.why + ")" + otherTable
	}
	return "neither the API nor API Gateway should respond with this status"
}

// cors returns what keeps a page of origin from reading the response. Tokens are in a header, not in cookies, so * is as
// good as the origin (https://fetch.spec.whatwg.org/#cors-check).
func (r result) cors(origin string) string {
	if origin == "" {
		return ""
	}
	if got := r.headers.Get("Access-Control-Allow-Origin"); got != origin && got != "*" {
		who := "the API's own response lacks it"
		if r.status >= 400 {
			who = "API Gateway's own responses need it too (gateway responses)"
		}
		return fmt.Sprintf("a page of %s cannot read this response: Access-Control-Allow-Origin is %q; %s", origin, got, who)
	}
	if r.expected != preflight {
		return ""
	}
	if !lists(r.headers, "Access-Control-Allow-Headers", "authorization") { // * does not cover this one
		return "a page may not send its token: Access-Control-Allow-Headers does not name Authorization"
	}
	return ""
}

func lists(h http.Header, name, want string) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(h.Values(name), ","), ","), func(item string) bool {
		return strings.EqualFold(strings.TrimSpace(item), want)
	})
}
