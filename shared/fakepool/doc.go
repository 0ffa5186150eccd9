// Package fakepool is what the fakes of an Amazon Cognito user pool have in common: RSA keys and their key set, the claims of
// Cognito's tokens, valid and invalid signatures, and a key server that can fail.
//
// Two fakes use it: package cognitotest, a pool inside a test, and scripts/local/fakecognito, the server of the local stack.
package fakepool
