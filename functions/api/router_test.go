package main

import (
	"net/http"
	"testing"
)

func TestRouting(t *testing.T) {
	server := newCognitoServer(t, "alice", "a%41", "é ü", "health")
	username := func(name string) map[string]string { return map[string]string{"username": name} }
	proxy := func(path string) map[string]string { return map[string]string{"proxy": path} }
	for name, tt := range map[string]struct {
		call   call
		status int
		allow  string
		asked  string // the username in the call to the user pool
	}{
		"an unknown path":                                 {call{route: "/{proxy+}", params: proxy("orders")}, 404, "", ""},
		"a path below a known one":                        {call{route: "/{proxy+}", params: proxy("users/alice/secrets")}, 404, "", ""},
		"the root":                                        {call{route: "/"}, 404, "", ""},
		"a slash at the end":                              {call{route: "/{proxy+}", params: proxy("users/")}, 404, "", ""},
		"two slashes":                                     {call{route: "/{proxy+}", params: proxy("/users")}, 404, "", ""},
		"another case":                                    {call{route: "/{proxy+}", params: proxy("Users")}, 404, "", ""},
		"dot segments are not resolved":                   {call{route: "/{proxy+}", params: proxy("users/../health")}, 404, "", ""},
		"an unknown method":                               {call{method: "DELETE", route: "/{proxy+}", params: proxy("users/alice")}, 405, "GET, HEAD, OPTIONS", ""},
		"GET instead of POST":                             {call{route: "/{proxy+}", params: proxy("users/alice/sign-out")}, 405, "OPTIONS, POST", ""},
		"HEAD instead of POST":                            {call{method: "HEAD", route: "/{proxy+}", params: proxy("users/alice/sign-out")}, 405, "OPTIONS, POST", ""},
		"a method in another case":                        {call{method: "get", route: "/health"}, 405, "GET, HEAD, OPTIONS", ""},
		"HEAD is GET without the body":                    {call{method: "HEAD", route: "/users/{username}", params: username("alice")}, 200, "", "alice"},
		"HEAD of an unknown user":                         {call{method: "HEAD", route: "/users/{username}", params: username("bob")}, 404, "", "bob"},
		"OPTIONS":                                         {call{method: "OPTIONS", route: "/users/{username}", params: username("alice"), anonymous: true}, 204, "GET, HEAD, OPTIONS", ""},
		"OPTIONS of an unknown path":                      {call{method: "OPTIONS", route: "/{proxy+}", params: proxy("orders")}, 404, "", ""},
		"a catch-all resource of a REST API":              {call{route: "/{proxy+}", params: proxy("users/alice")}, 200, "", "alice"},
		"a parameter is decoded":                          {call{route: "/users/{username}", params: username("%C3%A9%20%C3%BC")}, 400, "", "é ü"},
		"a parameter is decoded once":                     {call{route: "/users/{username}", params: username("a%2541")}, 200, "", "a%41"},
		"a plus sign is not a space":                      {call{route: "/users/{username}", params: username("a+b")}, 404, "", "a+b"},
		"a parameter that HTTP APIs decode already":       {call{kind: "http-2.0", route: "/users/{username}", params: username("a%41")}, 200, "", "a%41"},
		"the same in format 1.0":                          {call{kind: "http-1.0", route: "/users/{username}", params: username("a%41")}, 200, "", "a%41"},
		"an encoded slash":                                {call{route: "/users/{username}", params: username("alice%2Fsign-out")}, 400, "", ""},
		"an encoded slash below a catch-all":              {call{method: "POST", route: "/{proxy+}", params: proxy("users/alice%2Fbob/sign-out")}, 400, "", ""},
		"a slash that an HTTP API decoded":                {call{kind: "http-2.0", route: "/users/{username}", params: username("alice/sign-out")}, 400, "", ""},
		"an invalid escape":                               {call{route: "/users/{username}", params: username("%zz")}, 400, "", ""},
		"a path that is not UTF-8":                        {call{route: "/users/{username}", params: username("%ff")}, 400, "", ""},
		"an encoded character in a fixed path":            {call{route: "/{proxy+}", params: proxy("%75sers")}, 404, "", ""},
		"an encoded character before a parameter":         {call{route: "/{proxy+}", params: proxy("%75sers/alice")}, 404, "", ""},
		"an encoded character after a parameter":          {call{method: "POST", route: "/{proxy+}", params: proxy("users/alice/sign-ou%74")}, 404, "", ""},
		"an encoded character in a public path":           {call{route: "/{proxy+}", params: proxy("%68ealth"), anonymous: true}, 404, "", ""},
		"an encoded slash between fixed segments":         {call{route: "/{proxy+}", params: proxy("users%2Falice")}, 404, "", ""},
		"a parameter below a catch-all is decoded once":   {call{route: "/{proxy+}", params: proxy("users/a%2541")}, 200, "", "a%41"},
		"an invalid escape outside of a parameter":        {call{route: "/{proxy+}", params: proxy("%zz/alice")}, 404, "", ""},
		"what an HTTP API decoded stays as it is":         {call{kind: "http-2.0", route: "/{proxy+}", params: proxy("%75sers")}, 404, "", ""},
		"an empty name":                                   {call{route: "/users/{username}", params: username("")}, 404, "", ""},
		"a username equal to the name of a route":         {call{route: "/users/{username}", params: username("health")}, 200, "", "health"},
		"a catch-all route of an HTTP API":                {call{kind: "http-2.0", route: "/{proxy+}", params: proxy("users/alice")}, 200, "", "alice"},
		"$default behind a named stage":                   {call{kind: "http-2.0", route: "$default", path: "/prod/users/alice"}, 200, "", "alice"},
		"$default behind a named stage, format 1.0":       {call{kind: "http-1.0", route: "$default", path: "/prod/users/alice"}, 200, "", "alice"},
		"$default with a path that starts like the stage": {call{kind: "http-2.0", route: "$default", path: "/production/users/alice"}, 500, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			server.resetCalls()
			res := newTestAPI(t, server.pool()).do(t, tt.call.event(t))
			if res.StatusCode != tt.status || res.Headers["Allow"] != tt.allow {
				t.Errorf("got %d, Allow %q, %s", res.StatusCode, res.Headers["Allow"], res.Body)
			}
			asked := ""
			if calls := server.received(); len(calls) == 1 {
				asked = calls[0].Username
			}
			if asked != tt.asked {
				t.Errorf("the user pool was called with %q", asked)
			}
			if tt.call.method == http.MethodHead && res.Body != "" {
				t.Errorf("HEAD returned a body: %s", res.Body)
			}
			if tt.call.method != http.MethodHead && res.StatusCode >= 400 {
				res.detail(t)
			}
		})
	}
}

