// Package fakecognito is a fake of Amazon Cognito user pools: one pool, in memory, on the loopback
// interface. It lets the whole product run on one machine with no AWS account.
//
// It speaks what Cognito speaks: the AWS JSON 1.1 protocol of the user pools API, so aws-sdk-go-v2, the
// aws command and amazon-cognito-identity-js work against it unchanged (set
// AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER to [Server.URL]); the OAuth 2.0 endpoints of a user pool
// domain, with a sign-in page; the key set and the discovery document. Its tokens carry Cognito's claims and are
// signed with RS256 by two keys made at start, one for access tokens and one for ID tokens.
//
// What a sign-in proves is really checked: passwords, SRP proofs, time-based codes, codes that were sent,
// PKCE verifiers, client secrets. Challenges end, and each is answered once. Codes that Cognito would
// send by e-mail or text message go to [Options].Outbox. The package writes no log.
//
// What it does not do:
//
//   - No signature of AWS credentials (SigV4) is checked. Calls that need AWS credentials must carry an
//     Authorization header of the right form, no more: anyone on this machine may administer the pool.
//   - There is no TLS, no second pool or region. Nothing survives [Server.Close], and until then no
//     session is forgotten: a fake that runs for months grows.
//   - The pool is set by [Options]. The calls that create or describe pools, clients, domains and
//     resource servers are unknown operations, and so is everything about self sign-up, forgotten
//     passwords, Lambda triggers, custom authentication, remembered devices, passkeys and federation.
//   - Every app client hides whether a user exists (PreventUserExistenceErrors=ENABLED).
//   - The sign-in page knows one user at a time, with a password and a second factor; it cannot set up an
//     authenticator app, sign users up or in without a password. It is stricter than Cognito in that a client
//     without a secret must use PKCE.
//   - Read and write permissions for single attributes, group roles (IAM) and the history of passwords
//     are not kept.
//   - Quotas are not enforced, except the growing delay after wrong passwords. [Server.SetFaults] throttles on demand.
//   - Error types are Cognito's. Messages follow it where its wording is publicly known.
//
// The protocol: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html
package fakecognito
