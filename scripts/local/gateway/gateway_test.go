package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

const page = "https://app.example.com"

func TestAPageOfAnAllowedOriginCanReadEveryResponse(t *testing.T) {
	s := start(t, func(o *gateway.Options) { o.AllowedOrigins = []string{page, "http://localhost:5173"} })
	for _, tt := range []struct {
		name  string
		call  string
		token string
		want  answer
	}{
		{"401", "GET /pets", "unauthorized", unauthorized},
		{"403 by a Deny", "GET /pets", "deny", explicitDeny},
		{"403 by silence", "GET /pets", "nothing", implicitDeny},
		{"403 for want of a route", "GET /dogs", "allow", noRoute},
		{"500", "GET /pets", "boom", configuration},
		{"502", "GET /pets?do=fail", "allow", badGateway},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, origin := range []string{page, "http://localhost:5173"} {
				r := s.send(t, tt.call, bearer(tt.token), "Origin: "+origin)
				tt.want.check(t, r)
				if got := r.header.Get("Access-Control-Allow-Origin"); got != origin || r.header.Get("Vary") != "Origin" {
					t.Errorf("allowed origin %q, vary %q", got, r.header.Get("Vary"))
				}
			}
			for _, origin := range []string{"https://evil.example.com", page + ".evil.example.com", "null", ""} {
				r := s.send(t, tt.call, bearer(tt.token), "Origin: "+origin)
				if got, ok := r.header["Access-Control-Allow-Origin"]; ok {
					t.Errorf("origin %q is allowed %q", origin, got)
				}
			}
		})
	}
	t.Run("the function's own response is left alone", func(t *testing.T) {
		if r := s.send(t, "GET /health", "Origin: "+page); r.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("got %q", r.header)
		}
	})
}

func TestA401NamesWhatIsMissing(t *testing.T) {
	s := start(t, nil)
	if got := s.send(t, "GET /pets").header.Get("WWW-Authenticate"); got != `Bearer error="invalid_token"` {
		t.Errorf("401: %q", got)
	}
	if got := s.send(t, "GET /pets", bearer("deny")).header.Get("WWW-Authenticate"); got != "" {
		t.Errorf("403: %q", got)
	}
}

func TestPreflightNeedsNoToken(t *testing.T) {
	s := start(t, func(o *gateway.Options) { o.AllowedOrigins = []string{page} })
	r := s.send(t, "OPTIONS /pets", "Origin: "+page, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization")
	want := map[string]string{
		"Access-Control-Allow-Origin": page, "Access-Control-Allow-Methods": "DELETE,GET,POST,OPTIONS",
		"Access-Control-Allow-Headers": "Authorization,Content-Type", "Access-Control-Max-Age": "600", "Vary": "Origin",
	}
	for name, value := range want {
		if got := r.header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if r.status != http.StatusNoContent || s.authorizer.Stats().Invocations+s.integration.Stats().Invocations != 0 {
		t.Errorf("status %d; functions were invoked: %+v %+v", r.status, s.authorizer.Stats(), s.integration.Stats())
	}
	if r := s.send(t, "OPTIONS /pets", "Origin: https://evil.example.com"); r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a foreign page is allowed: %q", r.header)
	}
	noRoute.check(t, s.send(t, "OPTIONS /dogs", "Origin: "+page))
}

func TestLargeRequestsAreRefused(t *testing.T) {
	s := start(t, nil)
	fill := strings.Repeat
	atLimit := func(n int) string { // a header that brings the head of GET /v1/health to n bytes
		head := "GET/v1/healthHTTP/1.1" + "Host" + strings.TrimPrefix(strings.TrimSuffix(s.URL(), "/v1"), "http://") +
			"User-AgentGo-http-client/1.1" + "Accept-Encodinggzip" + "X-Fill"
		return "X-Fill: " + fill("x", n-len(head))
	}
	for _, tt := range []struct {
		name    string
		call    string
		header  string
		body    int
		want    int
		message string
	}{
		{"headers of 10,240 bytes", "GET /health", atLimit(10240), 0, 200, ""},
		{"headers of a byte more", "GET /health", atLimit(10241), 0, 431, "Too Large"},
		{"a method ARN of 1,600 bytes", "GET /pets/" + fill("a", 1600-len(arn+"GET/pets/")), bearer("allow"), 0, 200, ""},
		{"a method ARN of a byte more", "GET /pets/" + fill("a", 1601-len(arn+"GET/pets/")), bearer("allow"), 0, 414, "Too Long"},
		{"a body over Lambda's limit", "POST /pets", bearer("allow"), 7 << 20, 413, "Request Too Long"},
		{"a body of 10 MB", "POST /pets", bearer("allow"), 10 << 20, 413, "Request Too Long"},
		{"a body of 1 MB", "POST /pets", bearer("allow"), 1 << 20, 200, ""},
		{"a body of 40 MB", "POST /pets", bearer("allow"), 40 << 20, 413, "HTTP content length exceeded"},
		{"a body of a byte more", "POST /pets", bearer("allow"), 10<<20 + 1, 413, "HTTP content length exceeded 10485760 bytes."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := s.sendBody(t, bytes.Repeat([]byte("x"), tt.body), tt.call, tt.header)
			if r.status != tt.want || !strings.Contains(r.body, tt.message) {
				t.Errorf("got %d %.80q, want %d %s", r.status, r.body, tt.want, tt.message)
			}
		})
	}
}

