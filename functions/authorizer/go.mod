module github.com/cognito-authorizer/cognito-authorizer/functions/authorizer

go 1.27.0

toolchain go1.27.4

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/cognito-authorizer/cognito-authorizer/shared v0.0.0
)

require (
	github.com/aws/aws-sdk-go-v2 v1.47.7 // indirect
	github.com/aws/smithy-go v1.28.8 // indirect
	github.com/go-jose/go-jose/v4 v4.1.8 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
)

replace github.com/cognito-authorizer/cognito-authorizer/shared => ../../shared
