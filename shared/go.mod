module github.com/cognito-authorizer/cognito-authorizer/shared

go 1.27.0

require (
	github.com/go-jose/go-jose/v4 v4.1.8
	go.yaml.in/yaml/v4 v4.0.0
	golang.org/x/sync v0.24.0
)
