package main

import "context"

// As in the contract's info.
const (
	apiName    = "User directory"
	apiVersion = "1.0.0"
)

func getInfo(context.Context, *request) (response, error) {
	return ok(map[string]string{"name": apiName, "version": apiVersion})
}
