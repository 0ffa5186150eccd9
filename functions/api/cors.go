package main

import (
	"net/http"
	"slices"
)

// origins holds the web origins whose pages may call this API, exactly as browsers send them. If it is empty, CORS is off: no
// response has a CORS header.
//
// Responses never allow credentials (cookies). Callers send their token in the Authorization header, which browsers never add
// by themselves. See https://fetch.spec.whatwg.org/#http-cors-protocol.
type origins []string

// optionsResponse returns the response to OPTIONS: the methods of the path. [origins.setHeaders] adds what a CORS preflight
// request needs.
func optionsResponse(req *request) response {
	res := noContent(http.StatusNoContent)
	res.Headers["Allow"] = req.allow
	return res
}

// setHeaders adds the CORS headers for the request's Origin.
func (o origins) setHeaders(req *request, res *response) {
	if len(o) == 0 {
		return
	}
	// Set for every origin, so that a shared cache never serves the response for one origin to another.
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
