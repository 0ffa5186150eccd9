package main

import "context"

// Title and version of openapi.yaml; a test compares them.
const (
	apiName    = "User directory"
	apiVersion = "1.0.0"
)

func getInfo(context.Context, *request) (response, error) {
	return ok(map[string]string{"name": apiName, "version": apiVersion})
}
