package apigateway_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

var routerKeys = []apigateway.RouteKey{
	{Method: "GET", Template: "/"},
	{Method: "GET", Template: "/users"},
	{Method: "GET", Template: "/users/me"},
	{Method: "GET", Template: "/users/{id}"},
	{Method: "DELETE", Template: "/users/{id}"},
	{Method: "ANY", Template: "/users/{id}/orders"},
	{Method: "GET", Template: "/users/{name}/orders"},
	{Method: "GET", Template: "/files/{path+}"},
	{Method: "ANY", Template: "/files/a/b"},
	{Method: "POST", Template: "/{other}/b"},
	{Method: "GET", Template: "/a/{x}"},
	{Method: "POST", Template: "/a/b"},
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		call       string
		rest, http string // the route, or "" for none
		values     string
	}{
		{"GET /", "GET /", "GET /", ""},
		{"POST /", "", "", ""},
		{"GET /users", "GET /users", "GET /users", ""},
		{"GET /users/", "GET /users", "", ""},
		{"GET /users//", "", "", ""},
		{"GET //users", "", "", ""},
		{"GET users", "", "", ""},
		{"GET /Users", "", "", ""},
		{"GET /users/me", "GET /users/me", "GET /users/me", ""},
		{"GET /users/me/", "GET /users/me", "", ""},
		{"GET /users/7", "GET /users/{id}", "GET /users/{id}", "id=7"},
		{"GET /users/7%2F8", "GET /users/{id}", "GET /users/{id}", "id=7%2F8"},
		{"DELETE /users/me", "DELETE /users/{id}", "DELETE /users/{id}", "id=me"}, // path and method are resolved together
		{"POST /users/me", "", "", ""},
		{"GET /users/7/orders", "GET /users/{name}/orders", "GET /users/{name}/orders", "name=7"},
		{"PUT /users/7/orders", "ANY /users/{id}/orders", "ANY /users/{id}/orders", "id=7"},
		{"GET /users/7/orders/1", "", "", ""},
		{"GET /files", "", "", ""},
		{"GET /files/", "", "", ""},
		{"GET /files/x", "GET /files/{path+}", "GET /files/{path+}", "path=x"},
		{"GET /files/x/y//z", "GET /files/{path+}", "GET /files/{path+}", "path=x/y//z"},
		{"GET /files/a/b", "ANY /files/a/b", "ANY /files/a/b", ""},
		{"GET /files/a/b/c", "GET /files/{path+}", "GET /files/{path+}", "path=a/b/c"},
		{"GET /a/b", "GET /a/{x}", "GET /a/{x}", "x=b"},
		{"POST /a/b", "POST /a/b", "POST /a/b", ""},
		{"POST /c/b", "POST /{other}/b", "POST /{other}/b", "other=c"},
		{"POST /users/b", "POST /{other}/b", "POST /{other}/b", "other=users"}, // no route below the literal serves it
	} {
		for flavor, want := range map[apigateway.Flavor]string{apigateway.REST: tt.rest, apigateway.HTTP: tt.http} {
			router, err := apigateway.NewRouter(flavor, routerKeys)
			if err != nil {
				t.Fatal(err)
			}
			method, path, _ := strings.Cut(tt.call, " ")
			got, values := "", ""
			if i, ok := router.Match(method, path); ok {
				got = routerKeys[i].String()
				var pairs []string
				for name, value := range router.Values(i, path) {
					pairs = append(pairs, name+"="+value)
				}
				slices.Sort(pairs)
				values = strings.Join(pairs, " ")
			}
			if got != want || got != "" && values != tt.values {
				t.Errorf("flavor %d, %s: got %q %q, want %q %q", flavor, tt.call, got, values, want, tt.values)
			}
		}
	}
}

