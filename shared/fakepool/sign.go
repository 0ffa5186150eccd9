package fakepool

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// SignClaims returns a token with these claims, signed as Cognito signs: RS256, and a header of kid and alg.
func SignClaims(key Key, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	header, err := json.Marshal(map[string]string{"kid": key.ID, "alg": "RS256"})
	if err != nil {
		return "", fmt.Errorf("encoding a header: %w", err)
	}
	return Sign(key, header, payload)
}

// Sign returns a token with any header and payload, signed with RS256 whatever the header says.
func Sign(key Key, header, payload []byte) (string, error) {
	signed := signingInput(header, payload)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key.Private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed + "." + encode(signature), nil
}

// SignHMAC returns a token signed with HMAC-SHA256. With the bytes of a public key as the secret, it is the attack that makes
// a verifier confuse RS256 with HS256.
func SignHMAC(secret, header, payload []byte) string {
	signed := signingInput(header, payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// Unsigned returns a token with any bytes, or none, as its signature.
func Unsigned(header, payload, signature []byte) string {
	return signingInput(header, payload) + "." + encode(signature)
}

func signingInput(header, payload []byte) string { return encode(header) + "." + encode(payload) }

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
