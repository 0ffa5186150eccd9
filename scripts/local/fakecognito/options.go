package fakecognito

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// MFA reports whether the users of the pool sign in with a second factor.
type MFA string

// The settings of a pool.
const (
	MFAOff      MFA = "OFF"      // nobody does, whatever the user has set up
	MFAOptional MFA = "OPTIONAL" // those who have set one up do
	MFARequired MFA = "ON"       // everybody does; who has none sets up an authenticator app at the next sign-in
)

// Options describe the fake. The zero value is a usable pool without users.
type Options struct {
	// Listen is the loopback address to listen on, such as "127.0.0.1:9229". If empty, 127.0.0.1 and a
	// port that the system chooses. Addresses that other machines can reach are refused.
	Listen string
	// Region is the prefix of the pool id. If empty, eu-west-1.
	Region string
	// Now is the clock of the pool. If nil, time.Now.
	Now func() time.Time

	// How long tokens live. If zero, an hour for access and ID tokens and 30 days for refresh tokens, as
	// in Cognito; Cognito's own limits (five minutes to a day, an hour to ten years) are not enforced.
	AccessTokenValidity  time.Duration
	IDTokenValidity      time.Duration
	RefreshTokenValidity time.Duration
	// ChallengeValidity is how long a challenge may be answered. If zero, three minutes.
	ChallengeValidity time.Duration

	// RotateRefreshTokens returns a new refresh token at each refresh and ends the one before after
	// RefreshTokenGrace (Cognito takes 0 to 60 s). The clients then refuse REFRESH_TOKEN_AUTH, as
	// Cognito's do: GetTokensFromRefreshToken and the token endpoint remain.
	RotateRefreshTokens bool
	RefreshTokenGrace   time.Duration

	// MFA is the pool's setting. If empty, MFAOptional.
	MFA MFA
	// RequiredAttributes are the attributes that every user must have by the time they choose a
	// password of their own.
	RequiredAttributes []string

	// Scopes are the custom scopes that the clients may ask for. If nil, api/users.read and api/users.write.
	Scopes []string

	// CallbackURLs and LogoutURLs are the addresses that the sign-in page may send a browser to, in full.
	CallbackURLs []string
	LogoutURLs   []string

	// Outbox gets what Cognito would send by e-mail or text message: codes and temporary passwords. It is
	// called before the call that caused the message is answered, one at a time. If nil, they are lost.
	Outbox func(Message)
}

// Message is an e-mail or text message that Cognito would have sent.
type Message struct {
	Medium string // "EMAIL" or "SMS"
	To     string // e-mail address or telephone number
	About  string // why it was sent: "EMAIL_OTP", "SMS_OTP", "SMS_MFA" or "INVITATION"
	Code   string // the code; for an invitation the temporary password
}

var regionPattern = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)

// complete checks the options, all of them, and puts in what is left out.
func (o Options) complete() (Options, error) {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	o.Listen = orElse(o.Listen, "127.0.0.1:0")
	if host, _, err := net.SplitHostPort(o.Listen); err != nil {
		bad("Listen %q: want host:port", o.Listen)
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		bad("Listen %q: want a loopback address such as 127.0.0.1:9229", o.Listen)
	}
	o.Region = orElse(o.Region, "eu-west-1")
	if !regionPattern.MatchString(o.Region) {
		bad("Region %q: want the name of an AWS region such as eu-west-1", o.Region)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.AccessTokenValidity = orElse(o.AccessTokenValidity, time.Hour)
	o.IDTokenValidity = orElse(o.IDTokenValidity, time.Hour)
	o.RefreshTokenValidity = orElse(o.RefreshTokenValidity, 30*24*time.Hour)
	o.ChallengeValidity = orElse(o.ChallengeValidity, 3*time.Minute)
	if min(o.AccessTokenValidity, o.IDTokenValidity, o.RefreshTokenValidity, o.ChallengeValidity) < time.Second {
		bad("token and challenge validities must be a second or more")
	}
	if o.RefreshTokenGrace < 0 || o.RefreshTokenGrace > time.Minute {
		bad("RefreshTokenGrace %s: want 0s to 60s", o.RefreshTokenGrace)
	}
	o.MFA = orElse(o.MFA, MFAOptional)
	if o.Scopes == nil {
		o.Scopes = resourceScopes
	}
	if !slices.Contains([]MFA{MFAOff, MFAOptional, MFARequired}, o.MFA) {
		bad("MFA %q: want OFF, OPTIONAL or ON", o.MFA)
	}
	for _, name := range o.RequiredAttributes {
		if err := checkAttributeName(name); err != nil {
			bad("RequiredAttributes: %w", err)
		}
	}
	for _, address := range slices.Concat(o.CallbackURLs, o.LogoutURLs) {
		if u, err := url.Parse(address); err != nil || u.Scheme == "" || u.Host == "" || u.Fragment != "" {
			bad("callback or logout URL %q: want an absolute URL without a fragment", address)
		}
	}
	return o, errors.Join(problems...)
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
