package local

import (
	"context"
	"encoding/json"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// echo is a backend whose response repeats what it was told: method, path, and who calls.
type echo struct{}

// Invoke handles a proxy event.
func (echo) Invoke(_ context.Context, event []byte) (lambda.Result, error) {
	var e struct {
		Method  string `json:"httpMethod"`
		Path    string `json:"path"`
		Context struct {
			Resource   string         `json:"resourcePath"`
			Authorizer map[string]any `json:"authorizer"`
		} `json:"requestContext"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return lambda.Result{}, err
	}
	delete(e.Context.Authorizer, "integrationLatency")
	body, err := json.MarshalIndent(map[string]any{"method": e.Method, "path": e.Path, "route": e.Method + " " + e.Context.Resource, "caller": e.Context.Authorizer}, "", "  ")
	if err != nil {
		return lambda.Result{}, err
	}
	payload, err := json.Marshal(map[string]any{"statusCode": 200, "headers": map[string]string{
		"Content-Type": "application/json", "Access-Control-Allow-Origin": "*",
	}, "body": string(body) + "\n"})
	return lambda.Result{Payload: payload}, err
}
