package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// operation is an operation of the contract. Its zero value requires a caller.
type operation struct {
	method string
	path   string // as in the contract: /users/{username}
	public bool   // no caller needed
	handle func(context.Context, *request) (response, error)
}

// router is a list of operations. The first match wins.
type router []operation

// find returns the operation of a request and sets the request's route, allow and params. An unknown path is a 404, an unknown
// method of a known path a 405. HEAD is served by the GET operation (RFC 9110 section 9.3.2). For OPTIONS, find returns
// the first operation of the path.
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
				return operation{}, badRequest("a path parameter must not contain a slash")
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
		return operation{}, newProblem(http.StatusNotFound, "path not found")
	}
	methods = append(methods, http.MethodOptions)
	slices.Sort(methods)
	req.allow = strings.Join(slices.Compact(methods), ", ")
	if found == nil {
		p := newProblem(http.StatusMethodNotAllowed, "method not allowed: this path supports "+req.allow)
		p.headers = map[string]string{"Allow": req.allow}
		return operation{}, p
	}
	req.route = req.method + " " + found.path
	return *found, nil
}

// match matches segments against the path template of an operation and returns the parameters. Fixed segments are compared byte
// by byte, so a percent-encoded one never matches. A parameter is never empty.
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

// decode percent-decodes the parameters once. Decoding twice would turn one user's name into another's.
func decode(params map[string]string) error {
	for name, value := range params {
		plain, err := url.PathUnescape(value)
		if err != nil || !utf8.ValidString(plain) {
			return badRequest("malformed path: write it as percent-encoded UTF-8")
		}
		params[name] = plain
	}
	return nil
}

// parameterName returns the name in {name} and reports whether the segment has that form.
func parameterName(segment string) (string, bool) {
	if !strings.HasPrefix(segment, "{") || !strings.HasSuffix(segment, "}") {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}
