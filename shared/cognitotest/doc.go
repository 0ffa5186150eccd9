// Package cognitotest is an Amazon Cognito user pool for tests: real RSA keys, real signatures, a real HTTP
// key server on loopback, no AWS and no network beyond the machine.
//
//	pool := cognitotest.NewPool(t)
//	keys, err := jwks.New(jwks.Config{URL: jwks.URL(pool.Issuer())})
//	verifier, err := cognito.NewVerifier(cognito.Config{
//		Issuers:   map[string]cognito.KeySet{pool.Issuer(): keys},
//		ClientIDs: []string{cognitotest.WebClient},
//		TokenUses: []cognito.TokenUse{cognito.AccessToken},
//	})
//	claims, err := verifier.Verify(ctx, pool.AccessToken(t, cognitotest.Scopes("api/users.read")))
//
// # Tokens
//
// As in Cognito a pool has two keys: [Pool.AccessToken] and [Pool.MachineToken] sign with one,
// [Pool.IDToken] with the other. The claims are those of a real pool. Options change them:
// [Claim], [Without], [Scopes], [Groups], [ExpiresIn], … and [Header], [WithoutHeader] for the header.
// [RawHeader] and [RawPayload] put any bytes in their place, still properly signed.
//
// [Pool.Sign] signs any header and payload, [Pool.SignHMAC] misuses the public key as a secret, [Unsigned]
// assembles a token that nobody signed.
//
// A token is a [cognito.Token]: printing it prints "[redacted]". For an Authorization header, call Reveal.
//
// # Key server
//
// It serves the pool's key set at [jwks.URL] of its issuer and counts in [Pool.Fetches]. [Pool.Fail] makes it
// answer with a [Fault] until [Pool.Heal]. [Pool.Rotate] takes two new keys and withdraws the old ones;
// [Pool.Publish] replaces the served document by any other.
//
// # Time
//
// A pool lives in the present. With [WithClock] it lives by a [Clock] that only the test moves.
//
// # Keys
//
// Making RSA keys is slow, so a process makes few: a pool gives its keys back when its test ends. Pools that
// live at the same time never share a key, unless [WithKeysOf] says so.
package cognitotest
