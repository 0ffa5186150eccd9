// Package cognitotest is an Amazon Cognito user pool for tests: real RSA keys, real signatures, a real HTTP
// key server on loopback, no AWS and no network beyond the machine.
//
//	pool := cognitotest.NewPool(t)
//	keys, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer())})
//	verifier, err := cognito.NewVerifier(cognito.Config{
//		Issuers:   map[string]cognito.Issuer{pool.Issuer(): {Keys: keys, ClientIDs: []string{cognitotest.WebClient}}},
//		TokenUses: []cognito.TokenUse{cognito.AccessToken},
//	})
//	claims, err := verifier.Verify(ctx, pool.AccessToken(t, cognitotest.Scopes("api/users.read")))
//
// # Tokens
//
// Like a real pool, a Pool has two keys: [Pool.AccessToken] and [Pool.MachineToken] sign with one, [Pool.IDToken] with the
// other. The claims are those of a real pool. Options change them: [Claim], [Without], [Scopes], [Groups], [ExpiresIn], …
// [Header] and [WithoutHeader] change the header. [RawHeader] and [RawPayload] replace header and payload by any bytes,
// which are still validly signed.
//
// [Sign] signs any header and payload. [SignHMAC] uses any secret, such as a public key. [Unsigned] returns a token with any
// signature.
//
// A token is a [cognito.Token]: printing it prints "[redacted]". For an Authorization header, call Reveal.
//
// # Key server
//
// The pool serves its key set at [jwks.URL] of its issuer and counts the requests in [Pool.Fetches]. [Pool.Fail] makes it fail
// with a [Fault] until [Pool.Heal]. [Pool.Rotate] replaces both keys and withdraws the old ones. [Pool.Publish] replaces the
// served document by any other.
//
// # Time
//
// A pool uses the real clock unless [WithClock] gives it a [Clock] that only the test moves.
//
// # Keys
//
// Generating RSA keys is slow, so tests reuse them: the keys of a pool become free when its test ends. Pools that exist at the
// same time never share a key, unless [WithKeysOf] says so.
package cognitotest
