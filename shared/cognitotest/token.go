package cognitotest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// The app clients of every pool.
const (
	WebClient     = "4p9exampleclientid7abcd1234" // for people
	MachineClient = "7m2examplemachine3abcdef567" // for the client credentials grant
)

// draft is a token before it is signed.
type draft struct {
	header, claims        map[string]any
	rawHeader, rawPayload []byte
	key                   Key
	now                   time.Time
}

// TokenOption is an option of the methods that return tokens.
type TokenOption func(*draft)

// Claim sets a claim to any value that encoding/json can encode. A nil value becomes null; see [Without].
func Claim(name string, value any) TokenOption { return func(d *draft) { d.claims[name] = value } }

// Without removes claims.
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

// ExpiresIn sets exp to the pool's current time plus d, in whole seconds. With a negative d the token has expired.
func ExpiresIn(d time.Duration) TokenOption {
	return func(t *draft) { t.claims["exp"] = t.now.Add(d).Unix() }
}

// At shifts exp, iat and auth_time by d, as if the token had been issued at another time.
func At(d time.Duration) TokenOption {
	return func(t *draft) {
		for _, name := range []string{"exp", "iat", "auth_time"} {
			if seconds, ok := t.claims[name].(int64); ok {
				t.claims[name] = seconds + int64(d/time.Second)
			}
		}
	}
}

// Header sets a header parameter.
func Header(name string, value any) TokenOption { return func(d *draft) { d.header[name] = value } }

// WithoutHeader removes a header parameter.
func WithoutHeader(name string) TokenOption { return func(d *draft) { delete(d.header, name) } }

// RawHeader replaces the header by these bytes.
func RawHeader(header string) TokenOption { return func(d *draft) { d.rawHeader = []byte(header) } }

// RawPayload replaces the payload by these bytes.
func RawPayload(payload string) TokenOption { return func(d *draft) { d.rawPayload = []byte(payload) } }

// SignedBy signs with another key. The kid of the header stays.
func SignedBy(key Key) TokenOption { return func(d *draft) { d.key = key } }

// AccessToken returns an access token of a person who signed in through [WebClient].
func (p *Pool) AccessToken(t testing.TB, options ...TokenOption) cognito.Token {
	t.Helper()
	return p.issue(t, p.accessKey(), p.signIn().AccessClaims(p.now(), validity), options)
}

// IDToken returns the ID token of the same sign-in.
func (p *Pool) IDToken(t testing.TB, options ...TokenOption) cognito.Token {
	t.Helper()
	claims := p.signIn().IDClaims(p.now(), validity)
	claims["email"], claims["email_verified"] = Email, true
	return p.issue(t, p.idKey(), claims, options)
}

// MachineToken returns an access token of [MachineClient], from the client credentials grant.
func (p *Pool) MachineToken(t testing.TB, options ...TokenOption) cognito.Token {
	t.Helper()
	claims := fakepool.MachineClaims(p.Issuer(), MachineClient, []string{"api/users.read"}, p.now(), validity)
	return p.issue(t, p.accessKey(), claims, options)
}

// The person in the tokens of every pool.
const (
	Subject  = "3f1c1a52-8a0e-4d53-9c3b-0d7f6f0a9b11"
	Username = "alice"
	Email    = "alice@example.com"
	Session  = "6f7e2a4c-2f0b-4a57-9c0e-7f7d3f1e2b10" // origin_jti
)

const validity = time.Hour // of a token, Cognito's default

func (p *Pool) signIn() fakepool.SignIn {
	return fakepool.SignIn{
		Issuer: p.Issuer(), ClientID: WebClient, Subject: Subject, Username: Username, Session: Session, EventID: fakepool.NewUUID(),
		Scopes: []string{"aws.cognito.signin.user.admin"}, Time: p.now(),
	}
}

// issue applies the options and signs the token.
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

// Sign returns a token with any header and payload, signed with RS256 whatever the header says.
func Sign(t testing.TB, key Key, header, payload []byte) cognito.Token {
	t.Helper()
	token, err := fakepool.Sign(key, header, payload)
	if err != nil {
		t.Fatal(err)
	}
	return cognito.NewToken(token)
}

// SignHMAC returns a token signed with HMAC-SHA256; see [fakepool.SignHMAC].
func SignHMAC(secret, header, payload []byte) cognito.Token {
	return cognito.NewToken(fakepool.SignHMAC(secret, header, payload))
}

// Unsigned returns a token with any bytes, or none, as its signature.
func Unsigned(header, payload, signature []byte) cognito.Token {
	return cognito.NewToken(fakepool.Unsigned(header, payload, signature))
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("encoding a token: %v", err)
	}
	return b
}
