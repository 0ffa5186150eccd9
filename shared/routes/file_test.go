package routes_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

func TestTheFileIsSortedMinimalAndStable(t *testing.T) {
	const want = `{"version":1,"connect":{"anyOf":[{}]},"rules":[` +
		`{"public":true,"routes":["GET /health"]},` +
		`{"anyOf":[{"scopes":["r"]}],"routes":["GET /users","POST /users"]},` +
		`{"anyOf":[{"groups":["g"]}],"routes":["ANY /{proxy+}"]}]}` + "\n"
	for _, lines := range [][]string{
		{"GET /users r", "GET /health public", "POST /users r", "ANY /{proxy+} g"},
		{"ANY /{proxy+} g", "POST /users r", "GET /health public", "GET /users r"},
	} {
		got, err := newTable(t, lines...).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAnEncodedTableIsReadBack(t *testing.T) {
	for name, o := range map[string]routes.Options{
		"for the stage":      {Connect: signedIn},
		"for each route":     {Mode: routes.PerRoute, Connect: public},
		"without WebSockets": {},
		"of a contract":      {ContractDigest: strings.Repeat("0a", 32)},
	} {
		t.Run(name, func(t *testing.T) {
			rules := parseRoutes(t, "GET / public", "GET /users r", "ANY /users/{id} g", "GET /null r", "GET /files/{path+} any")
			rules[1].Rule = routes.Rule{AnyOf: []routes.AllOf{{Scopes: []string{"a,b", `q{}`}, Groups: []string{"<&>é"}}, {Groups: []string{"x"}}}}
			table, err := routes.New(rules, o)
			if err != nil {
				t.Fatal(err)
			}
			data, err := table.Encode()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "routes.json")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			again, err := routes.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(again.Routes(), table.Routes()) || again.Mode() != table.Mode() ||
				!reflect.DeepEqual(again.Connect(), table.Connect()) || again.ContractDigest() != o.ContractDigest {
				t.Errorf("got  %+v\nwant %+v", again.Routes(), table.Routes())
			}
		})
	}
}

func TestAFileThatIsNotATableIsRefused(t *testing.T) {
	const rule = `{"public":true,"routes":["GET /a"]}`
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"nothing":                      {``, routes.ErrFile},
		"no JSON":                      {`openapi: 3.1.0`, routes.ErrFile},
		"null":                         {`null`, routes.ErrFile},
		"an empty object":              {`{}`, routes.ErrFile},
		"a later version":              {`{"version":2,"rules":[` + rule + `]}`, routes.ErrFile},
		"a version in words":           {`{"version":"1","rules":[` + rule + `]}`, routes.ErrFile},
		"no route":                     {`{"version":1,"rules":[]}`, routes.ErrFile},
		"a rule without a route":       {`{"version":1,"rules":[{"public":true}]}`, routes.ErrFile},
		"a name that is not known":     {`{"version":1,"extra":1,"rules":[` + rule + `]}`, routes.ErrFile},
		"a name in another case":       {`{"Version":1,"rules":[` + rule + `]}`, routes.ErrFile},
		"a name in a rule":             {`{"version":1,"rules":[{"public":true,"allOf":[],"routes":["GET /a"]}]}`, routes.ErrFile},
		"a name in an alternative":     {`{"version":1,"rules":[{"anyOf":[{"roles":["x"]}],"routes":["GET /a"]}]}`, routes.ErrFile},
		"a name twice":                 {`{"version":1,"rules":[],"rules":[` + rule + `]}`, routes.ErrFile},
		"public twice":                 {`{"version":1,"rules":[{"public":false,"public":true,"routes":["GET /a"]}]}`, routes.ErrFile},
		"something behind it":          {`{"version":1,"rules":[` + rule + `]}{}`, routes.ErrFile},
		"a route without a path":       {`{"version":1,"rules":[{"public":true,"routes":["GET"]}]}`, routes.ErrFile},
		"routes for the handshake":     {`{"version":1,"connect":` + rule + `,"rules":[` + rule + `]}`, routes.ErrFile},
		"a mode that is not known":     {`{"version":1,"mode":"stage","rules":[` + rule + `]}`, routes.ErrRule},
		"a rule that lets nobody in":   {`{"version":1,"rules":[{"routes":["GET /a"]}]}`, routes.ErrRule},
		"an alternative that is null":  {`{"version":1,"rules":[{"anyOf":null,"routes":["GET /a"]}]}`, routes.ErrFile},
		"a null for an alternative":    {`{"version":1,"rules":[{"anyOf":[null],"routes":["GET /a"]}]}`, routes.ErrFile},
		"a null for scopes":            {`{"version":1,"rules":[{"anyOf":[{"scopes":null}],"routes":["GET /a"]}]}`, routes.ErrFile},
		"a null for the handshake":     {`{"version":1,"connect":null,"rules":[` + rule + `]}`, routes.ErrFile},
		"public with an alternative":   {`{"version":1,"rules":[{"public":true,"anyOf":[{}],"routes":["GET /a"]}]}`, routes.ErrRule},
		"a digest that is too short":   {`{"version":1,"contract":"0a","rules":[` + rule + `]}`, routes.ErrRule},
		"a digest in upper case":       {`{"version":1,"contract":"` + strings.Repeat("0A", 32) + `","rules":[` + rule + `]}`, routes.ErrRule},
		"a null for the digest":        {`{"version":1,"contract":null,"rules":[` + rule + `]}`, routes.ErrFile},
		"a route under two rules":      {`{"version":1,"rules":[` + rule + `,{"anyOf":[{}],"routes":["GET /a"]}]}`, routes.ErrDuplicate},
		"a wildcard in a path":         {`{"version":1,"rules":[{"public":true,"routes":["GET /*"]}]}`, routes.ErrTemplate},
		"a method in lower case":       {`{"version":1,"rules":[{"public":true,"routes":["get /a"]}]}`, routes.ErrMethod},
		"two spaces behind the method": {`{"version":1,"rules":[{"public":true,"routes":["GET  /a"]}]}`, routes.ErrTemplate},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := routes.Parse([]byte(tt.text))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if table != nil {
				t.Error("a table beside the error")
			}
		})
	}
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "routes.json")
	if _, err := routes.Load(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := routes.Load(path); !errors.Is(err, routes.ErrFile) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"connect":{"anyOf":[{}]},"rules":[{"public":true,"routes":["GET /","ANY /a/{x}/{y+}"]}]}`))
	f.Add([]byte(`{"version":1,"mode":"route","rules":[{"anyOf":[{"scopes":["r"],"groups":["g"]},{"groups":["h"]}],"routes":["GET /a"]}]}`))
	f.Add([]byte(`{"version":1,"rules":[{"anyOf":[{}],"routes":["GET /{a}","GET /a/b"]},{"anyOf":[{"groups":["g"]}],"routes":["GET /{a}/b"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := routes.Parse(data)
		if err != nil {
			return
		}
		once, err := table.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := routes.Parse(once)
		if err != nil {
			t.Fatalf("%s was written and cannot be read: %v", once, err)
		}
		if twice, err := again.Encode(); err != nil || string(twice) != string(once) {
			t.Errorf("%s\nbecame\n%s\n%v", once, twice, err)
		}
	})
}
