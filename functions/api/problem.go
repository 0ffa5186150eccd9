package main

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// problem is an error as the caller may see it, in the form of RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	headers map[string]string
}

func newProblem(status int, detail string) *problem {
	// RFC 9457, section 4.2.1: with about:blank the title is the status in words.
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func badRequest(detail string) *problem { return newProblem(http.StatusBadRequest, detail) }

// Error makes a problem an error that handlers can return.
func (p *problem) Error() string { return p.Detail }

func (p *problem) response() response {
	res, err := jsonResponse(p.Status, "application/problem+json", p)
	if err != nil { // four plain fields cannot fail to encode
		return noContent(http.StatusInternalServerError)
	}
	for name, value := range p.headers {
		res.Headers[name] = value
	}
	return res
}

// problemOf says what a caller is told of an error: of a fault of ours, no more than that it is ours.
func problemOf(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, errNoSuchUser):
		return newProblem(http.StatusNotFound, "there is no such user")
	case errors.Is(err, errPoolBusy):
		return tryAgain("the user pool is busy; try again")
	case errors.Is(err, errPoolUnreachable):
		return tryAgain("the user pool cannot be asked right now; try again")
	case errors.Is(err, identity.ErrMissing):
		return newProblem(http.StatusInternalServerError, "the authorizer is not attached to this route")
	case errors.Is(err, identity.ErrMalformed):
		return newProblem(http.StatusInternalServerError, "what the authorizer said about the caller cannot be read")
	case errors.Is(err, errEvent):
		return newProblem(http.StatusInternalServerError, "the event is not one that API Gateway sends")
	}
	return newProblem(http.StatusInternalServerError, "the API has a fault; its log says which")
}

func tryAgain(detail string) *problem {
	p := newProblem(http.StatusServiceUnavailable, detail)
	p.headers = map[string]string{"Retry-After": strconv.Itoa(retryAfterSeconds)}
	return p
}

// causeOf is an error in words for the log. Every error that ends in a 5xx is made of words of ours, of
// AWS about this function's role and pool, or of the network; it quotes neither the event nor a user.
func causeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
