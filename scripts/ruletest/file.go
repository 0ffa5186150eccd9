package ruletest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// file is RULES.yaml.
type file struct {
	Cases []expectation `yaml:"cases"`
}

// expectation is what one caller may do.
type expectation struct {
	As           caller     `yaml:"as"`
	Allowed      []routeRef `yaml:"allowed"`
	Denied       []routeRef `yaml:"denied"`
	Unauthorized []routeRef `yaml:"unauthorized"`
}

// caller is who calls. One of the fields must be there: a caller without scopes and groups is {groups: []}.
type caller struct {
	Anonymous bool           `yaml:"anonymous"`
	Scopes    *[]string      `yaml:"scopes"`
	Groups    *[]string      `yaml:"groups"`
	Claims    map[string]any `yaml:"claims"`
	SignedIn  string         `yaml:"signed_in"` // how long ago, such as 20m

	principal routes.Principal // set by parse
}

// routeRef is a route of a file: a template of the contract or a concrete path, with its line.
type routeRef struct {
	Method, Path string
	Line         int
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (r *routeRef) UnmarshalYAML(node ast.Node) error {
	r.Line = node.GetToken().Position.Line
	var text string
	if err := yaml.NodeToValue(node, &text); err != nil {
		return fmt.Errorf(`line %d: want a route such as "GET /orders"`, r.Line)
	}
	method, path, ok := strings.Cut(strings.TrimSpace(text), " ")
	r.Method, r.Path = strings.ToUpper(method), strings.TrimSpace(path)
	if !ok || !strings.HasPrefix(r.Path, "/") {
		return fmt.Errorf(`line %d: %q is not a route: want METHOD /path, such as "GET /orders"`, r.Line, text)
	}
	return nil
}

func (r routeRef) String() string { return r.Method + " " + r.Path }

// parse reads a file. A key that it does not know is an error, as is a case that expects nothing.
func parse(data []byte) ([]expectation, error) {
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.DisallowUnknownField())
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		problem, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
		return nil, errors.New(problem)
	}
	if len(f.Cases) == 0 {
		return nil, errors.New("it has no cases: write cases: [{as: {groups: [staff]}, allowed: [GET /orders]}]")
	}
	now := time.Now()
	for i := range f.Cases {
		c := &f.Cases[i]
		described := c.As.Scopes != nil || c.As.Groups != nil || c.As.Claims != nil || c.As.SignedIn != ""
		switch {
		case c.As.Anonymous && described:
			return nil, fmt.Errorf("case %d: a caller is anonymous or has scopes, groups and claims, not both", i+1)
		case !c.As.Anonymous && !described:
			return nil, fmt.Errorf("case %d: who calls? Write as: {anonymous: true}, or {groups: []} for somebody who has signed in and has no rights", i+1)
		case len(c.Allowed)+len(c.Denied)+len(c.Unauthorized) == 0:
			return nil, fmt.Errorf("case %d expects nothing: list routes under allowed, denied or unauthorized", i+1)
		}
		if err := c.As.describe(now); err != nil {
			return nil, fmt.Errorf("case %d: %w", i+1, err)
		}
	}
	return f.Cases, nil
}
