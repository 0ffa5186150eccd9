package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// problemDetails is an error as the caller sees it (RFC 9457).
type problemDetails struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	headers map[string]string
}

func newProblem(status int, detail string) *problemDetails {
	// RFC 9457, section 4.2.1: with about:blank the title is the status in words.
	return &problemDetails{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func badRequest(detail string) *problemDetails { return newProblem(http.StatusBadRequest, detail) }

// Error implements error, so that handlers can return it.
func (p *problemDetails) Error() string { return p.Detail }

func (p *problemDetails) response() response {
	res, err := jsonResponse(p.Status, "application/problem+json", p)
	if err != nil { // four plain fields cannot fail to encode
		return noContent(http.StatusInternalServerError)
	}
	for name, value := range p.headers {
		res.Headers[name] = value
	}
	return res
}

// problemOf returns what the caller sees of an error. An internal error is not described.
func problemOf(err error) *problemDetails {
	var p *problemDetails
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, errNoSuchUser):
		return newProblem(http.StatusNotFound, "there is no such user")
	case errors.Is(err, errPoolBusy):
		return tryAgain("the user pool is busy; try again")
	case errors.Is(err, errPoolUnreachable):
		return tryAgain("the user pool is unavailable; try again")
	case errors.Is(err, identity.ErrMissing):
		return newProblem(http.StatusInternalServerError, "the authorizer is not attached to this route")
	case errors.Is(err, identity.ErrMalformed):
		return newProblem(http.StatusInternalServerError, "the authorizer's context cannot be read")
	case errors.Is(err, errEvent):
		return newProblem(http.StatusInternalServerError, "not an API Gateway event")
	}
	return newProblem(http.StatusInternalServerError, "internal error")
}

func tryAgain(detail string) *problemDetails {
	p := newProblem(http.StatusServiceUnavailable, detail)
	p.headers = map[string]string{"Retry-After": strconv.Itoa(retryAfterSeconds)}
	return p
}

// causeOf returns an error for the log. Every error behind a 5xx consists of our own words, of AWS's about this function's role
// and pool, or of the network's; it quotes neither the event nor a user.
func causeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
