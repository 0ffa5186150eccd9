package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTheCacheIsBoundedAndDropsTheOldest(t *testing.T) {
	key := func(i int) (k [sha256.Size]byte) {
		binary.BigEndian.PutUint64(k[:], uint64(i))
		return k
	}
	now := time.Unix(0, 0)
	c := newResultCache(time.Hour)
	for i := range 3 * maxResults {
		c.put(key(i), &verdict{}, now)
	}
	if len(c.results) != maxResults || len(c.order) != maxResults {
		t.Fatalf("%d results in an order of %d, want %d", len(c.results), len(c.order), maxResults)
	}
	if c.get(key(2*maxResults-1), now) != nil || c.get(key(2*maxResults), now) == nil || c.get(key(3*maxResults-1), now) == nil {
		t.Error("it is not the oldest that were dropped")
	}
	// What has lapsed makes room before anything else.
	c.put(key(0), &verdict{}, now.Add(time.Hour))
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
	routes, err := loadRoutes("testdata/pets.yaml")
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
		{"a greedy one takes the rest", "/pets/7/owner/name", "/pets/{any+}", map[string]string{"any": "7/owner/name"}},
		{"a greedy one and a slash", "/pets/a/b/", "/pets/{any+}", map[string]string{"any": "a/b"}},
		{"a slash that is encoded does not part segments", "/pets/a%2Fb", "/pets/{id}", map[string]string{"id": "a%2Fb"}},
		{"wildcards are ordinary", "/pets/*", "/pets/{id}", map[string]string{"id": "*"}},
		{"case counts", "/Pets", "", nil},
		{"an encoded letter is not that letter", "/p%65ts", "", nil},
		{"a segment more", "/health/now", "", nil},
		{"an empty segment", "/pets//owner", "", nil},
		{"two slashes at the end", "/pets//", "", nil},
		{"two slashes in front", "//pets", "", nil},
		{"no slash in front", "pets", "", nil},
		{"nothing", "", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, values := match(routes, tt.path)
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

func TestADocumentThatCannotBeServedIsRefused(t *testing.T) {
	const responses = `responses: {"200": {description: OK}}`
	for _, tt := range []struct {
		name  string
		paths string // after the head; top-level security comes with it where it belongs
		want  string
	}{
		{"no security anywhere", "paths: {/a: {get: {" + responses + "}}}", "GET /a: no security is stated"},
		{"optional security", "paths: {/a: {get: {security: [{}, {t: []}], " + responses + "}}}", "GET /a: security that is optional"},
		{"a parameter that is part of a segment", "security: [{t: []}]\npaths: {'/a/x{id}': {get: {" + responses + "}}}", "whole segment"},
		{"a parameter that is not closed", "security: [{t: []}]\npaths: {'/a/{id': {get: {" + responses + "}}}", "whole segment"},
		{"a parameter without a name", "security: [{t: []}]\npaths: {'/a/{}': {get: {" + responses + "}}}", "whole segment"},
		{"a greedy parameter in the middle", "security: [{t: []}]\npaths: {'/a/{x+}/b': {get: {" + responses + "}}}", "last segment"},
		{"an empty segment", "security: [{t: []}]\npaths: {/a//b: {get: {" + responses + "}}}", "empty segment"},
		{"two templates for the same paths", "security: [{t: []}]\npaths: {'/a/{x}': {get: {" + responses + "}}, '/a/{y}': {put: {" + responses + "}}}", "/a/{x} and /a/{y} match the same paths"},
		{"no paths", "paths: {}", "no paths"},
		{"no YAML", "paths: [", "yaml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "api.yaml")
			text := "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n" + tt.paths + "\ncomponents: {securitySchemes: {t: {type: http, scheme: bearer}}}\n"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			routes, err := loadRoutes(path)
			if !errors.Is(err, ErrDocument) || routes != nil {
				t.Fatalf("got %v, %v, want ErrDocument", routes, err)
			}
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q does not name the file and say %q", err, tt.want)
			}
		})
	}
	if _, err := loadRoutes("testdata/none.yaml"); !errors.Is(err, ErrDocument) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestTheSampleContractCanBeServed(t *testing.T) {
	routes, err := loadRoutes("../../../functions/api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var public []string
	for _, r := range routes {
		for method, op := range r.methods {
			if op.public {
				public = append(public, method+" "+r.template)
			}
		}
	}
	if !reflect.DeepEqual(public, []string{"GET /health"}) {
		t.Errorf("public routes %v, want GET /health alone", public)
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
