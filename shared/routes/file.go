package routes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrFile reports that a text is not a route table of this version.
var ErrFile = errors.New("not a route table")

// fileVersion changes whenever an older reader would misunderstand a newer file.
const fileVersion = 1

// file is the form of routes.json: the rules, each with the routes that it holds for. So a rule is written,
// read and reviewed once, however many routes share it.
type file struct {
	Version int        `json:"version"`
	Mode    Mode       `json:"mode,omitzero"`
	Digest  string     `json:"contract,omitzero"` // of the contract
	Connect *fileRule  `json:"connect,omitempty"` // absent: nobody
	Grants  *Grants    `json:"grants,omitempty"`
	Rules   []fileRule `json:"rules"`
}

type fileRule struct {
	Public bool     `json:"public,omitzero"`
	AnyOf  []AllOf  `json:"anyOf,omitempty"`
	Routes []string `json:"routes,omitempty"` // "GET /users"
}

// Load reads the route table at a path. Errors: those of the file system, and those of [Parse].
func Load(path string) (*Table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads a route table as [Table.Encode] writes it. It refuses a name that it does not know or that
// stands twice, and all that [New] refuses. A table without a route is refused too: it would deny
// everything, and nobody writes one on purpose. Errors: [ErrFile], and those of [New].
//
// Like New it does not check that a policy for a whole stage can be made.
func Parse(data []byte) (*Table, error) {
	f, err := readFile(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if f.Version != fileVersion {
		return nil, fmt.Errorf("%w: version %d, want %d", ErrFile, f.Version, fileVersion)
	}
	all := make([]ruled, 0, len(f.Rules))
	for _, r := range f.Rules {
		if len(r.Routes) == 0 {
			return nil, fmt.Errorf("%w: a rule without a route", ErrFile)
		}
		group := ruled{rule: Rule{Public: r.Public, AnyOf: r.AnyOf}, routes: make([]Route, len(r.Routes))}
		for i, route := range r.Routes {
			method, template, ok := strings.Cut(route, " ")
			if !ok {
				return nil, fmt.Errorf("%w: route %q, want METHOD /path", ErrFile, route)
			}
			group.routes[i] = Route{Method: method, Template: template}
		}
		all = append(all, group)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: it holds no route", ErrFile)
	}
	o := Options{Mode: f.Mode, ContractDigest: f.Digest}
	if f.Grants != nil {
		o.Grants = *f.Grants
	}
	if c := f.Connect; c != nil {
		if len(c.Routes) > 0 {
			return nil, fmt.Errorf("%w: connect lists routes", ErrFile)
		}
		o.Connect = Rule{Public: c.Public, AnyOf: c.AnyOf}
	}
	return build(all, o)
}

// Encode writes the table for [Parse]. Equal tables give equal bytes.
func (t *Table) Encode() ([]byte, error) {
	f := file{Version: fileVersion, Mode: t.mode, Digest: t.digest}
	if t.connect.Public || len(t.connect.AnyOf) > 0 {
		f.Connect = &fileRule{Public: t.connect.Public, AnyOf: t.connect.AnyOf}
	}
	if !t.grants.IsZero() {
		f.Grants = &t.grants
	}
	for _, r := range t.rules {
		f.Rules = append(f.Rules, fileRule{Public: r.Public, AnyOf: r.AnyOf})
	}
	for i, r := range t.routes {
		rule := &f.Rules[t.ruleOf[i]]
		rule.Routes = append(rule.Routes, r.String())
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(f)
	return b.Bytes(), err
}
