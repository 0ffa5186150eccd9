package main

import (
	"net/http"
	"strings"
	"testing"
)

const app, other = "https://app.example.com", "https://other.example.com"

func TestCors(t *testing.T) {
	for name, tt := range map[string]struct {
		allowed []string
		origin  string
		granted string // the value of Access-Control-Allow-Origin
		vary    string
	}{
		"an allowed origin":                  {[]string{other, app}, app, app, "Origin"},
		"another origin":                     {[]string{app}, other, "", "Origin"},
		"no origin":                          {[]string{app}, "", "", "Origin"},
		"the null origin":                    {[]string{app}, "null", "", "Origin"},
		"an origin that only begins like it": {[]string{app}, app + ".evil.example", "", "Origin"},
		"another port":                       {[]string{app}, app + ":8443", "", "Origin"},
		"another scheme":                     {[]string{app}, "http://app.example.com", "", "Origin"},
		"letters of another case":            {[]string{app}, "https://APP.example.com", "", "Origin"},
		"a slash at the end":                 {[]string{app}, app + "/", "", "Origin"},
		"CORS is off":                        {nil, app, "", ""},
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
					res := newSubject(t, userPool{}, tt.allowed...).do(t, c.event(t))
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
	res := newSubject(t, userPool{}, app).do(t, call{kind: "http-2.0", method: "OPTIONS", route: defaultRoute,
		path: "/prod/users/alice/sign-out", origin: app, anonymous: true}.event(t))
	if res.StatusCode != http.StatusNoContent || res.Body != "" {
		t.Errorf("got %d %q", res.StatusCode, res.Body)
	}
	for header, want := range map[string]string{
		"Access-Control-Allow-Origin":  app,
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

func TestOfTwoOriginsNoneIsBelieved(t *testing.T) {
	for name, tt := range map[string]struct {
		origins []string
		granted string
	}{
		"two":           {[]string{other, app}, ""},
		"the same once": {[]string{app}, app},
		"none":          {[]string{}, ""},
	} {
		event := call{route: "/health"}.event(t)
		event["headers"].(map[string]any)["Origin"] = app // the last one, as API Gateway picks
		event["multiValueHeaders"].(map[string]any)["oRiGiN"] = tt.origins
		res := newSubject(t, userPool{}, app).do(t, event)
		if res.Headers["Access-Control-Allow-Origin"] != tt.granted {
			t.Errorf("%s: got %v", name, res.Headers)
		}
	}
}