func TestNewRouterNamesEveryProblem(t *testing.T) {
	bad := []string{"", "users", "//", "/users/", "/a//b", "/{}", "/{+}", "/{a", "/a}", "/x{a}", "/{a}{b}", "/{a+}/b", "/{a{b}"}
	var keys []apigateway.RouteKey
	for _, template := range bad {
		keys = append(keys, apigateway.RouteKey{Method: "GET", Template: template})
	}
	keys = append(keys, apigateway.RouteKey{Method: "GET", Template: "/x/{a}"}, apigateway.RouteKey{Method: "GET", Template: "/x/{b}"})
	router, err := apigateway.NewRouter(apigateway.REST, keys)
	if err == nil || router != nil {
		t.Fatal("accepted")
	}
	for _, template := range append(bad, "/x/{b}: it serves the same calls as GET /x/{a}") {
		if !strings.Contains(err.Error(), "GET "+template) {
			t.Errorf("%q is not named", template)
		}
	}
}

// The tree is compared with the rule as it is stated: of all routes that fit, the most specific.
func TestMatchAgreesWithTheRuleOnRandomRoutes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	segments := []string{"a", "b", "{x}"}
	for range 300 {
		templates := map[string]bool{}
		for range 1 + random.IntN(8) {
			template := ""
			for range 1 + random.IntN(3) {
				template += "/" + segments[random.IntN(len(segments))]
			}
			if random.IntN(4) == 0 {
				template += "/{rest+}"
			}
			templates[[]string{"GET ", "POST ", "ANY "}[random.IntN(3)]+template] = true
		}
		var keys []apigateway.RouteKey
		for _, s := range slices.Sorted(maps.Keys(templates)) {
			method, template, _ := strings.Cut(s, " ")
			keys = append(keys, apigateway.RouteKey{Method: method, Template: template})
		}
		router, err := apigateway.NewRouter(apigateway.HTTP, keys)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			path := ""
			for range 1 + random.IntN(4) {
				path += "/" + []string{"a", "b", "c", ""}[random.IntN(4)]
			}
			for _, method := range []string{"GET", "PUT"} {
				want, got := mostSpecific(keys, method, path), "none"
				if i, ok := router.Match(method, path); ok {
					got = keys[i].String()
				}
				if got != want {
					t.Fatalf("%v\n%s %s: got %s, want %s", keys, method, path, got, want)
				}
			}
		}
	}
}

func mostSpecific(keys []apigateway.RouteKey, method, path string) string {
	best, bestRank := "none", ""
	for _, k := range keys {
		if k.Method != method && k.Method != apigateway.AnyMethod {
			continue
		}
		rank, ok := rankOf(strings.Split(k.Template, "/")[1:], strings.Split(path, "/")[1:])
		if ok && k.Method == apigateway.AnyMethod {
			rank += "z"
		}
		if ok && (bestRank == "" || rank < bestRank) {
			best, bestRank = k.String(), rank
		}
	}
	return best
}

// rankOf returns a string that is smaller for a more specific template: 0 for a literal, 1 for a parameter, 2 for the rest.
func rankOf(template, path []string) (rank string, ok bool) {
	for i, s := range template {
		switch {
		case strings.HasSuffix(s, "+}"):
			return rank + "2", i < len(path) && strings.Join(path[i:], "/") != ""
		case i >= len(path):
			return "", false
		case s[0] == '{':
			rank += "1"
			if path[i] == "" {
				return "", false
			}
		default:
			rank += "0"
			if s != path[i] {
				return "", false
			}
		}
	}
	return rank + " ", len(template) == len(path)
}

func ExampleRouter() {
	keys := []apigateway.RouteKey{{Method: "GET", Template: "/users/{id}"}, {Method: "PATCH", Template: "/users/me"}}
	router, err := apigateway.NewRouter(apigateway.REST, keys)
	if err != nil {
		panic(err)
	}
	i, _ := router.Match("GET", "/users/me")
	fmt.Println(keys[i], router.Values(i, "/users/me"))
	// Output: GET /users/{id} map[id:me]
}
