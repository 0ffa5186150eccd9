package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// operation is one line of the contract. Its zero value asks for a caller.
type operation struct {
	method string
	path   string // as in the contract: /users/{username}
	public bool   // no caller needed
	handle func(context.Context, *request) (response, error)
}

// router finds operations; the first that fits wins.
type router []operation

// find names the operation of a request and fills in its parameters. A path that no operation has is a
// 404, a method that the path does not have a 405. HEAD finds GET (RFC 9110, section 9.3.2), and OPTIONS
// any operation of the path.
func (r router) find(req *request) (operation, error) {
	method := req.method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var found *operation
	var methods []string
	for i, op := range r {
		params, ok := match(op.path, req.segments)
		if !ok {
			continue
		}
		if req.encoded {
			if err := decode(params); err != nil {
				return operation{}, err
			}
		}
		for _, value := range params {
			if strings.Contains(value, "/") {
				return operation{}, badRequest("a slash cannot be part of a path parameter")
			}
		}
		methods = append(methods, op.method)
		if op.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		if found == nil && (op.method == method || method == http.MethodOptions) {
			found, req.params = &r[i], params
		}
	}
	if len(methods) == 0 {
		return operation{}, newProblem(http.StatusNotFound, "there is nothing at this path")
	}
	methods = append(methods, http.MethodOptions)
	slices.Sort(methods)
	req.allow = strings.Join(slices.Compact(methods), ", ")
	if found == nil {
		p := newProblem(http.StatusMethodNotAllowed, "this path answers "+req.allow)
		p.headers = map[string]string{"Allow": req.allow}
		return operation{}, p
	}
	req.route = req.method + " " + found.path
	return *found, nil
}

// match compares segments with a path of the contract, letter by letter: one that is percent-encoded equals no
// fixed segment. A parameter is never empty.
func match(path string, segments []string) (map[string]string, bool) {
	want := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(want) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, segment := range want {
		if name, isParam := parameterName(segment); isParam && segments[i] != "" {
			params[name] = segments[i]
		} else if segment != segments[i] {
			return nil, false
		}
	}
	return params, true
}

// decode undoes the percent-encoding of values, once: a second round would turn one user's name into another's.
func decode(params map[string]string) error {
	for name, value := range params {
		plain, err := url.PathUnescape(value)
		if err != nil || !utf8.ValidString(plain) {
			return badRequest("the path is not well formed")
		}
		params[name] = plain
	}
	return nil
}

// parameterName returns the name in {name}, and whether the segment has that form.
func parameterName(segment string) (string, bool) {
	if !strings.HasPrefix(segment, "{") || !strings.HasSuffix(segment, "}") {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}
