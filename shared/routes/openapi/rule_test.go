package openapi_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/openapi"
)

// others are more schemes, for behind head, in lines 8 to 18.
const others = `    again: {type: openIdConnect, openIdConnectUrl: "https://example.com"}
    roles: {type: http, scheme: Bearer}
    elsewhere: {type: openIdConnect, openIdConnectUrl: "https://example.org"}
    tokens: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://example.com/token", scopes: {}}}}
    codes: {type: oauth2, flows: {authorizationCode: {authorizationUrl: "https://example.com/a", tokenUrl: "https://example.com/token", scopes: {}}}}
    foreign: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://example.org/token", scopes: {}}}}
    key: {type: apiKey, in: header, name: x-api-key}
    certificate: {type: mutualTLS}
    password: {type: http, scheme: basic}
    typo: {type: openidconnect}
    secondOauth: {type: oauth2, flows: {}}
`

func TestSecurityMeansWhatTheStandardSays(t *testing.T) {
	for name, tt := range map[string]struct {
		security string // of the operation, "" for none
		document string // the same of the document
		want     string
	}{
		"public":                               {"[]", "[cognito: [a]]", "public"},
		"a scope":                              {"[cognito: [a]]", "", "scope a"},
		"a scope of OAuth 2":                   {"[oauth: [a]]", "", "scope a"},
		"a group":                              {"[groups: [a]]", "", "group a"},
		"all scopes of a list":                 {"[cognito: [b, a]]", "", "scope a and scope b"},
		"all groups of a list":                 {"[groups: [b, a]]", "", "group a and group b"},
		"all schemes of an object":             {"[{cognito: [a], groups: [b]}]", "", "scope a and group b"},
		"two schemes of one provider":          {"[{cognito: [a], again: [b]}]", "", "scope a and scope b"},
		"two flows of one provider":            {"[tokens: [a], codes: [b]]", "", "scope a or scope b"},
		"two schemes of groups":                {"[{groups: [a], roles: [b]}]", "", "group a and group b"},
		"one of two schemes of groups":         {"[{groups: [a], roles: []}]", "", "group a"},
		"a scheme of scopes says signed in":    {"[{cognito: [], groups: []}]", "", "any signed-in caller"},
		"any of a list":                        {"[cognito: [a], groups: [b]]", "", "scope a or group b"},
		"any signed-in caller":                 {"[cognito: []]", "", "any signed-in caller"},
		"an empty object makes it optional":    {"[cognito: [a], {}]", "", "public"},
		"the document's rule":                  {"", "[cognito: [a]]", "scope a"},
		"the document is public":               {"", "[]", "public"},
		"its own rule instead of the document": {"[groups: [b]]", "[cognito: [a]]", "group b"},
	} {
		t.Run(name, func(t *testing.T) {
			document, operation := head+others, "{responses: {}}"
			if tt.document != "" {
				document += "security: " + tt.document + "\n"
			}
			if tt.security != "" {
				operation = fmt.Sprintf("{security: %s, responses: {}}", tt.security)
			}
			table, _, err := openapi.Compile(write(t, document+"paths: {/a: {get: "+operation+"}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Routes()[0].Rule.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			want := "nobody"
			if tt.document == "[]" {
				want = "public"
			} else if tt.document != "" {
				want = "scope a"
			}
			if got := table.Connect().String(); got != want {
				t.Errorf("the handshake is for %q, want %q", got, want)
			}
		})
	}
}

// What the authorizer cannot check must not become "any signed-in caller".
func TestARuleThatTheAuthorizerCannotCheckIsRefused(t *testing.T) {
	const groups = "name one, or, if any signed-in caller will do, write [] for a scheme of type openIdConnect or oauth2"
	const instead = "use a scheme of type openIdConnect or oauth2 for scopes, or http with scheme bearer for groups"
	for name, tt := range map[string]struct {
		security string
		says     []string
	}{
		"an API key":                        {"[key: []]", []string{`"key"`, `"apiKey"`, instead}},
		"an API key instead":                {"[cognito: [a], key: []]", []string{`"key"`, `"apiKey"`, instead}},
		"an API key as well":                {"[{cognito: [a], key: []}]", []string{`"key"`, `"apiKey"`, instead}},
		"an API key or nothing":             {"[{key: []}, {}]", []string{`"key"`, instead}},
		"a certificate":                     {"[cognito: [a], certificate: []]", []string{`"certificate"`, `"mutualTLS"`, instead}},
		"a password":                        {"[cognito: [a], password: []]", []string{`"password"`, `http with scheme "basic"`, instead}},
		"a password with roles":             {"[password: [admin]]", []string{`"password"`, `http with scheme "basic"`, instead}},
		"a type that is none":               {"[cognito: [a], typo: []]", []string{`"typo"`, `"openidconnect"`, instead}},
		"another OpenID provider":           {"[cognito: [a], elsewhere: []]", []string{`"elsewhere"`, `"cognito"`, "another provider"}},
		"another OpenID provider as well":   {"[{cognito: [a], elsewhere: [b]}]", []string{`"elsewhere"`, `"cognito"`, "another provider"}},
		"another OAuth provider":            {"[tokens: [a], foreign: []]", []string{`"foreign"`, `"tokens"`, "another provider"}},
		"OpenID and OAuth":                  {"[cognito: [a], tokens: []]", []string{`"tokens"`, `"cognito"`, "another provider"}},
		"two OAuth schemes that name none":  {"[oauth: [a], secondOauth: []]", []string{`"secondOauth"`, `"oauth"`, "another provider"}},
		"no group":                          {"[groups: []]", []string{"groups: []", groups}},
		"no group as an alternative":        {"[cognito: [a], groups: []]", []string{"groups: []", groups}},
		"no group of two schemes of groups": {"[{groups: [], roles: []}]", []string{"roles: []", groups}},
	} {
		for where, text := range map[string]string{
			"GET /a":       "paths:\n  /a:\n    get:\n      security: %s\n      responses: {}\n",
			"ANY /a":       "paths:\n  /a:\n\n    x-amazon-apigateway-any-method: {security: %s}\n",
			"the document": "\n\n\nsecurity: %s\npaths: {/a: {get: {responses: {}}}}\n",
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				path := write(t, head+others+fmt.Sprintf(text, tt.security))
				table, _, err := openapi.Compile(path)
				if !errors.Is(err, openapi.ErrContract) || table != nil {
					t.Fatalf("got %v, want %v", err, openapi.ErrContract)
				}
				for _, word := range append(tt.says, where) {
					if !strings.Contains(err.Error(), word) {
						t.Errorf("%q is not in %q", word, err)
					}
				}
				if !strings.HasPrefix(err.Error(), path+":22: ") || strings.Contains(err.Error(), "\n") {
					t.Errorf("not one line that begins with the place: %v", err)
				}
			})
		}
	}
}

func TestAnotherProviderIsRefusedInAnotherRouteToo(t *testing.T) {
	path := write(t, head+others+"paths:\n"+
		"  /b: {get: {security: [elsewhere: [a]], responses: {}}}\n"+
		"  /a: {get: {security: [cognito: [a]], responses: {}}}\n")
	_, _, err := openapi.Compile(path)
	if !errors.Is(err, openapi.ErrContract) || !strings.HasPrefix(err.Error(), path+":21: ") || !strings.Contains(err.Error(), `"cognito"`) {
		t.Errorf("got %v", err)
	}
}

func TestASchemeThatIsNotUsedDoesNotMatter(t *testing.T) {
	if _, _, err := openapi.Compile(write(t, head+others+"paths: {/a: {get: {security: [cognito: [a]], responses: {}}}}\n")); err != nil {
		t.Error(err)
	}
}
