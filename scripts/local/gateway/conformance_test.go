package gateway_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
)

// Responses of API Gateway, as clients of the real service have reported them.
type answer struct {
	status    int
	errorType string // x-amzn-ErrorType
	key       string // of the message in the body
	message   any
}

var (
	unauthorized   = answer{401, "UnauthorizedException", "message", "Unauthorized"}
	explicitDeny   = answer{403, "AccessDeniedException", "message", "User is not authorized to access this resource with an explicit deny in an identity-based policy"}
	implicitDeny   = answer{403, "AccessDeniedException", "message", "User is not authorized to access this resource"}
	noRoute        = answer{403, "MissingAuthenticationTokenException", "message", "Missing Authentication Token"}
	configuration  = answer{500, "AuthorizerConfigurationException", "message", nil}
	badGateway     = answer{502, "InternalServerErrorException", "message", "Internal server error"}
	gatewayTimeout = answer{504, "InternalServerErrorException", "message", "Endpoint request timed out"}
)

// functionAnswered is any response of the integration with this status.
func functionAnswered(status int) answer { return answer{status: status} }

func (want answer) check(t *testing.T, got reply) {
	t.Helper()
	if got.status != want.status || got.header.Get("x-amzn-ErrorType") != want.errorType {
		t.Errorf("got %d %q, want %d %q", got.status, got.header.Get("x-amzn-ErrorType"), want.status, want.errorType)
	}
	if want.key == "" {
		return
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatalf("body %q: %v", got.body, err)
	}
	if want.errorType == explicitDeny.errorType {
		if _, ok := body["expiresAt"].(string); !ok { // by Terraform's template, empty without a token
			t.Errorf("body %s does not say when the token ends", got.body)
		}
		delete(body, "expiresAt")
	}
	if message, ok := body[want.key]; !ok || len(body) != 1 || message != want.message {
		t.Errorf("body %s, want only %s: %v", got.body, want.key, want.message)
	}
	if got.header.Get("Content-Type") != "application/json" {
		t.Errorf("content type %q", got.header.Get("Content-Type"))
	}
}

