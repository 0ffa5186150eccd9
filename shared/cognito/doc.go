// Package cognito verifies Amazon Cognito access and ID tokens.
//
// A [Verifier] applies the checks below to a compact token (RFC 7515, RFC 7519), in this order, and stops at the first that
// fails. Each failure has an error value of its own for [errors.Is], and a fixed word, see [Reason]. Everything above the
// line is done without a key: it costs a few microseconds and no fetch. Before the signature is verified, iss selects the
// key set; other claims can only cause rejection.
//
//	check                                                                     failure
//	there is a token                                                          ErrMissing
//	at most 8192 bytes                                                        ErrTooLarge
//	three segments of canonical base64url, nothing else                       ErrMalformed
//	header: one strict JSON object of at most 1024 bytes                      ErrHeader
//	header: kid, alg and perhaps typ; no crit, jku, jwk, x5u, zip, b64, …     ErrHeaderMember
//	alg is exactly RS256                                                      ErrAlgorithm
//	typ, if there is one, is JWT or at+jwt in any case                        ErrType
//	kid is 1 to 128 characters that a key id can have                         ErrKeyID
//	the signature is as long as one by a key of 2048 to 4096 bits             ErrSignature
//	payload: one strict JSON object (see below)                               ErrPayload
//	payload: no name that equals a claim's but for Unicode case folding       ErrPayloadName
//	payload: nested at most 8 deep, at most 256 members                       ErrTooDeep, ErrTooMany
//	iss is exactly one of Config.Issuers                                      ErrIssuer
//	token_use is access or id, and configured                                 ErrTokenUse
//	client_id (access) or aud (ID) is a client of that issuer, one alone      ErrClient, ErrAudience
//	exp is there, in whole seconds, and not reached                           ErrExpiry, ErrExpired
//	iat is there, in whole seconds, and not after exp                         ErrIssuedAt
//	exp is at most a day (and a minute) after iat                             ErrLifetime
//	nbf and auth_time, if there, are in whole seconds                         ErrTime
//	nbf, iat and auth_time are not in the future                              ErrNotYetValid
//	sub, username, jti, origin_jti are printable, 1 to 128 characters;
//	sub is there unless the token is a machine's                              ErrSubject
//	scope, if there, is scopes with one space between two, at most 100        ErrScope
//	cognito:groups, if there, is an array of at most 100 group names, and
//	Config.GroupsClaims list at most 100 together                             ErrGroups
//	------------------------------------------------------------------------
//	the issuer has a key with that kid                                        jwks.ErrUnknownKey
//	… or the keys are unavailable, and nobody is let in                       jwks.ErrUnavailable
//	the signature is valid                                                    ErrSignature
//
// # The payload
//
// It is decoded once, before the signature is verified, because iss selects the keys; the signature is then verified over
// the very bytes that were decoded. Strict means: no duplicate name at any depth, no invalid UTF-8, no lone surrogate, no
// byte order mark, nothing after the object. A claim that is used must have its own type, so null is refused; other claims
// may hold anything. Numbers of seconds are whole and without an exponent, up to the end of the year 9999.
//
// # Time
//
// A token is expired from exp + [Config.Leeway] on ("on or after", RFC 7519 section 4.1.4). A time is in the future when it
// is more than [Config.ClockSkew] ahead. Cognito always writes iat and lets a token live a day at most, so a token without
// iat or with a longer life is not Cognito's.
//
// # Access and ID tokens
//
// Both are signed by the same keys, so only token_use distinguishes them, and each must be complete as what it claims to
// be. An ID token must have exactly one audience, and grants no scopes. An access token usually has no aud. If it has one,
// as with resource binding (RFC 8707), it must name its own client or one of [Issuer.Audiences].
//
// A machine client's token (client_credentials) has no username. It may lack sub; its principal is then client_id.
//
// # Cached tokens
//
// With [Config.CachedTokens], tokens with a valid signature are remembered by the SHA-256 of their whole text. When the
// same token comes again, the clock and the issuer's current keys are checked as for any other token, with the same errors.
// Only what cannot have changed is not repeated: decoding, the checks that depend on the token and the configuration
// alone, and the RSA operation.
//
// # What is not checked
//
// Whether the token or its session was revoked, or its user disabled: Cognito does not say so in a token. Which scopes or
// groups a route needs. That the caller is the one that the token was issued to: it is a bearer token. version, event_id,
// device_key and all personal claims are not read, unless [Config.Claims] names them; [Claims.Raw] has them.
package cognito
