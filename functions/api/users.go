package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

const (
	defaultLimit = 20
	maxLimit     = 60  // Cognito's own for ListUsers
	maxUsername  = 128 // letters, Cognito's own
)

// user is what this API says of a user: no attribute, so no e-mail address, phone number or name.
type user struct {
	Username  string    `json:"username"`
	Status    string    `json:"status"`
	Enabled   bool      `json:"enabled"`
	CreatedAt time.Time `json:"createdAt"`
}

type userPage struct {
	Users []user `json:"users"`
	Next  string `json:"next,omitempty"` // Cognito's pagination token, which means nothing to anybody else
}

func listUsers(pool userPool) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		limit, err := limitOf(req.query["limit"])
		if err != nil {
			return response{}, err
		}
		var next string
		switch given := req.query["next"]; {
		case len(given) == 1 && given[0] != "":
			next = given[0]
		case len(given) > 0:
			return response{}, badNext()
		}
		page, err := pool.List(ctx, limit, next)
		if errors.Is(err, errPoolParameter) && next != "" {
			return response{}, badNext() // the one parameter of the call that this function has not checked
		}
		if err != nil {
			return response{}, err
		}
		return ok(page)
	}
}

func limitOf(given []string) (int32, error) {
	if len(given) == 0 {
		return defaultLimit, nil
	}
	limit, err := strconv.ParseUint(given[0], 10, 8)
	if err != nil || len(given) > 1 || limit < 1 || limit > maxLimit {
		return 0, badRequest("limit must be a whole number from 1 to 60")
	}
	return int32(limit), nil
}

func badNext() *problemDetails { return badRequest("next must be the next of the page before") }

func getUser(pool userPool) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		username, err := usernameOf(req)
		if err != nil {
			return response{}, err
		}
		found, err := pool.Get(ctx, username)
		if err != nil {
			return response{}, explainUsername(err)
		}
		return ok(found)
	}
}

// signOutUser ends the sessions of a user. A second time is no error: there is just nothing left to end.
func signOutUser(pool userPool) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		username, err := usernameOf(req)
		if err != nil {
			return response{}, err
		}
		if err := pool.SignOut(ctx, username); err != nil {
			return response{}, explainUsername(err)
		}
		return noContent(http.StatusNoContent), nil
	}
}

func usernameOf(req *request) (string, error) {
	username := req.params["username"]
	if n := utf8.RuneCountInString(username); n < 1 || n > maxUsername {
		return "", badRequest("username must have 1 to 128 letters")
	}
	return username, nil
}

// explainUsername blames the name when the pool refuses a parameter: the pool's id is the only other one.
func explainUsername(err error) error {
	if errors.Is(err, errPoolParameter) {
		return badRequest("username is not a name that a user can have")
	}
	return err
}