// On the API's own host name every path starts with the stage. On a custom domain none does, so a first segment equal to the
// stage's name is part of the path.
func TestTheStageIsStrippedOnlyOnTheAPIsOwnHost(t *testing.T) {
	for name, tt := range map[string]struct {
		stage, domainPrefix, path string
		status                    int
	}{
		"a named stage on the API's own host":      {"prod", "f6g7h8i9j0", "/prod/health", 200},
		"the stage twice":                          {"prod", "f6g7h8i9j0", "/prod/prod/health", 404},
		"the unnamed stage":                        {"$default", "f6g7h8i9j0", "/health", 200},
		"a custom domain":                          {"prod", "api", "/health", 200},
		"a custom domain, a path like the stage":   {"users", "api", "/users/health", 500}, // the user "health": needs a caller
		"a custom domain with a base path":         {"prod", "api", "/v1/health", 404},
		"an event without its domain prefix":       {"prod", "", "/prod/health", 404},
		"only the stage, without a trailing slash": {"prod", "f6g7h8i9j0", "/prod", 500},
	} {
		t.Run(name, func(t *testing.T) {
			event := call{kind: "http-2.0", route: "$default", path: tt.path, anonymous: true}.event(t)
			requestContext := event["requestContext"].(map[string]any)
			requestContext["stage"], requestContext["domainPrefix"] = tt.stage, tt.domainPrefix
			if res := newTestAPI(t, userPool{}).do(t, event); res.StatusCode != tt.status {
				t.Errorf("got %d %s", res.StatusCode, res.Body)
			}
		})
	}
}

// Behind a custom domain with a base path mapping, REST events carry the base path in their path.
func TestABasePathMappingIsIgnored(t *testing.T) {
	for _, route := range []string{"/health", "/{proxy+}"} {
		event := call{route: route, path: "/v1/health", params: map[string]string{"proxy": "health"}, anonymous: true}.event(t)
		requestContext := event["requestContext"].(map[string]any)
		requestContext["path"], requestContext["domainName"], requestContext["domainPrefix"] = "/v1/health", "api.example.com", "api"
		if res := newTestAPI(t, userPool{}).do(t, event); res.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d %s", route, res.StatusCode, res.Body)
		}
	}
}

func TestTheRequestBodyIsIgnored(t *testing.T) {
	server := newCognitoServer(t, "alice")
	for _, kind := range kinds {
		event := call{kind: kind, method: "POST", route: "/users/{username}/sign-out", params: map[string]string{"username": "alice"}}.event(t)
		event["body"], event["isBase64Encoded"] = "not base64 at all", true
		res := newTestAPI(t, server.pool()).do(t, event)
		if res.StatusCode != http.StatusNoContent || res.Body != "" || res.Base64 || res.Headers["Content-Type"] != "" {
			t.Errorf("%s: got %+v", kind, res)
		}
	}
}
