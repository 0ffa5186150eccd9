package jwks

import "math/big"

// rocaPrimes are the small odd primes whose product divides the generator's modulus for every key size.
var rocaPrimes = []uint64{
	3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
	101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
}

// hasROCAFingerprint reports whether n looks like a product of primes from the broken generator of
// CVE-2017-15361, whose keys can be factored. Its primes are powers of 65537 modulo many small primes, hence
// so is n; another modulus has that property by chance about once in 2^27.
// See Nemec et al., "The Return of Coppersmith's Attack", section 2.2.
func hasROCAFingerprint(n *big.Int) bool {
	var m, r big.Int
	for _, p := range rocaPrimes {
		rest := r.Mod(n, m.SetUint64(p)).Uint64()
		if !isPowerOf65537(rest, p) {
			return false
		}
	}
	return true
}

// isPowerOf65537 reports whether x is in the multiplicative group that 65537 generates modulo the prime p.
func isPowerOf65537(x, p uint64) bool {
	for power := uint64(1); ; {
		if power == x {
			return true
		}
		if power = power * 65537 % p; power == 1 {
			return false
		}
	}
}
