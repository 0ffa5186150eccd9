package smoke

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// verdict says what is wrong with an answer and what that means, in one sentence; empty if all is well.
func (r result) verdict(origin string) string {
	if r.err != nil {
		return "the API cannot be reached: " + r.err.Error()
	}
	if !r.expected.met(r.status, r.headers.Get(errorType)) {
		return r.meaning()
	}
	return r.cors(origin)
}

// errorType is the header in which API Gateway names the kind of a refusal of its own.
const errorType = "x-amzn-ErrorType"

// meaning explains a wrong status. The first that fits is the most telling.
func (r result) meaning() string {
	const otherTable = ": the deployed route table is another one, or an answer for one route is replayed for others"
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
		return "a fault of the API or of the authorizer: see their logs"
	case r.status == http.StatusTooManyRequests:
		return "API Gateway throttles: wait and try again"
	case r.expected == preflight:
		return "a preflight request is not answered, so no page of another origin can call this with a token"
	case absent:
		return "the route is not there: another contract is deployed, or --url lacks the stage"
	case success && (r.caller == nobody || r.caller == unknownToken):
		return "the authorizer lets everybody in: a call by " + r.caller + " was answered" + unless
	case success && r.caller == ended:
		return "a token that has ended still opens the API: an answer from before its end is replayed, or the end is not checked" + unless
	case success:
		return "the authorizer lets in whom the contract keeps out (" + r.caller + " " + r.why + ")" + otherTable + unless
	case r.expected == unauthorized && r.status == http.StatusForbidden:
		return "a caller without a valid token must get 401, or no client will sign in again"
	case r.caller == nobody && (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden):
		return "the route is public, and yet an authorizer guards it"
	case r.status == http.StatusUnauthorized:
		return "the authorizer refuses the token itself: it is of another user pool or client, or of the wrong kind"
	case r.status == http.StatusForbidden:
		return "the authorizer keeps out whom the contract lets in (" + r.caller + ": " + r.why + ")" + otherTable
	}
	return "neither the API nor API Gateway should answer so"
}

// cors says what keeps a page of origin from reading the answer. Tokens travel in a header and not in
// cookies, so * is as good as the origin (https://fetch.spec.whatwg.org/#cors-check).
func (r result) cors(origin string) string {
	if origin == "" {
		return ""
	}
	if got := r.headers.Get("Access-Control-Allow-Origin"); got != origin && got != "*" {
		who := "the API's own answer lacks it"
		if r.status >= 400 {
			who = "the answers that API Gateway gives itself need it too (gateway responses)"
		}
		return fmt.Sprintf("a page of %s cannot read this answer: Access-Control-Allow-Origin is %q; %s", origin, got, who)
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
