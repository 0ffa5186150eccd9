// Package jwks finds the RSA public key that an issuer publishes under a key ID.
//
// A [Cache] holds one issuer's JSON Web Key Set (RFC 7517). Its URL is given by configuration, and nothing in a request or a
// token ever changes it.
//
// # Freshness
//
// A frozen Lambda function runs no goroutines, so everything happens on use and is measured by the wall clock.
//
//   - Younger than [RefreshAfter]: the cached set is used, nothing is fetched.
//   - Up to [MaxAge]: the next use refreshes the set and waits for that at most [FetchTimeout]; other uses go on with the
//     cached set. If the refresh fails, the cached set is still used.
//   - From [MaxAge] on the set is not trusted. Without a fresh one the result is [ErrUnavailable].
//
// Age counts from the start of the request that brought the set, so a function that is frozen during a fetch does not
// mistake an old response for a new one. If the clock is found to have been set back, the set counts as stale from that moment: that
// use refreshes it, and without a refresh it is trusted for the rest of MaxAge and no longer.
//
// # What a fetch costs, and who can cause one
//
// However many callers wait, there is one fetch at a time, and each caller waits no longer than its own context. An unknown
// key ID causes at most one fetch per [KeyIDCooldown], and all unknown key IDs together at most one per
// [UnknownKeyCooldown]; only a fetch that succeeded starts these cool-downs. So a key that the issuer has begun to publish
// is found, even under a flood of unknown key IDs, at the first use after UnknownKeyCooldown; or after KeyIDCooldown, if a
// token named it before the issuer published it. After a failure nothing is fetched for [RetryMin], doubled with each
// further failure up to [RetryMax]. Retry-After is not read.
//
// # What is refused
//
// A response that is late, too large, a redirect, not a 200, not a key set or without a usable key never replaces the cached
// set. Each key of a set is checked by itself ([ParseKeySet]), so an unusable key does not affect the others. Only RSA keys
// of 2048 to 4096 bits for RS256 signatures are usable.
//
// # What is not checked
//
// The package relies on the issuer's TLS certificate alone: certificates inside a key (x5c, x5t, x5u) are neither read nor
// fetched. It does not know whether a key is meant for access or for ID tokens.
package jwks
