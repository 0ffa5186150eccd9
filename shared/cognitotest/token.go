package cognitotest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// The app clients of every pool.
const (
	WebClient     = "4p9exampleclientid7abcd1234" // people sign in through it
	MachineClient = "7m2examplemachine3abcdef567" // client_credentials
)

// draft is a token before it is signed.
type draft struct {
	header, claims        map[string]any
	rawHeader, rawPayload []byte
	key                   Key
	now                   time.Time
}

// TokenOption changes a token before it is signed.
type TokenOption func(*draft)

// Claim sets a claim to any value that JSON can hold. A nil value is written as null; see [Without].
func Claim(name string, value any) TokenOption { return func(d *draft) { d.claims[name] = value } }

// Without leaves claims out.
func Without(names ...string) TokenOption {
	return func(d *draft) {
		for _, name := range names {
			delete(d.claims, name)
		}
	}
}

// Scopes sets the scope claim.
func Scopes(scopes ...string) TokenOption { return Claim("scope", strings.Join(scopes, " ")) }

// Groups sets the cognito:groups claim.
func Groups(groups ...string) TokenOption { return Claim("cognito:groups", groups) }

// ExpiresIn sets exp so many whole seconds from the pool's present; negative: it has expired.
func ExpiresIn(d time.Duration) TokenOption {
	return func(t *draft) { t.claims["exp"] = t.now.Add(d).Unix() }
}

// At issues the token so far from the pool's present, with all its times, as if the clock had stood there.
func At(d time.Duration) TokenOption {
	return func(t *draft) {
		for _, name := range []string{"exp", "iat", "auth_time"} {
			if seconds, ok := t.claims[name].(int64); ok {
				t.claims[name] = seconds + int64(d/time.Second)
			}
		}
	}
}

// Header sets a member of the header.
func Header(name string, value any) TokenOption { return func(d *draft) { d.header[name] = value } }

// WithoutHeader leaves a member of the header out.
func WithoutHeader(name string) TokenOption { return func(d *draft) { delete(d.header, name) } }

// RawHeader puts these bytes in place of the header.
func RawHeader(header string) TokenOption { return func(d *draft) { d.rawHeader = []byte(header) } }

// RawPayload puts these bytes in place of the payload.
func RawPayload(payload string) TokenOption { return func(d *draft) { d.rawPayload = []byte(payload) } }

// SignedBy signs with another key; the header keeps its kid.
func SignedBy(key Key) TokenOption { return func(d *draft) { d.key = key } }

// AccessToken is a token as a person gets one through WebClient.
func (p *Pool) AccessToken(t testing.TB, options ...TokenOption) cognito.Token {
	t.Helper()
	claims := p.common("access")
	claims["sub"], claims["username"] = Subject, Username
	claims["client_id"] = WebClient
	claims["scope"] = "aws.cognito.signin.user.admin"
	return p.issue(t, p.accessKey(), claims, options)
}

// IDToken is the token that comes with it.
func (p *Pool) IDToken(t testing.TB, options ...TokenOption) cognito.Token {
	t.Helper()
	claims := p.common("id")
	delete(claims, "version")
	claims["sub"], claims["cognito:username"] = Subject, Username
	claims["aud"] = WebClient
	claims["email"], claims["email_verified"] = Email, true
	return p.issue(t, p.idKey(), claims, options)
}

// MachineToken is an access token as MachineClient gets one by client_credentials.
func (p *Pool) MachineToken(t testing.TB, options ...TokenOption) cognito.Token {
	t.Helper()
	claims := p.common("access")
	delete(claims, "origin_jti")
	delete(claims, "event_id")
	claims["sub"], claims["client_id"] = MachineClient, MachineClient
	claims["scope"] = "api/users.read"
	return p.issue(t, p.accessKey(), claims, options)
}

// The person that a pool's tokens are about.
const (
	Subject  = "3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11"
	Username = "alice"
	Email    = "alice@example.com"
	Session  = "6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10" // origin_jti
)

// common are the claims that all tokens have.
func (p *Pool) common(use string) map[string]any {
	now := p.now().Unix()
	return map[string]any{
		"iss": p.Issuer(), "token_use": use, "version": 2, "event_id": uuid(), "origin_jti": Session, "jti": uuid(),
		"auth_time": now, "iat": now, "exp": now + 3600,
	}
}

// issue signs a token after the options have had their say.
func (p *Pool) issue(t testing.TB, key Key, claims map[string]any, options []TokenOption) cognito.Token {
	t.Helper()
	d := draft{header: map[string]any{"kid": key.ID, "alg": "RS256"}, claims: claims, key: key, now: p.now()}
	for _, option := range options {
		option(&d)
	}
	header, payload := d.rawHeader, d.rawPayload
	if header == nil {
		header = marshal(t, d.header)
	}
	if payload == nil {
		payload = marshal(t, d.claims)
	}
	return Sign(t, d.key, header, payload)
}

// Sign signs any header and payload by RS256, whatever they say.
func Sign(t testing.TB, key Key, header, payload []byte) cognito.Token {
	t.Helper()
	signed := join64(header, payload)
	signature, err := rsa.SignPKCS1v15(nil, key.Private, crypto.SHA256, digest(signed))
	if err != nil {
		t.Fatalf("signing a token: %v", err)
	}
	return cognito.NewToken(signed + "." + base64.RawURLEncoding.EncodeToString(signature))
}

// SignHMAC signs by HMAC-SHA256 with any secret, such as the bytes of a public key: the attack of taking
// RS256 for HS256.
func SignHMAC(secret, header, payload []byte) cognito.Token {
	signed := join64(header, payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return cognito.NewToken(signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

// Unsigned assembles a token whose signature is any bytes.
func Unsigned(header, payload, signature []byte) cognito.Token {
	return cognito.NewToken(join64(header, payload) + "." + base64.RawURLEncoding.EncodeToString(signature))
}

func join64(header, payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("writing a token: %v", err)
	}
	return b
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