func TestTheAccessLogHasTheOutcomeAndNoSecret(t *testing.T) {
	s := start(t, nil)
	for _, tt := range []struct {
		name string
		call string
		word string
		want map[string]string
	}{
		{"fresh", "GET /pets/7?secret=1", "allow", map[string]string{"path": "/pets/{id}", "status": "200", "principalId": "probe-allow", "authStatus": "200", "authError": "-", "apiStatus": "200", "errorType": "-"}},
		{"cached", "GET /pets/7?secret=1", "allow", map[string]string{"path": "/pets/{id}", "status": "200", "principalId": "probe-allow", "authStatus": "200", "authLatency": "-", "authRequestId": "-"}},
		{"denied", "GET /pets", "deny", map[string]string{"status": "403", "errorType": "ACCESS_DENIED", "principalId": "probe-deny", "authStatus": "200", "apiStatus": "-"}},
		{"not authorized", "GET /pets", "unauthorized", map[string]string{"status": "401", "errorType": "UNAUTHORIZED", "principalId": "-", "authStatus": "401", "authError": "Unauthorized"}},
		{"a fault", "GET /pets", "boom", map[string]string{"status": "500", "errorType": "AUTHORIZER_CONFIGURATION_ERROR", "authStatus": "500", "authError": "the authorizer failed: errorString"}},
		{"no route", "GET /dogs", "allow", map[string]string{"status": "403", "errorType": "MISSING_AUTHENTICATION_TOKEN", "path": "-", "authStatus": "-"}},
		{"the function failed", "GET /pets?do=fail", "allow", map[string]string{"status": "502", "errorType": "INTEGRATION_FAILURE", "apiStatus": "-"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := s.send(t, tt.call, bearer(tt.word))
			line, err := json.Marshal(r.call)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]string
			if err := json.Unmarshal(line, &got); err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.want {
				if got[name] != want {
					t.Errorf("%s is %q, want %q", name, got[name], want)
				}
			}
			if r.call.Authorizer.Invoked != (got["authRequestId"] != "-") {
				t.Errorf("the authorizer was invoked: %v, and authRequestId is %q", r.call.Authorizer.Invoked, got["authRequestId"])
			}
			if got["requestId"] != r.header.Get("x-amzn-RequestId") || got["extendedRequestId"] != r.header.Get("x-amz-apigw-id") || got["ip"] != "127.0.0.1" || got["time"] != "22/Nov/2026:12:00:00 +0000" {
				t.Errorf("request %q, %q from %q at %q", got["requestId"], got["extendedRequestId"], got["ip"], got["time"])
			}
			if strings.Contains(string(line), "Bearer") || strings.Contains(string(line), "secret") || strings.Contains(string(line), "/7") {
				t.Errorf("the line tells too much: %s", line)
			}
		})
	}
}

// What is written for one log must do for the other.
func TestTheAccessLogHasTheMembersThatTerraformConfigures(t *testing.T) {
	line, err := json.Marshal(gateway.Call{})
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]string
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{"rest-api", "http-api"} {
		source, err := os.ReadFile("../../../terraform/modules/" + module + "/logging.tf")
		if err != nil {
			t.Fatal(err)
		}
		format := map[string]string{}
		for _, member := range regexp.MustCompile(`(\w+) += "\$context\.`).FindAllStringSubmatch(string(source), -1) {
			format[member[1]] = ""
		}
		if got, want := slices.Sorted(maps.Keys(members)), slices.Sorted(maps.Keys(format)); !slices.Equal(got, want) {
			t.Errorf("%s: the local log has %v, Terraform's has %v", module, got, want)
		}
	}
}

// noFunction stands for any function where none is invoked.
type noFunction struct{}

