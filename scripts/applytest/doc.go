// Package applytest deploys terraform/ to a moto server on this machine, checks the resources and runs the deployed functions.
// It contains only tests: `make test-apply`, or
//
//	APPLYTEST=1 go test -count=1 -v ./scripts/applytest
//
// It needs Terraform with its AWS provider and moto_server; without APPLYTEST it is skipped.
//
// It shows that AWS's APIs accept the configuration, that a second plan is empty and that destroy removes everything; that both
// functions are deployed with the settings and permissions they need; that the deployed authorizer allows and refuses the right
// calls with tokens of the deployed pool; and which of the deployed alarms an outage sets off.
//
// What it cannot show: moto invokes neither authorizers nor integrations, opens no WebSockets and evaluates no alarms. So
// scripts/local/gateway plays API Gateway for REST APIs, httpCall does for HTTP APIs, and alarm.goesOff evaluates. moto's tokens
// are not Cognito's: every pool signs with the same published key.
package applytest
