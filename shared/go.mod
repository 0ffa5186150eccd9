module github.com/cognito-authorizer/cognito-authorizer/shared

go 1.27.0

toolchain go1.27.4

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/aws/aws-sdk-go-v2 v1.47.7
	github.com/go-jose/go-jose/v4 v4.1.8
	github.com/theory/jsonpath v0.12.3 // RFC 9535, for the targets of overlays
	go.yaml.in/yaml/v4 v4.0.0
	golang.org/x/text v0.42.0 // Unicode normal forms; only package contract needs it
)

require github.com/aws/smithy-go v1.28.8 // indirect
