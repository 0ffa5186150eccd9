// Proof Key for Code Exchange (RFC 7636), method S256.

/** Returns 256 random bits as 43 characters, for a code verifier, a state or a nonce. */
export function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Returns the code challenge of a verifier: base64url(SHA-256(verifier)). */
export async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
