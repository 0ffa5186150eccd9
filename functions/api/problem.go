package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// problemDetails is the error response that the caller sees (RFC 9457).
type problemDetails struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	headers map[string]string
}

func newProblem(status int, detail string) *problemDetails {
	// With about:blank the title is the status phrase (RFC 9457 section 4.2.1).
	return &problemDetails{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func badRequest(detail string) *problemDetails { return newProblem(http.StatusBadRequest, detail) }

// Error implements error, so that handlers can return it.
func (p *problemDetails) Error() string { return p.Detail }

func (p *problemDetails) response() response {
	res, err := jsonResponse(p.Status, "application/problem+json", p)
	if err != nil { // cannot happen: all fields are strings and numbers
		return noContent(http.StatusInternalServerError)
	}
	for name, value := range p.headers {
		res.Headers[name] = value
	}
	return res
}

// problemOf maps an error to the problem that the caller sees. Internal errors are not described to the caller.
func problemOf(err error) *problemDetails {
	var p *problemDetails
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, errNoSuchUser):
		return newProblem(http.StatusNotFound, "user not found")
	case errors.Is(err, errPoolBusy):
		return unavailable("the user pool is busy: try again")
	case errors.Is(err, errPoolUnreachable):
		return unavailable("the user pool is unavailable: try again")
	case errors.Is(err, errRevocations):
		return unavailable("the access tokens are not revoked yet: try again")
	case errors.Is(err, identity.ErrMissing):
		return newProblem(http.StatusInternalServerError, "the authorizer is not attached to this route")
	case errors.Is(err, identity.ErrMalformed):
		return newProblem(http.StatusInternalServerError, "the authorizer's context is malformed")
	case errors.Is(err, errEvent):
		return newProblem(http.StatusInternalServerError, "not an API Gateway event")
	}
	return newProblem(http.StatusInternalServerError, "internal error")
}

func unavailable(detail string) *problemDetails {
	p := newProblem(http.StatusServiceUnavailable, detail)
	p.headers = map[string]string{"Retry-After": strconv.Itoa(retryAfterSeconds)}
	return p
}

// causeOf returns the text of an error for the log. The errors behind a 5xx consist of fixed strings, of AWS's messages about the
// function's role and the user pool, and of network errors. None quotes the event or a user.
func causeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
