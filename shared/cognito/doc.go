// Package cognito says what a valid Amazon Cognito token is.
//
// A [Verifier] checks one compact token (RFC 7515, RFC 7519) by the checks below, in this order, and stops at
// the first that fails. Each failure has an error value of its own, found by [errors.Is], and a fixed word,
// found by [Reason]. Everything above the line is done without a key: it costs a few microseconds and no
// fetch. No claim but iss influences anything before the signature is known to be good, except that the
// token may be refused for it.
//
//	check                                                                     failure
//	there is a token                                                          ErrMissing
//	at most 8192 bytes                                                        ErrTooLarge
//	three parts of canonical base64url, nothing else                          ErrMalformed
//	header: one strict JSON object of at most 1024 bytes                      ErrHeader
//	header: kid, alg and perhaps typ; no crit, jku, jwk, x5u, zip, b64, …     ErrHeaderMember
//	alg is RS256, to the letter                                               ErrAlgorithm
//	typ, if there is one, is JWT or at+jwt in any case                        ErrType
//	kid is 1 to 128 characters that a key id can have                         ErrKeyID
//	the signature is as long as one by a key of 2048 to 4096 bits             ErrSignature
//	payload: one strict JSON object (see below)                               ErrPayload
//	payload: no name that only Unicode case folding tells from a claim        ErrPayloadName
//	payload: nested at most 8 deep, at most 256 members                       ErrTooDeep, ErrTooMany
//	iss is a configured issuer, to the letter                                 ErrIssuer
//	token_use is access or id, and configured                                 ErrTokenUse
//	client_id (access) or aud (ID) is a configured client, one alone          ErrClient, ErrAudience
//	exp is there, in whole seconds, and not reached                           ErrExpiry, ErrExpired
//	iat is there, in whole seconds, and not after exp                         ErrIssuedAt
//	exp is at most a day (and a minute) after iat                             ErrLifetime
//	nbf and auth_time, if there, are in whole seconds                         ErrTime
//	nbf, iat and auth_time are not in the future                              ErrNotYetValid
//	sub, username, jti, origin_jti are printable, 1 to 128 characters;
//	sub is there unless the token is a machine's                              ErrSubject
//	scope, if there, is scopes with one space between two, at most 100        ErrScope
//	cognito:groups, if there, is an array of at most 100 group names          ErrGroups
//	------------------------------------------------------------------------
//	the issuer has a key of that kid                                          jwks.ErrUnknownKey
//	… or that cannot be known: our fault, and nobody is let in                jwks.ErrUnavailable
//	the signature is good                                                     ErrSignature
//
// # The payload
//
// It is decoded once, before the signature, because iss chooses the keys; the signature is then checked over
// the very bytes that were decoded. Strict means: no duplicate name at any depth, no invalid UTF-8, no lone
// surrogate, no byte order mark, nothing behind the object. A claim that is used must have its own type,
// null included; claims that are not used may hold anything. Numbers of seconds are whole and without an
// exponent, up to the end of the year 9999.
//
// # Time
//
// A token has ended when exp + [Config.Leeway] is reached ("on or after", RFC 7519 section 4.1.4). A time is
// in the future when it is more than [Config.ClockSkew] ahead. Cognito always writes iat, and lets a token
// live a day at most, so a token without iat or with a longer life is not Cognito's.
//
// # Access and ID tokens
//
// Both are signed for the same issuer, so they are told apart by token_use alone, and each must then be
// complete as what it says it is. An ID token must have exactly one audience, and grants no scopes. An access
// token usually has no aud. If it has one, as with resource binding (RFC 8707), it was issued for a named API:
// it must then name its own client or one of [Config.Resources].
//
// A machine's token (client_credentials) has no username. It may lack sub; its principal is then client_id.
//
// # Tokens seen before
//
// With [Config.SeenTokens], tokens that were found good are remembered by the SHA-256 of their whole text. The
// same token again is then checked by the clock and by the issuer's keys as they are now, as strictly as any
// other, and refused by the same errors. Only what cannot have changed is not done again: reading it, the
// checks that depend on the token and the configuration alone, and the RSA operation.
//
// # What is not checked
//
// Whether the token was revoked, its user disabled or its session ended: Cognito says that nowhere in a token.
// Which scopes or groups a route needs. That the caller is the one that the token was issued to: it is a
// bearer token. version, event_id, device_key and all personal claims are not looked at; [Claims.Raw] has them.
package cognito
