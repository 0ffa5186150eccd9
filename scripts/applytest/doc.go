// Package applytest deploys terraform/ to a moto server on this machine, looks at what is there, and runs what was
// deployed. It is a test and nothing else: `make test-apply`, or
//
//	APPLYTEST=1 go test -count=1 -v ./scripts/applytest
//
// It needs Terraform with its AWS provider and moto_server; without APPLYTEST it is skipped.
//
// What it shows: that the configuration is one that AWS's interfaces take and that Terraform brings to rest and
// takes away again; that both functions are deployed whole, with the settings and rights that they need; and that the
// deployed authorizer, with tokens of the deployed pool, lets in who may come in and nobody else.
//
// What it cannot show: moto never asks an authorizer and calls no integration, so API Gateway's part is played by
// scripts/local/gateway. moto's tokens are not Cognito's: every pool signs with one published key.
package applytest
