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

// MFA is the pool's setting for multi-factor authentication.
type MFA string

// Values of MFA.
const (
	MFAOff      MFA = "OFF"      // no user has a second factor
	MFAOptional MFA = "OPTIONAL" // users who have set up a second factor need it
	MFARequired MFA = "ON"       // all users need one; a user without sets up an authenticator app at the next sign-in
)

// Options configure the fake. With the zero value it is a pool without users.
type Options struct {
	// Listen is the loopback address to listen on, such as "127.0.0.1:9229". If empty, the system chooses a port of
	// 127.0.0.1. Other addresses are refused.
	Listen string
	// Region is the prefix of the pool ID. If empty, eu-west-1.
	Region string
	// Now is the clock of the pool. If nil, time.Now.
	Now func() time.Time

	// The validity of tokens. If zero, an hour for access and ID tokens and 30 days for refresh tokens, as in Cognito.
	// Cognito's limits (five minutes to a day, an hour to ten years) are not enforced.
	AccessTokenValidity  time.Duration
	IDTokenValidity      time.Duration
	RefreshTokenValidity time.Duration
	// ChallengeValidity is the time to answer a challenge. If zero, three minutes.
	ChallengeValidity time.Duration

	// RotateRefreshTokens makes each refresh return a new refresh token and revoke the old one after RefreshTokenGrace (0 to
	// 60 s, as in Cognito). As in Cognito, the clients then do not allow REFRESH_TOKEN_AUTH, only GetTokensFromRefreshToken
	// and the token endpoint.
	RotateRefreshTokens bool
	RefreshTokenGrace   time.Duration

	// MFA is the pool's setting. If empty, MFAOptional.
	MFA MFA
	// RequiredAttributes are the attributes that a user must have or supply when replacing a temporary password.
	RequiredAttributes []string

	// Scopes are the custom scopes that the clients may ask for. If nil, api/users.read and api/users.write.
	Scopes []string

	// CallbackURLs and LogoutURLs are the absolute URLs that the sign-in page may redirect to.
	CallbackURLs []string
	LogoutURLs   []string

	// Outbox receives the codes that Cognito would send by e-mail or text message. It is called for one message at a time,
	// before the response of the call that caused it. If nil, messages are dropped.
	Outbox func(Message)
}

// Message is an e-mail or text message that Cognito would send.
type Message struct {
	Medium string // "EMAIL" or "SMS"
	To     string // e-mail address or telephone number
	About  string // the challenge: "EMAIL_OTP", "SMS_OTP" or "SMS_MFA"
	Code   string
}

var regionPattern = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)

// complete fills in the defaults. The error lists every invalid option.
func (o Options) complete() (Options, error) {
	var problems []error
	addProblem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	o.Listen = orElse(o.Listen, "127.0.0.1:0")
	if host, _, err := net.SplitHostPort(o.Listen); err != nil {
		addProblem("Listen %q: want host:port", o.Listen)
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		addProblem("Listen %q: want a loopback address such as 127.0.0.1:9229", o.Listen)
	}
	o.Region = orElse(o.Region, "eu-west-1")
	if !regionPattern.MatchString(o.Region) {
		addProblem("Region %q: want the name of an AWS region such as eu-west-1", o.Region)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.AccessTokenValidity = orElse(o.AccessTokenValidity, time.Hour)
	o.IDTokenValidity = orElse(o.IDTokenValidity, time.Hour)
	o.RefreshTokenValidity = orElse(o.RefreshTokenValidity, 30*24*time.Hour)
	o.ChallengeValidity = orElse(o.ChallengeValidity, 3*time.Minute)
	if min(o.AccessTokenValidity, o.IDTokenValidity, o.RefreshTokenValidity, o.ChallengeValidity) < time.Second {
		addProblem("token and challenge validities must be a second or more")
	}
	if o.RefreshTokenGrace < 0 || o.RefreshTokenGrace > time.Minute {
		addProblem("RefreshTokenGrace %s: want 0s to 60s", o.RefreshTokenGrace)
	}
	o.MFA = orElse(o.MFA, MFAOptional)
	if o.Scopes == nil {
		o.Scopes = resourceScopes
	}
	if !slices.Contains([]MFA{MFAOff, MFAOptional, MFARequired}, o.MFA) {
		addProblem("MFA %q: want OFF, OPTIONAL or ON", o.MFA)
	}
	for _, name := range o.RequiredAttributes {
		if err := checkAttributeName(name); err != nil {
			addProblem("RequiredAttributes: %w", err)
		}
	}
	for _, address := range slices.Concat(o.CallbackURLs, o.LogoutURLs) {
		if u, err := url.Parse(address); err != nil || u.Scheme == "" || u.Host == "" || u.Fragment != "" {
			addProblem("callback or logout URL %q: want an absolute URL without a fragment", address)
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
