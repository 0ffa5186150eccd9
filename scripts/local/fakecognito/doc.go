// Package fakecognito is a fake of Amazon Cognito user pools: one pool, in memory, on the loopback
// interface. It lets the whole product run on one machine with no AWS account.
//
// It implements:
//
//   - the AWS JSON 1.1 protocol of the user pools API, so that aws-sdk-go-v2, the aws command and amazon-cognito-identity-js
//     work with it unchanged (set AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER to [Server.URL])
//   - the OAuth 2.0 endpoints of a user pool domain, with a sign-in page
//   - the key set and the discovery document
//
// Its tokens carry Cognito's claims and are signed with RS256, by one key for access tokens and another for ID tokens.
//
// Every proof of a sign-in is really verified: passwords, SRP proofs, time-based codes, codes that were sent, PKCE verifiers and
// client secrets. Challenges expire and accept one answer. Codes that Cognito would send by e-mail or text message go to
// [Options].Outbox. The package writes no log.
//
// Limits:
//
//   - AWS signatures (SigV4) are not verified. Calls that need AWS credentials only need a well-formed Authorization header, so
//     anybody on this machine can call them.
//   - There is no TLS and only one pool and region. [Server.Close] discards everything. Until then sessions are kept, so memory
//     use grows.
//   - Only the operations that this repository's programs call exist. [Options] configures the pool and [Server.AddUser] adds
//     users. There are no calls to manage pools, clients, users or groups, and no self sign-up, password recovery, Lambda
//     triggers, custom authentication, remembered devices, passkeys or federation.
//   - Every app client hides whether a user exists (PreventUserExistenceErrors=ENABLED).
//   - The sign-in page supports a password and a second factor. It cannot set up an authenticator app, sign users up, or sign
//     them in without a password. Unlike Cognito, it requires PKCE from clients without a secret.
//   - There are no read and write permissions for attributes, no IAM roles or precedence of groups, and no password history.
//   - Quotas are not enforced, except for the growing delay after wrong passwords. [Server.SetFaults] can throttle.
//   - Error types are those of Cognito. Messages are Cognito's where its wording is publicly known.
//
// Protocol: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html
package fakecognito
