// Package identity defines how the authorizer passes the caller's identity to the API: the authorizer writes it into the context
// of its response, and the API reads it from the event.
//
// API Gateway passes the context on unchanged in HTTP API format 2.0, converts every value to a string for REST APIs and format
// 1.0, and allows no lists in either. So every value is a string here, and lists are joined by spaces, which neither scopes nor
// Cognito group names may contain.
//
// [FromContext] only checks the form of the values. They can be trusted because only API Gateway can send the event.
package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The keys of the context. APIs behind the authorizer depend on them.
const (
	keySub       = "sub"
	keyUsername  = "username"
	keyClientID  = "clientId"
	keyScopes    = "scopes"
	keyGroups    = "groups"
	keyTokenUse  = "tokenUse"
	keyExpiresAt = "expiresAt"
	keySessionID = "sessionId"
	keyIssuer    = "issuer"

	keyDecisionID = "decisionId"
)

// ErrMissing reports that the event carries no identity, because the route has no authorizer.
var ErrMissing = errors.New("the event carries no identity: attach the authorizer to this route")

// ErrMalformed reports that the event's identity does not have the form that [Identity.Context] writes.
var ErrMalformed = errors.New("the event's identity is malformed")

// Identity is the caller, as the verified token describes it.
type Identity struct {
	Subject   string    // sub; the client ID for a machine client whose token has no sub
	Username  string    // empty for a machine client
	ClientID  string    // the app client that the token was issued to
	Scopes    []string  // OAuth scopes; none in an ID token
	Groups    []string  // Cognito groups
	TokenUse  string    // "access" or "id"
	ExpiresAt time.Time // when the token expires, in whole seconds
	SessionID string    // origin_jti, which identifies the sign-in; empty if the token has none
	Issuer    string    // iss, the user pool; empty if the authorizer accepts one issuer only

	// DecisionID identifies the authorizer's decision in its log: API Gateway's request ID of the call for which the authorizer
	// was asked, or Lambda's if the authorizer's event does not have it. A cached result keeps its ID.
	DecisionID string

	// Claims are the further claims that the authorizer is configured to pass on (CONTEXT_CLAIMS), by name. A claim that the token
	// lacks, or that cannot be passed on, is absent.
	Claims map[string]string
}

// Context returns the identity as the context of an authorizer's response. Empty fields are left out.
func (id Identity) Context() map[string]string {
	context := make(map[string]string)
	for _, m := range id.AppendMembers(nil) {
		context[m.Name] = m.Value
	}
	return context
}

// Member is a member of the context.
type Member struct{ Name, Value string }

// AppendMembers appends the members of the context to an empty slice, sorted by name. Empty ones are left out.
func (id Identity) AppendMembers(all []Member) []Member {
	expiresAt := ""
	if !id.ExpiresAt.IsZero() {
		expiresAt = id.ExpiresAt.UTC().Format(time.RFC3339)
	}
	all = append(all, // sorted, so that only claims need to be put in order
		Member{keyClientID, id.ClientID},
		Member{keyDecisionID, id.DecisionID},
		Member{keyExpiresAt, expiresAt},
		Member{keyGroups, strings.Join(id.Groups, " ")},
		Member{keyIssuer, id.Issuer},
		Member{keyScopes, strings.Join(id.Scopes, " ")},
		Member{keySessionID, id.SessionID},
		Member{keySub, id.Subject},
		Member{keyTokenUse, id.TokenUse},
		Member{keyUsername, id.Username},
	)
	for name, value := range id.Claims {
		if !IsReserved(name) {
			all = append(all, Member{name, value})
		}
	}
	if len(id.Claims) > 0 {
		slices.SortFunc(all, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	}
	return slices.DeleteFunc(all, func(m Member) bool { return m.Value == "" })
}

// reserved are the keys that no further claim may have: those of this package, and those that API Gateway adds to the context or
// refuses in it.
var reserved = []string{
	keySub, keyUsername, keyClientID, keyScopes, keyGroups, keyTokenUse, keyExpiresAt, keySessionID, keyIssuer,
	keyDecisionID,
	"claims", "error", "integrationLatency", "integrationStatus", "latency", "principalId", "property", "requestId", "status",
	"iam", "jwt", "lambda",
}

// IsReserved reports whether a key of the context, in any case, has another meaning than the claim of that name.
func IsReserved(key string) bool {
	return slices.ContainsFunc(reserved, func(r string) bool { return strings.EqualFold(r, key) })
}

// FromContext reads the identity from requestContext.authorizer of a REST or format 1.0 event, or from
// requestContext.authorizer.lambda of a format 2.0 event. Keys that it does not know are further claims if they are strings,
// except those that API Gateway adds.
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
		Issuer:    text(keyIssuer),

		DecisionID: text(keyDecisionID),
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
	for key, value := range context {
		if s, ok := value.(string); ok && s != "" && !IsReserved(key) {
			if id.Claims == nil {
				id.Claims = make(map[string]string)
			}
			id.Claims[key] = s
		}
	}
	if len(malformed) > 0 {
		return Identity{}, fmt.Errorf("%w: %s", ErrMalformed, strings.Join(malformed, ", "))
	}
	return id, nil
}

// IsMachine reports whether the caller is a machine client (client_credentials) rather than a person.
func (id Identity) IsMachine() bool { return id.Username == "" }
