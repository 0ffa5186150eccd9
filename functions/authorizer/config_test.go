package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

const (
	issuerA = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
	issuerB = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
	keySet  = `{"keys":[]}`
)

// environment returns loadConfig the two required settings and what the test changes.
func environment(changes map[string]string) func(string) string {
	env := map[string]string{"ISSUERS": issuerA, "CLIENT_IDS": "web", "ROUTES": "/var/task/routes.json"}
	for name, value := range changes {
		env[name] = value
	}
	return func(name string) string { return env[name] }
}

func TestDefaultsAreTheSafeOnes(t *testing.T) {
	got, err := validConfig(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Issuers: []issuer{{URL: issuerA, ClientIDs: []string{"web"}}}, TokenUses: []cognito.TokenUse{cognito.AccessToken},
		Leeway: 0, ClockSkew: 30 * time.Second, Routes: "/var/task/routes.json", Simple: false,
		ExpireCachedPolicies: true, LogLevel: slog.LevelInfo,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEachSettingIsRead(t *testing.T) {
	for name, tt := range map[string]struct {
		env   map[string]string
		check func(Config) bool
	}{
		"several issuers and clients, in their order": {
			map[string]string{"ISSUERS": issuerB + ", " + issuerA, "CLIENT_IDS": "web,machine,web"},
			func(c Config) bool {
				return reflect.DeepEqual(c.Issuers, []issuer{{issuerB, []string{"web", "machine"}, nil}, {issuerA, []string{"web", "machine"}, nil}})
			}},
		"clients and audiences by issuer": {
			map[string]string{"CLIENT_IDS": "", "ISSUERS": ` {"` + issuerB + `": {"clients": ["web", "web"], "audiences": ["orders"]}, "` + issuerA + `": {"clients": ["app"]}}`},
			func(c Config) bool {
				return reflect.DeepEqual(c.Issuers, []issuer{{issuerB, []string{"web"}, []string{"orders"}}, {issuerA, []string{"app"}, nil}})
			}},
		"key sets beside clients by issuer": {map[string]string{"CLIENT_IDS": "", "ISSUERS": `{"` + issuerB + `":{"clients":["web"]}}`, "JWKS": keySet},
			func(c Config) bool { return string(c.Seeds[issuerB]) == keySet }},
		"both token uses": {map[string]string{"TOKEN_USE": "access,id"}, func(c Config) bool {
			return reflect.DeepEqual(c.TokenUses, []cognito.TokenUse{cognito.AccessToken, cognito.IDToken})
		}},
		"a leeway holds for every time in the token": {map[string]string{"LEEWAY": "60s"}, func(c Config) bool {
			return c.Leeway == time.Minute && c.ClockSkew == time.Minute
		}},
		"a leeway below the default leaves the clock skew at its default": {map[string]string{"LEEWAY": "5s"}, func(c Config) bool {
			return c.Leeway == 5*time.Second && c.ClockSkew == 30*time.Second
		}},
		"a leeway of zero": {map[string]string{"LEEWAY": "0s"}, func(c Config) bool { return c.Leeway == 0 && c.ClockSkew == 30*time.Second }},
		"one key set for the one issuer": {map[string]string{"JWKS": keySet}, func(c Config) bool {
			return string(c.Seeds[issuerA]) == keySet
		}},
		"key sets by issuer": {map[string]string{"ISSUERS": issuerA + "," + issuerB, "JWKS": `{"` + issuerB + `":` + keySet + `}`},
			func(c Config) bool { return len(c.Seeds) == 1 && string(c.Seeds[issuerB]) == keySet }},
		"a route table beside the binary": {map[string]string{"ROUTES": ""}, func(c Config) bool {
			binary, err := os.Executable()
			return err == nil && c.Routes == filepath.Join(filepath.Dir(binary), "routes.json")
		}},
		"audiences": {map[string]string{"AUDIENCES": "https://api.example.com, orders"}, func(c Config) bool {
			return slices.Equal(c.Issuers[0].Audiences, []string{"https://api.example.com", "orders"})
		}},
		"claims for the backend": {map[string]string{"CONTEXT_CLAIMS": "custom:tenant_id, plan,plan"}, func(c Config) bool {
			return slices.Equal(c.ContextClaims, []string{"custom:tenant_id", "plan"})
		}},
		"claims with groups": {map[string]string{"GROUPS_CLAIMS": "cognito:groups,https://example.com/roles"}, func(c Config) bool {
			return slices.Equal(c.GroupsClaims, []string{"cognito:groups", "https://example.com/roles"})
		}},
		"simple responses":               {map[string]string{"HTTP_RESPONSE": "simple"}, func(c Config) bool { return c.Simple }},
		"simple responses for each path": {map[string]string{"HTTP_RESPONSE": "simple-per-path"}, func(c Config) bool { return c.Simple && c.SimplePerPath }},
		"policies without an end":        {map[string]string{"EXPIRE_CACHED_POLICIES": "false"}, func(c Config) bool { return !c.ExpireCachedPolicies }},
		"a revocation table":             {map[string]string{"REVOCATIONS_TABLE": "revoked"}, func(c Config) bool { return c.RevocationsTable == "revoked" }},
		"the level":                      {map[string]string{"LOG_LEVEL": "warn"}, func(c Config) bool { return c.LogLevel == slog.LevelWarn }},
		"Lambda's level":                 {map[string]string{"AWS_LAMBDA_LOG_LEVEL": "TRACE"}, func(c Config) bool { return c.LogLevel == slog.LevelDebug }},
		"our level rather than Lambda's": {map[string]string{"LOG_LEVEL": "error", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}, func(c Config) bool { return c.LogLevel == slog.LevelError }},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := validConfig(environment(tt.env))
			if err != nil {
				t.Fatal(err)
			}
			if !tt.check(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAnInvalidSettingIsNamedWithAValidExample(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want string // in the message
	}{
		"no issuer":                                 {map[string]string{"ISSUERS": ""}, "ISSUERS is not set"},
		"white space for an issuer":                 {map[string]string{"ISSUERS": "  "}, "ISSUERS is not set"},
		"no client":                                 {map[string]string{"CLIENT_IDS": ""}, "CLIENT_IDS is not set"},
		"an issuer with a slash at its end":         {map[string]string{"ISSUERS": issuerA + "/"}, "without a slash at its end"},
		"an issuer in capitals":                     {map[string]string{"ISSUERS": "HTTPS://example.com/pool"}, "ISSUERS has"},
		"an issuer without a pool":                  {map[string]string{"ISSUERS": "https://cognito-idp.eu-west-1.amazonaws.com"}, "ISSUERS has"},
		"a key set's address for an issuer":         {map[string]string{"ISSUERS": issuerA + "/.well-known/jwks.json"}, "ISSUERS has"},
		"issuers apart by a space":                  {map[string]string{"ISSUERS": issuerA + " " + issuerB}, "ISSUERS has"},
		"clients apart by a space":                  {map[string]string{"CLIENT_IDS": "web machine"}, `CLIENT_IDS has "web machine"`},
		"any client":                                {map[string]string{"CLIENT_IDS": "*"}, "CLIENT_IDS has"},
		"a key set that is empty":                   {map[string]string{"JWKS": "{}"}, "JWKS is not"},
		"white space for a table":                   {map[string]string{"REVOCATIONS_TABLE": " "}, "REVOCATIONS_TABLE is"},
		"a level by arithmetic":                     {map[string]string{"LOG_LEVEL": "ERROR+50"}, "LOG_LEVEL is"},
		"an issuer's clients not named":             {byIssuer(`{}`), "names no clients"},
		"an empty list of clients":                  {byIssuer(`{"clients":[]}`), "names no clients"},
		"clients that are not a list":               {byIssuer(`{"clients":"web"}`), "clients is not a list of strings"},
		"a client that is not a string":             {byIssuer(`{"clients":["web",null]}`), "clients is not a list of strings"},
		"an unknown member":                         {byIssuer(`{"clients":["web"],"audience":["x"]}`), `has a member "audience"`},
		"an issuer that is a list":                  {byIssuer(`["web"]`), "is not an object"},
		"an issuer that is null":                    {byIssuer(`null`), "is not an object"},
		"a member twice":                            {byIssuer(`{"clients":["web"],"clients":["x"]}`), "is not strict JSON"},
		"an issuer twice":                           {byIssuer(`{"clients":["web"]},"` + issuerA + `":{"clients":["x"]}`), "is not strict JSON"},
		"issuers and something behind":              {map[string]string{"CLIENT_IDS": "", "ISSUERS": `{"` + issuerA + `":{"clients":["web"]}},` + issuerB}, "is not strict JSON"},
		"no issuer as JSON":                         {map[string]string{"CLIENT_IDS": "", "ISSUERS": `{}`}, "names no issuer"},
		"any client of an issuer":                   {byIssuer(`{"clients":["*"]}`), `ISSUERS has "*"`},
		"an audience with a space":                  {byIssuer(`{"clients":["web"],"audiences":["a b"]}`), `ISSUERS has "a b"`},
		"an empty audience":                         {byIssuer(`{"clients":["web"],"audiences":[""]}`), `ISSUERS has ""`},
		"clients beside clients by issuer":          {map[string]string{"ISSUERS": `{"` + issuerA + `":{"clients":["web"]}}`}, "remove CLIENT_IDS"},
		"audiences beside clients by issuer":        {map[string]string{"CLIENT_IDS": "", "AUDIENCES": "x", "ISSUERS": `{"` + issuerA + `":{"clients":["web"]}}`}, "remove AUDIENCES"},
		"an issuer in JSON with a slash at its end": {map[string]string{"CLIENT_IDS": "", "ISSUERS": `{"` + issuerA + `/":{"clients":["web"]}}`}, "without a slash at its end"},
		"a claim that the context has":              {map[string]string{"CONTEXT_CLAIMS": "plan,username"}, `CONTEXT_CLAIMS has "username"`},
		"a reserved key":                            {map[string]string{"CONTEXT_CLAIMS": "claims"}, `CONTEXT_CLAIMS has "claims"`},
		"a reserved key in another case":            {map[string]string{"CONTEXT_CLAIMS": "PrincipalID"}, `CONTEXT_CLAIMS has "PrincipalID"`},
		"a claim with a quote":                      {map[string]string{"CONTEXT_CLAIMS": `a"b`}, "CONTEXT_CLAIMS has"},
		"claims apart by a space":                   {map[string]string{"CONTEXT_CLAIMS": "a b"}, `CONTEXT_CLAIMS has "a b"`},
		"a gap among claims":                        {map[string]string{"CONTEXT_CLAIMS": "a,,b"}, "CONTEXT_CLAIMS has an empty entry"},
		"eleven claims":                             {map[string]string{"CONTEXT_CLAIMS": "a,b,c,d,e,f,g,h,i,j,k"}, "CONTEXT_CLAIMS has 11 claims"},
		"a claim of 65 characters":                  {map[string]string{"GROUPS_CLAIMS": strings.Repeat("x", 65)}, "GROUPS_CLAIMS has"},
		"a gap among claims with groups":            {map[string]string{"GROUPS_CLAIMS": "cognito:groups,"}, "GROUPS_CLAIMS has an empty entry"},
		"a trailing comma":                          {map[string]string{"CLIENT_IDS": "web,"}, "CLIENT_IDS has an empty entry"},
		"a gap among audiences":                     {map[string]string{"AUDIENCES": "a,,b"}, "AUDIENCES has an empty entry"},
		"audiences apart by a space":                {map[string]string{"AUDIENCES": "a b"}, `AUDIENCES has "a b"`},
		"an unknown token use":                      {map[string]string{"TOKEN_USE": "refresh"}, `TOKEN_USE is "refresh": write access, id, or access,id`},
		"a token use in capitals":                   {map[string]string{"TOKEN_USE": "ACCESS"}, "TOKEN_USE is"},
		"a leeway over a minute":                    {map[string]string{"LEEWAY": "61s"}, "LEEWAY is"},
		"a leeway below nothing":                    {map[string]string{"LEEWAY": "-1s"}, "LEEWAY is"},
		"a leeway without a unit":                   {map[string]string{"LEEWAY": "5"}, "LEEWAY is"},
		"a key set that is not JSON":                {map[string]string{"JWKS": "keys"}, "JWKS is not a JSON object"},
		"a key set that is null":                    {map[string]string{"JWKS": "null"}, "JWKS is not a JSON object"},
		"key sets behind null":                      {map[string]string{"JWKS": `null,"` + issuerA + `":` + keySet + `}`}, "JWKS is not a JSON object"},
		"key sets of one issuer twice":              {map[string]string{"JWKS": `{"` + issuerA + `":` + keySet + `,"` + issuerA + `":` + keySet + `}`}, "JWKS is not a JSON object"},
		"one key set for two issuers":               {map[string]string{"ISSUERS": issuerA + "," + issuerB, "JWKS": keySet}, "JWKS is one key set for several issuers"},
		"a key set of nobody":                       {map[string]string{"JWKS": `{"https://evil.example":` + keySet + `}`}, `JWKS has a key set for "https://evil.example"`},
		"an unknown form of response":               {map[string]string{"HTTP_RESPONSE": "iam"}, "HTTP_RESPONSE is"},
		"an invalid boolean":                        {map[string]string{"EXPIRE_CACHED_POLICIES": "no"}, "EXPIRE_CACHED_POLICIES is"},
		"an unknown level":                          {map[string]string{"LOG_LEVEL": "loud"}, "LOG_LEVEL is"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := validConfig(environment(tt.env))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
			if !reflect.DeepEqual(got, Config{}) {
				t.Errorf("settings beside the error: %+v", got)
			}
		})
	}
}

func TestAllProblemsAreNamedAtOnce(t *testing.T) {
	_, err := validConfig(environment(map[string]string{"ISSUERS": "", "CLIENT_IDS": "", "LEEWAY": "1h", "TOKEN_USE": "x"}))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"ISSUERS", "CLIENT_IDS", "LEEWAY", "TOKEN_USE"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestAllProblemsOfIssuersAreNamedAtOnce(t *testing.T) {
	_, err := validConfig(environment(map[string]string{"AUDIENCES": "x",
		"ISSUERS": `{"` + issuerA + `/":{"clients":["*"],"audience":[]},"` + issuerB + `":{"clients":[],"audiences":7}}`}))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"remove CLIENT_IDS", "remove AUDIENCES", "slash at its end", `"*"`, `"audience"`, "names no clients", "audiences is not a list"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

// byIssuer returns settings with one issuer whose clients and audiences are given as JSON.
func byIssuer(value string) map[string]string {
	return map[string]string{"CLIENT_IDS": "", "ISSUERS": `{"` + issuerA + `":` + value + `}`}
}

// validConfig returns the settings, or the zero Config and all problems as one error.
func validConfig(getenv func(string) string) (Config, error) {
	c, problems := loadConfig(getenv)
	if err := errors.Join(problems...); err != nil {
		return Config{}, err
	}
	return c, nil
}