func (noFunction) Invoke(context.Context, []byte) (lambda.Result, error) { panic("not to be invoked") }

func TestAWrongOptionIsRefusedByName(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*gateway.Options)
		want   string
	}{
		{"no contract", func(o *gateway.Options) { o.Contract = nil }, "contract cannot be served"},
		{"an OpenAPI document that was not compiled", func(o *gateway.Options) { o.Contract = []byte(`{"openapi":"3.0.3","paths":{}}`) }, "x-authorizer"},
		{"no function", func(o *gateway.Options) { o.Integration = nil }, "function behind the API"},
		{"no authorizer", func(o *gateway.Options) { o.Authorizer.Function = nil }, "authorizer has no function"},
		{"no type", func(o *gateway.Options) { o.Authorizer.Type = "" }, `authorizer type ""`},
		{"an unknown type", func(o *gateway.Options) { o.Authorizer.Type = "JWT" }, `authorizer type "JWT"`},
		{"a TTL over an hour", func(o *gateway.Options) { o.Authorizer.TTL = time.Hour + 1 }, "TTL 1h0m0.000000001s"},
		{"a TTL below 0", func(o *gateway.Options) { o.Authorizer.TTL = -1 }, "TTL -1ns"},
		{"a wrong expression", func(o *gateway.Options) { o.Authorizer.ValidationExpression = "(" }, "validation expression"},
		{"an expression for a request", func(o *gateway.Options) {
			o.Authorizer.Type, o.Authorizer.ValidationExpression = gateway.Request, "."
		}, "no identity validation expression"},
		{"two sources of a token", func(o *gateway.Options) {
			o.Authorizer.IdentitySources = []string{"method.request.header.A", "method.request.header.B"}
		}, "exactly one identity source"},
		{"a token in the query", func(o *gateway.Options) { o.Authorizer.IdentitySources = []string{"method.request.querystring.a"} }, "exactly one identity source"},
		{"no source with a cache", func(o *gateway.Options) {
			o.Authorizer = gateway.Authorizer{Function: noFunction{}, Type: gateway.Request, IdentitySources: []string{}, TTL: 1}
		}, "without identity sources"},
		{"a source that is not known", func(o *gateway.Options) { o.Authorizer.IdentitySources = []string{"stageVariables.a"} }, `"stageVariables.a"`},
		{"a source without a name", func(o *gateway.Options) { o.Authorizer.IdentitySources = []string{"method.request.header."} }, `"method.request.header."`},
		{"a stage with a slash", func(o *gateway.Options) { o.Stage = "a/b" }, `stage "a/b"`},
		{"every origin", func(o *gateway.Options) { o.AllowedOrigins = []string{"*"} }, `allowed origin "*"`},
		{"an origin with a path", func(o *gateway.Options) { o.AllowedOrigins = []string{page + "/"} }, `allowed origin "https://app.example.com/"`},
		{"an origin without a scheme", func(o *gateway.Options) { o.AllowedOrigins = []string{"app.example.com"} }, `allowed origin "app.example.com"`},
		{"a time-out over 29 s", func(o *gateway.Options) { o.IntegrationTimeout = 30 * time.Second }, "integration timeout 30s"},
		{"an address for everybody", func(o *gateway.Options) { o.Listen = "0.0.0.0:0" }, `listen address "0.0.0.0:0"`},
		{"no address", func(o *gateway.Options) { o.Listen = ":0" }, `listen address ":0"`},
		{"no port", func(o *gateway.Options) { o.Listen = "127.0.0.1" }, `listen address "127.0.0.1"`},
		{"a resource policy that is not JSON", func(o *gateway.Options) { o.ResourcePolicy = []byte("{") }, "resource policy"},
		{"a resource policy for some", func(o *gateway.Options) {
			o.ResourcePolicy = []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"1"},"Action":"*","Resource":"*"}]}`)
		}, `"Principal": "*"`},
		{"a resource policy that cannot be evaluated", func(o *gateway.Options) {
			o.ResourcePolicy = []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","NotResource":"*"}]}`)
		}, "resource policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			options := gateway.Options{
				Contract: compile(t, "testdata/pets.yaml"), Integration: noFunction{},
				Authorizer: gateway.Authorizer{Function: noFunction{}, Type: gateway.Token},
			}
			tt.change(&options)
			g, err := gateway.Start(options)
			if err == nil {
				_ = g.Close()
				t.Fatal("it was accepted")
			}
			if g != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %q; want %q in it", g, err, tt.want)
			}
		})
	}
}
