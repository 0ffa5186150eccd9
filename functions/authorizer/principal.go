package main

import (
	"log/slog"
	"unicode"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// principal returns what the token says about the rights of its bearer, with the scopes that the contract grants in addition.
func (a *authorizer) principal(claims cognito.Claims) routes.Principal {
	p := routes.Principal{
		Scopes: claims.Scopes, Groups: claims.Groups, Client: claims.ClientID,
		AuthTime: claims.AuthTime, Now: a.now(),
	}
	for _, name := range a.claimNames {
		if values := claims.Values(name); len(values) > 0 {
			if p.Claims == nil {
				p.Claims = make(map[string][]string, len(a.claimNames))
			}
			p.Claims[name] = values
		}
	}
	return a.routes.Effective(p)
}

// caller returns what the backend learns about the caller, without the claims of CONTEXT_CLAIMS.
func (a *authorizer) caller(claims cognito.Claims, scopes []string) identity.Identity {
	caller := claims.Identity()
	caller.Scopes = scopes
	if len(a.config.Issuers) > 1 { // else it is the same for every caller
		caller.Issuer = claims.Issuer
	}
	return caller
}

// contextClaims returns the claims of CONTEXT_CLAIMS that the backend learns, and the names of those that the token has but that are
// left out. room is how many bytes the rest of the response leaves: a claim must never make the response fail.
func (a *authorizer) contextClaims(claims cognito.Claims, room int) (passed map[string]string, leftOut []string) {
	room = min(room, maxContextBytes)
	for _, name := range a.config.ContextClaims {
		value, _, found := claims.Scalar(name)
		switch size := contextBytes(name, value); {
		case !found:
		case !isContextValue(value) || size > room:
			leftOut = append(leftOut, name)
		default:
			room -= size
			if passed == nil {
				passed = make(map[string]string, len(a.config.ContextClaims))
			}
			passed[name] = value
		}
	}
	return passed, leftOut
}

// Bounds on the values of CONTEXT_CLAIMS.
const (
	maxContextValue = 256  // bytes of a value
	maxContextBytes = 1024 // of all of them together in a response
)

// contextBytes returns how many bytes a member takes in a response at most: what JSON escapes takes two bytes.
func contextBytes(name, value string) int {
	size := len(name) + len(value) + len(`,"":""`)
	for i := range len(value) {
		if value[i] == '"' || value[i] == '\\' {
			size++
		}
	}
	return size
}

// isContextValue reports whether a value may be passed on: 1 to 256 bytes of letters, marks, numbers, punctuation, symbols and
// spaces. A line break or a control character could change the meaning of a header or a log line.
func isContextValue(value string) bool {
	if value == "" || len(value) > maxContextValue {
		return false
	}
	for _, r := range value {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// leftOutAttrs returns what a log says about entries of claims that were left out: names of claims and numbers, no values.
func leftOutAttrs(groups []cognito.UnusableGroups, context []string) (attrs []slog.Attr) {
	if groups != nil {
		var counts []any
		for _, g := range groups {
			counts = append(counts, slog.Int(g.Claim, g.Count))
		}
		attrs = append(attrs, slog.Group("groups_left_out", counts...))
	}
	if len(context) > 0 {
		attrs = append(attrs, slog.Any("context_left_out", context))
	}
	return attrs
}
