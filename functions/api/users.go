package main

import (
	"context"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

const (
	defaultLimit = 20
	maxLimit     = 60  // Cognito's limit for ListUsers
	maxUsername  = 128 // characters, Cognito's limit
)

// user is the part of a user that this API shows. It has no attributes, and so no e-mail address, phone number or full name.
type user struct {
	Username  string    `json:"username"`
	Status    string    `json:"status"`
	Enabled   bool      `json:"enabled"`
	CreatedAt time.Time `json:"createdAt"`
}

type userPage struct {
	Users []user `json:"users"`
	Next  string `json:"next,omitempty"` // Cognito's pagination token, opaque to everybody else
}

func listUsers(pool userPool) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		limit, err := limitOf(req.query["limit"])
		if err != nil {
			return response{}, err
		}
		var next string
		switch values := req.query["next"]; {
		case len(values) == 1 && values[0] != "":
			next = values[0]
		case len(values) > 0:
			return response{}, invalidNext()
		}
		page, err := pool.List(ctx, limit, next)
		if errors.Is(err, errPoolParameter) && next != "" {
			return response{}, invalidNext() // the only parameter that is not validated here
		}
		if err != nil {
			return response{}, err
		}
		return ok(page)
	}
}

func limitOf(values []string) (int32, error) {
	if len(values) == 0 {
		return defaultLimit, nil
	}
	limit, err := strconv.ParseUint(values[0], 10, 8)
	if err != nil || len(values) > 1 || limit < 1 || limit > maxLimit {
		return 0, badRequest("limit must be a whole number from 1 to 60")
	}
	return int32(limit), nil
}

func invalidNext() *problemDetails {
	return badRequest("next must be the next value of the previous page")
}

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

func usernameOf(req *request) (string, error) {
	username := req.params["username"]
	if n := utf8.RuneCountInString(username); n < 1 || n > maxUsername {
		return "", badRequest("username must have 1 to 128 characters")
	}
	return username, nil
}

// explainUsername maps a rejected parameter to a 400 about the username: the only other parameter is the pool's ID, which
// loadConfig has validated.
func explainUsername(err error) error {
	if errors.Is(err, errPoolParameter) {
		return badRequest("username is not a valid username")
	}
	return err
}
