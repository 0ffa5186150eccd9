package main

import (
	"net/http"
	"slices"
)

// origins are the web origins whose pages may call this API, exactly as browsers send them. None: no page
// of another origin may, and nothing of CORS is ever answered.
//
// https://fetch.spec.whatwg.org/#http-cors-protocol. Answers never allow credentials (cookies): callers
// send their token in the Authorization header, which a page of a foreign origin cannot borrow.
type origins []string

// options answers OPTIONS: what the path can do, and, through [origins.mark], what a browser asks before
// it sends a request of another origin.
func options(req *request) response {
	res := noContent(http.StatusNoContent)
	res.Headers["Allow"] = req.allow
	return res
}

// mark adds the CORS headers for the request's Origin.
func (o origins) mark(req *request, res *response) {
	if len(o) == 0 {
		return
	}
	// Always: a shared cache must not give the answer for one origin to another.
	res.Headers["Vary"] = "Origin"
	if !slices.Contains(o, req.origin) {
		return
	}
	res.Headers["Access-Control-Allow-Origin"] = req.origin
	if req.method == http.MethodOptions && req.allow != "" {
		res.Headers["Access-Control-Allow-Methods"] = req.allow
		res.Headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type" // * would not cover Authorization
		res.Headers["Access-Control-Max-Age"] = "600"
		return
	}
	res.Headers["Access-Control-Expose-Headers"] = "Allow, Retry-After"
}
