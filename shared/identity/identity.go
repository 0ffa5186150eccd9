// Package identity is the contract between the authorizer, which writes who the caller is into the
// context of its answer, and the API, which reads it back out of the event.
//
// API Gateway passes a context on as it is for HTTP API format 2.0 and turns every value into a string
// for REST and format 1.0, and neither takes lists there. So every value is a string here, and lists are
// joined by a space, which neither a scope nor a Cognito group name may hold.
//
// Reading checks form, not truth: the values are as trustworthy as the way they came, which is an event
// that only API Gateway can have sent.
package identity

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The keys of the context. They are part of the contract with every API behind the authorizer.
const (
	keySub       = "sub"
	keyUsername  = "username"
	keyClientID  = "clientId"
	keyScopes    = "scopes"
	keyGroups    = "groups"
	keyTokenUse  = "tokenUse"
	keyExpiresAt = "expiresAt"
	keySessionID = "sessionId"
)

// ErrMissing reports that the event carries no identity: the route has no authorizer in front of it.
var ErrMissing = errors.New("the event carries no identity: is the authorizer attached to this route?")

// ErrMalformed reports that the event's identity does not have the form that [Identity.Context] writes.
var ErrMalformed = errors.New("the event's identity is malformed")

// Identity is the caller, as a verified token describes it.
type Identity struct {
	Subject   string    // sub; the client id for a machine client whose token has none
	Username  string    // empty for a machine client
	ClientID  string    // the app client that the token was issued to
	Scopes    []string  // OAuth scopes; none in an ID token
	Groups    []string  // Cognito groups
	TokenUse  string    // "access" or "id"
	ExpiresAt time.Time // when the token ends, in whole seconds
	SessionID string    // origin_jti, the sign-in; empty when the token names none
}

// Context returns the identity in the form that API Gateway accepts as the context of an authorizer's answer.
// An empty field is left out rather than passed on as an empty string.
func (id Identity) Context() map[string]string {
	context := make(map[string]string)
	for _, m := range id.Members() {
		if m.Value != "" {
			context[m.Name] = m.Value
		}
	}
	return context
}

// Member is a name and a value of the context.
type Member struct{ Name, Value string }

// Members returns all that the context can have, sorted by name. A member without a value is to be left out.
func (id Identity) Members() [8]Member {
	expiresAt := ""
	if !id.ExpiresAt.IsZero() {
		expiresAt = id.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return [...]Member{
		{keyClientID, id.ClientID},
		{keyExpiresAt, expiresAt},
		{keyGroups, strings.Join(id.Groups, " ")},
		{keyScopes, strings.Join(id.Scopes, " ")},
		{keySessionID, id.SessionID},
		{keySub, id.Subject},
		{keyTokenUse, id.TokenUse},
		{keyUsername, id.Username},
	}
}

// FromContext reads the identity from requestContext.authorizer of a REST or format 1.0 event, or from
// requestContext.authorizer.lambda of a format 2.0 event. It ignores keys that it does not know, since
// API Gateway adds some of its own.
func FromContext(context map[string]any) (Identity, error) {
	if len(context) == 0 {
		return Identity{}, ErrMissing
	}
	var malformed []string
	text := func(key string) string {
		v, present := context[key]
		s, ok := v.(string)
		if present && !ok {
			malformed = append(malformed, key)
		}
		return s
	}
	id := Identity{
		Subject:   text(keySub),
		Username:  text(keyUsername),
		ClientID:  text(keyClientID),
		Scopes:    strings.Fields(text(keyScopes)),
		Groups:    strings.Fields(text(keyGroups)),
		TokenUse:  text(keyTokenUse),
		SessionID: text(keySessionID),
	}
	var err error
	if id.ExpiresAt, err = time.Parse(time.RFC3339, text(keyExpiresAt)); err != nil {
		malformed = append(malformed, keyExpiresAt)
	}
	if id.Subject == "" {
		malformed = append(malformed, keySub)
	}
	if id.ClientID == "" {
		malformed = append(malformed, keyClientID)
	}
	if len(malformed) > 0 {
		return Identity{}, fmt.Errorf("%w: %s", ErrMalformed, strings.Join(malformed, ", "))
	}
	return id, nil
}

// IsMachine reports whether the caller is a machine client (client_credentials) rather than a person.
func (id Identity) IsMachine() bool { return id.Username == "" }
