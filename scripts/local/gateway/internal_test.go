package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

func TestTheCacheIsBoundedAndDropsTheOldest(t *testing.T) {
	key := func(i int) (k [sha256.Size]byte) {
		binary.BigEndian.PutUint64(k[:], uint64(i))
		return k
	}
	now := time.Unix(0, 0)
	c := newResultCache(time.Hour)
	for i := range 3 * maxResults {
		c.put(key(i), &authorizerResult{}, now)
	}
	if len(c.results) != maxResults || len(c.order) != maxResults {
		t.Fatalf("%d results in an order of %d, want %d", len(c.results), len(c.order), maxResults)
	}
	if c.get(key(2*maxResults-1), now) != nil || c.get(key(2*maxResults), now) == nil || c.get(key(3*maxResults-1), now) == nil {
		t.Error("it is not the oldest that were dropped")
	}
	// What has lapsed makes room before anything else.
	c.put(key(0), &authorizerResult{}, now.Add(time.Hour))
	if len(c.results) != 1 || len(c.order) != 1 {
		t.Errorf("%d results in an order of %d after all but one have lapsed", len(c.results), len(c.order))
	}
}

func TestNoTwoListsOfIdentitiesShareAKey(t *testing.T) {
	keys := map[[sha256.Size]byte]string{}
	for _, list := range [][]string{{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"a,b", "c"}, {"a", "b,c"}} {
		for _, stage := range []string{"v1", "v1a"} {
			k := cacheKey(stage, list)
			if before, ok := keys[k]; ok {
				t.Errorf("%s and %s %q share a key", before, stage, list)
			}
			keys[k] = stage + " " + strings.Join(list, "|")
		}
	}
}

func TestWhichRouteAPathMeans(t *testing.T) {
	compiled, err := contract.Compile("testdata/pets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	routes, err := loadRoutes(compiled.Contract, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		path     string
		template string // none if empty
		values   map[string]string
	}{
		{"the root", "/", "/", map[string]string{}},
		{"a literal", "/pets", "/pets", map[string]string{}},
		{"a literal and a slash", "/pets/", "/pets", map[string]string{}},
		{"a literal goes before a parameter", "/pets/mine", "/pets/mine", map[string]string{}},
		{"a parameter goes before a greedy one", "/pets/7", "/pets/{id}", map[string]string{"id": "7"}},
		{"a parameter and a slash", "/pets/7/", "/pets/{id}", map[string]string{"id": "7"}},
		{"a literal after a parameter", "/pets/7/owner", "/pets/{id}/owner", map[string]string{"id": "7"}},
		{"a greedy one matches the rest", "/pets/7/owner/name", "/pets/{any+}", map[string]string{"any": "7/owner/name"}},
		{"a greedy one and a slash", "/pets/a/b/", "/pets/{any+}", map[string]string{"any": "a/b"}},
		{"a slash that is encoded does not part segments", "/pets/a%2Fb", "/pets/{id}", map[string]string{"id": "a%2Fb"}},
		{"wildcards are ordinary", "/pets/*", "/pets/{id}", map[string]string{"id": "*"}},
		{"case counts", "/Pets", "", nil},
		{"an encoded letter is not that letter", "/p%65ts", "", nil},
		{"a segment more", "/health/now", "", nil},
		{"an empty segment", "/pets//owner", "/pets/{any+}", map[string]string{"any": "/owner"}},
		{"two slashes at the end", "/pets//", "", nil},
		{"two slashes in front", "//pets", "", nil},
		{"no slash in front", "pets", "", nil},
		{"nothing", "", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, values := routes.match("GET", tt.path)
			template := ""
			if r != nil {
				template = r.template
			}
			if template != tt.template || !reflect.DeepEqual(values, tt.values) {
				t.Errorf("got %q %v, want %q %v", template, values, tt.template, tt.values)
			}
		})
	}
}

// served returns the routes of a contract.json with these operations, each a method, a template and an access.
func served(t *testing.T, operations ...string) *routeTable {
	t.Helper()
	paths := map[string]map[string]any{}
	for _, o := range operations {
		f := strings.Fields(o)
		rule := map[string]any{"access": f[2]}
		if f[2] == "token" {
			rule["any_of"] = []any{map[string]any{}}
		}
		if paths[f[1]] == nil {
			paths[f[1]] = map[string]any{}
		}
		paths[f[1]][f[0]] = map[string]any{"x-authorizer-rule": rule}
	}
	document, err := json.Marshal(map[string]any{"paths": paths, "x-authorizer": map[string]any{"caching": "stage"}})
	if err != nil {
		t.Fatal(err)
	}
	routes, err := loadRoutes(document, false)
	if err != nil {
		t.Fatal(err)
	}
	return routes
}

func TestPathAndMethodAreResolvedTogether(t *testing.T) {
	routes := served(t, "get /a/{x} token", "post /a/b token", "x-amazon-apigateway-any-method /a/{x+} token", "get /c/d/e token",
		"x-amazon-apigateway-any-method /c/d/e public", "get /c/{y+} token", "patch /c/d/e iam")
	for call, want := range map[string]string{
		"GET /a/b":      "GET /a/{x}", // POST /a/b does not keep the call from the route that serves it
		"POST /a/b":     "POST /a/b",
		"POST /a/c":     "ANY /a/{x+}",
		"DELETE /a/b":   "ANY /a/{x+}",
		"GET /a/b/c":    "ANY /a/{x+}",
		"GET /c/d/e":    "GET /c/d/e",
		"PUT /c/d/e":    "ANY /c/d/e",
		"PATCH /c/d/e":  "PATCH /c/d/e",
		"GET /c/d/f":    "GET /c/{y+}",
		"DELETE /c/d/f": "",
	} {
		method, path, _ := strings.Cut(call, " ")
		got := ""
		if r, _ := routes.match(method, path); r != nil {
			got = r.method + " " + r.template
		}
		if got != want {
			t.Errorf("%s is routed to %q, want %q", call, got, want)
		}
	}
}

func TestAContractThatCannotBeServedIsRefused(t *testing.T) {
	if routes, err := loadRoutes([]byte(`{"x-authorizer":{"caching":"stage"},"paths":{"/a/x{id}":{"get":{"x-authorizer-rule":{"access":"public"}}}}}`), false); !errors.Is(err, ErrContract) || routes != nil {
		t.Errorf("a parameter that is part of a segment: %v, %v", routes, err)
	}
	if routes, err := loadRoutes([]byte(`{"x-authorizer":{"caching":"stage"},"paths":{"/a":{"get":{"security":[]}}}}`), false); !errors.Is(err, ErrContract) || routes != nil {
		t.Errorf("without x-authorizer-rule: %v, %v", routes, err)
	}
}

func TestAVerdictIsAllOrNothing(t *testing.T) {
	for name, payload := range map[string]string{
		"nothing":                    ``,
		"no JSON":                    `{`,
		"a list":                     `[]`,
		"an empty object":            `{}`,
		"names in another case":      `{"PrincipalId":"a","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}`,
		"an empty principal":         `{"principalId":"","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}`,
		"null as policy":             `{"principalId":"a","policyDocument":null}`,
		"a simple response":          `{"isAuthorized":true}`,
		"null as context":            `{"principalId":"a","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]},"context":null}`,
		"an object inside a context": `{"principalId":"a","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]},"context":{"a": {}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := parseOutput([]byte(payload)); !errors.Is(err, errOutput) || v != nil {
				t.Errorf("got %v, %v, want errOutput", v, err)
			}
		})
	}
}
