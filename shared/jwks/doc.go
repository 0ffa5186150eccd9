// Package jwks answers one question: which RSA public key does an issuer publish under this key id?
//
// A [Cache] holds one issuer's JSON Web Key Set (RFC 7517) and knows one address, given by configuration.
// Nothing that a caller or a token says ever changes that address.
//
// # Ages
//
// A Lambda function is frozen between invocations and runs nothing in the background, so everything happens
// on use and is measured by the wall clock.
//
//   - Younger than [Config.SoftAge]: the set answers, nothing is fetched.
//   - Between the soft and the hard age: the next use refreshes it, and waits for that no longer than
//     [Config.Timeout]; other uses go on with the set meanwhile. If the refresh fails the set still answers.
//   - From [Config.HardAge] on: the set is no longer trusted. Without a fresh one the answer is [ErrUnavailable].
//
// Age counts from the start of the request that brought the set, so that a function frozen in the middle of
// a fetch does not take an old answer for a new one. If the clock is found to have jumped back, the set counts
// as stale from that moment: it is refreshed on that use, and unrefreshed it is trusted for the rest of the
// hard age, not longer.
//
// # What a fetch costs, and who can cause one
//
// However many callers wait, there is one fetch at a time, and each waits no longer than its own context.
// A key id that the set does not hold causes at most one fetch per [Config.KidCooldown], and all such key ids
// together at most one per [Config.UnknownCooldown]; both are noted before the fetch begins. A key that the
// issuer has begun to publish is therefore found, even under a flood of unknown key ids, at the first use
// after UnknownCooldown; or after KidCooldown, if a token named it before the issuer published it.
// After a failure nothing is fetched for [Config.RetryMin], doubled with each further failure up to
// [Config.RetryMax]. A Retry-After header is not read.
//
// # What is refused
//
// A response that is late, too large, redirected, not a 200, not a key set or without one usable key never
// replaces the set at hand. Inside a set every key is checked alone ([ParseKeySet]), so one bad key leaves its
// neighbours as they are. Only RSA keys of 2048 to 4096 bits for RS256 signatures are usable.
//
// # What is not checked
//
// The package trusts the issuer's TLS certificate and nothing else: certificates inside a key (x5c, x5t, x5u)
// are neither read nor fetched. Whether a key is the right one for a kind of token is not known here.
package jwks
