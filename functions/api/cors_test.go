package main

import (
	"net/http"
	"strings"
	"testing"
)

const appOrigin, otherOrigin = "https://app.example.com", "https://other.example.com"

func TestCORSHeaders(t *testing.T) {
	for name, tt := range map[string]struct {
		allowed []string
		origin  string
		granted string // the value of Access-Control-Allow-Origin
		vary    string
	}{
		"an allowed origin":          {[]string{otherOrigin, appOrigin}, appOrigin, appOrigin, "Origin"},
		"another origin":             {[]string{appOrigin}, otherOrigin, "", "Origin"},
		"no origin":                  {[]string{appOrigin}, "", "", "Origin"},
		"the null origin":            {[]string{appOrigin}, "null", "", "Origin"},
		"an origin with that prefix": {[]string{appOrigin}, appOrigin + ".evil.example", "", "Origin"},
		"another port":               {[]string{appOrigin}, appOrigin + ":8443", "", "Origin"},
		"another scheme":             {[]string{appOrigin}, "http://app.example.com", "", "Origin"},
		"another case":               {[]string{appOrigin}, "https://APP.example.com", "", "Origin"},
		"a slash at the end":         {[]string{appOrigin}, appOrigin + "/", "", "Origin"},
		"CORS is off":                {nil, appOrigin, "", ""},
	} {
		for _, kind := range kinds {
			for status, c := range map[int]call{
				http.StatusOK:                  {route: "/health", anonymous: true},
				http.StatusNotFound:            {route: "/{proxy+}", params: map[string]string{"proxy": "orders"}},
				http.StatusMethodNotAllowed:    {route: "/health", method: "PUT"},
				http.StatusInternalServerError: {route: "/me", anonymous: true},
				http.StatusNoContent:           {route: "/users", method: "OPTIONS", anonymous: true},
			} {
				t.Run(name+" "+kind+" "+http.StatusText(status), func(t *testing.T) {
					c.kind, c.origin = kind, tt.origin
					res := newTestAPI(t, userPool{}, tt.allowed...).do(t, c.event(t))
					if res.StatusCode != status {
						t.Errorf("got %d %s", res.StatusCode, res.Body)
					}
					if res.Headers["Access-Control-Allow-Origin"] != tt.granted || res.Headers["Vary"] != tt.vary {
						t.Errorf("got %v", res.Headers)
					}
					for header := range res.Headers {
						cors := strings.HasPrefix(header, "Access-Control-")
						if cors && (tt.granted == "" || header == "Access-Control-Allow-Credentials") {
							t.Errorf("got %s", header)
						}
					}
				})
			}
		}
	}
}

func TestAPreflightAllowsTheTokenAndTheMethodsOfThePath(t *testing.T) {
	res := newTestAPI(t, userPool{}, appOrigin).do(t, call{kind: "http-2.0", method: "OPTIONS", route: defaultRoute,
		path: "/prod/users/alice/sign-out", origin: appOrigin, anonymous: true}.event(t))
	if res.StatusCode != http.StatusNoContent || res.Body != "" {
		t.Errorf("got %d %q", res.StatusCode, res.Body)
	}
	for header, want := range map[string]string{
		"Access-Control-Allow-Origin":  appOrigin,
		"Access-Control-Allow-Methods": "OPTIONS, POST",
		"Access-Control-Allow-Headers": "Authorization, Content-Type",
		"Access-Control-Max-Age":       "600",
		"Vary":                         "Origin",
	} {
		if res.Headers[header] != want {
			t.Errorf("%s is %q", header, res.Headers[header])
		}
	}
}

func TestConflictingOriginHeadersAreIgnored(t *testing.T) {
	for name, tt := range map[string]struct {
		origins []string
		granted string
	}{
		"two values": {[]string{otherOrigin, appOrigin}, ""},
		"one value":  {[]string{appOrigin}, appOrigin},
		"no value":   {[]string{}, ""},
	} {
		event := call{route: "/health"}.event(t)
		event["headers"].(map[string]any)["Origin"] = appOrigin // API Gateway puts the last value here
		event["multiValueHeaders"].(map[string]any)["oRiGiN"] = tt.origins
		res := newTestAPI(t, userPool{}, appOrigin).do(t, event)
		if res.Headers["Access-Control-Allow-Origin"] != tt.granted {
			t.Errorf("%s: got %v", name, res.Headers)
		}
	}
}