func TestWhatTheClientGets(t *testing.T) {
	s := start(t, func(o *gateway.Options) {
		o.Authorizer.ValidationExpression = `^[Bb]earer [a-z]+(=[0-9TZ:-]+)?$`
		o.IntegrationTimeout = 2 * time.Second
	})
	const asked, notAsked = true, false
	for _, tt := range []struct {
		name  string
		call  string
		token string // header Authorization; none if empty
		asked bool   // the authorizer
		want  answer
	}{
		// The identity source.
		{"no Authorization header", "GET /pets", "", notAsked, unauthorized},
		{"a token that the validation expression does not match", "GET /pets", "Basic YTpi", notAsked, unauthorized},
		{"a header that says Bearer and no more", "GET /pets", "Bearer ", notAsked, unauthorized},
		// Errors of the authorizer.
		{"the error Unauthorized", "GET /pets", "Bearer unauthorized", asked, unauthorized},
		{"an error that only begins with Unauthorized", "GET /pets", "Bearer unauthorizedplus", asked, configuration},
		{"another error", "GET /pets", "Bearer boom", asked, configuration},
		{"a panic", "GET /pets", "Bearer panic", asked, configuration},
		{"the end of the process", "GET /pets", "Bearer exit", asked, configuration},
		{"a time-out", "GET /pets", "Bearer slow", asked, configuration},
		// Output that is not valid.
		{"no policyDocument", "GET /pets", "Bearer nopolicy", asked, configuration},
		{"a policy that is not one", "GET /pets", "Bearer badpolicy", asked, configuration},
		{"a policy as text", "GET /pets", "Bearer textpolicy", asked, configuration},
		{"no principalId", "GET /pets", "Bearer noprincipal", asked, configuration},
		{"a number as principalId", "GET /pets", "Bearer numberprincipal", asked, configuration},
		{"a nested context", "GET /pets", "Bearer nested", asked, configuration},
		{"null in the context", "GET /pets", "Bearer null", asked, configuration},
		{"a list as context", "GET /pets", "Bearer listcontext", asked, configuration},
		{"a text as output", "GET /pets", "Bearer text", asked, configuration},
		{"null as output", "GET /pets", "Bearer nil", asked, configuration},
		// Policies.
		{"Allow for everything", "GET /pets", "Bearer allow", asked, functionAnswered(200)},
		{"Allow without a context", "GET /pets", "Bearer nocontext", asked, functionAnswered(200)},
		{"the action in capitals", "GET /pets", "Bearer shout", asked, functionAnswered(200)},
		{"Deny for everything", "GET /pets", "Bearer deny", asked, explicitDeny},
		{"Allow and Deny", "GET /pets", "Bearer both", asked, explicitDeny},
		{"Allow and a Deny for another method", "POST /pets", "Bearer both", asked, functionAnswered(200)},
		{"Allow for something else", "GET /pets", "Bearer nothing", asked, implicitDeny},
		{"GET/* and GET", "GET /pets/7/owner", "Bearer getonly", asked, functionAnswered(200)},
		{"GET/* and DELETE", "DELETE /pets", "Bearer getonly", asked, implicitDeny},
		{"GET/pets/? and one character", "GET /pets/7", "Bearer qmark", asked, functionAnswered(200)},
		{"GET/pets/? and two characters", "GET /pets/77", "Bearer qmark", asked, implicitDeny},
		{"a Deny from a time that is to come", "GET /pets", "Bearer until=2026-11-22T12:00:01Z", asked, functionAnswered(200)},
		{"a Deny from a time that has come", "GET /pets", "Bearer until=2026-11-22T12:00:00Z", asked, explicitDeny},
		// Routes.
		{"an unknown path", "GET /dogs", "Bearer allow", notAsked, noRoute},
		{"an unknown path without a token", "GET /dogs", "", notAsked, noRoute},
		{"an unknown method", "PUT /pets", "Bearer allow", notAsked, noRoute},
		{"HEAD where there is GET", "HEAD /pets", "Bearer allow", notAsked, answer{status: 403, errorType: noRoute.errorType}},
		{"OPTIONS without CORS", "OPTIONS /pets", "", notAsked, noRoute},
		{"a public route without a token", "GET /health", "", notAsked, functionAnswered(200)},
		{"a public route with a bad token", "GET /health", "Bearer boom", notAsked, functionAnswered(200)},
		{"the root", "GET /", "Bearer allow", asked, functionAnswered(200)},
		{"a path outside the stage", "GET ../pets", "Bearer allow", notAsked, answer{403, "ForbiddenException", "message", "Forbidden"}},
		// The function behind the API.
		{"no field in the response", "GET /pets?do=empty", "Bearer allow", asked, functionAnswered(200)},
		{"no content", "GET /pets?do=nocontent", "Bearer allow", asked, functionAnswered(204)},
		{"an error of the function", "GET /pets?do=fail", "Bearer allow", asked, badGateway},
		{"a panic of the function", "GET /pets?do=panic", "Bearer allow", asked, badGateway},
		{"the end of the function's process", "GET /pets?do=exit", "Bearer allow", asked, badGateway},
		{"a string as response", "GET /pets?do=text", "Bearer allow", asked, badGateway},
		{"null as response", "GET /pets?do=nil", "Bearer allow", asked, badGateway},
		{"a field that is not known", "GET /pets?do=unknownfield", "Bearer allow", asked, badGateway},
		{"an object as body", "GET /pets?do=objectbody", "Bearer allow", asked, badGateway},
		{"a status out of range", "GET /pets?do=badstatus", "Bearer allow", asked, badGateway},
		{"a status in words", "GET /pets?do=wordstatus", "Bearer allow", asked, badGateway},
		{"a list where a header has one value", "GET /pets?do=nestedheader", "Bearer allow", asked, badGateway},
		{"an integration that takes too long", "GET /pets?do=slow", "Bearer allow", asked, gatewayTimeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.FlushCache()
			var headers []string
			if tt.token != "" {
				headers = append(headers, "Authorization: "+tt.token)
			}
			before := s.authorizer.Stats().Invocations
			got := s.send(t, tt.call, headers...)
			if tt.call[:4] == "HEAD" {
				got.body = "" // as HTTP has it
			}
			tt.want.check(t, got)
			if asked := s.authorizer.Stats().Invocations > before; asked != tt.asked {
				t.Errorf("the authorizer was asked: %v, want %v", asked, tt.asked)
			}
			if got.call.Authorizer.Invoked != tt.asked || got.call.Authorizer.Cached {
				t.Errorf("the observer was told invoked %v, cached %v", got.call.Authorizer.Invoked, got.call.Authorizer.Cached)
			}
		})
	}
}

func TestAFunctionThatTimesOutIsABadGateway(t *testing.T) {
	s := start(t, func(o *gateway.Options) {
		o.Integration = o.Authorizer.Function // the one with the short time-out
	})
	badGateway.check(t, s.send(t, "GET /health?do=slow"))
}

// The rows of the table that AWS gives for an authorizer together with a resource policy.
func TestTheResourcePolicyAndTheAuthorizerTogether(t *testing.T) {
	const allow = `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/v1/*"}`
	const deny = `{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":["execute-api:/v1/GET/pets"]}`
	const other = `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/other/*"}`
	for _, tt := range []struct {
		name     string
		resource string
		token    string
		want     answer
	}{
		{"both allow", allow, "allow", functionAnswered(200)},
		{"the resource policy allows, the authorizer says nothing", allow, "nothing", functionAnswered(200)},
		{"the resource policy says nothing, the authorizer allows", other, "allow", functionAnswered(200)},
		{"both say nothing", other, "nothing", implicitDeny},
		{"the resource policy allows, the authorizer denies", allow, "deny", explicitDeny},
		{"the resource policy denies, the authorizer allows", allow + "," + deny, "allow", explicitDeny},
		{"the resource policy denies, there is no token", deny, "", explicitDeny},
		{"the resource policy allows, there is no token", allow, "", unauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, func(o *gateway.Options) {
				o.ResourcePolicy = []byte(`{"Version":"2012-10-17","Statement":[` + tt.resource + `]}`)
			})
			var headers []string
			if tt.token != "" {
				headers = append(headers, bearer(tt.token))
			}
			tt.want.check(t, s.send(t, "GET /pets", headers...))
		})
	}
	t.Run("a public route needs the resource policy to allow it", func(t *testing.T) {
		s := start(t, func(o *gateway.Options) {
			o.ResourcePolicy = []byte(`{"Version":"2012-10-17","Statement":[` + other + `]}`)
		})
		implicitDeny.check(t, s.send(t, "GET /health"))
	})
}
