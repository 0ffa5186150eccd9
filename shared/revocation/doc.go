// Package revocation reads and writes the table of revoked sessions, users and clients.
//
// Cognito's own revocation does not reach a verifier that never asks Cognito: an access token stays valid until its exp.
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html. The table closes that gap. The
// authorizer reads it with one call for each invocation; the sample API and "cognito-authorizer revoke" write it.
//
// The table is a DynamoDB table whose partition key is the string "id":
//
//	id                            not_before    expires_at    revokes
//	session#<origin_jti>                        seconds       every token of one sign-in
//	user#<issuer>#<sub>           seconds       seconds       a person's tokens that were issued, or whose sign-in was, before not_before
//	client#<issuer>#<client_id>   seconds       seconds       an app client's tokens, likewise
//
// expires_at is the table's TTL attribute: DynamoDB removes an entry once no token that it revokes can be valid. Readers do
// not look at it: an entry counts for as long as it is there.
package revocation
