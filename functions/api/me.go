package main

import (
	"context"
	"time"
)

// me is the caller's identity as the authorizer passed it on.
type me struct {
	Subject   string    `json:"sub"`
	Username  string    `json:"username,omitempty"` // machine clients have none
	ClientID  string    `json:"clientId"`
	Scopes    []string  `json:"scopes"`
	Groups    []string  `json:"groups"`
	TokenUse  string    `json:"tokenUse"`
	ExpiresAt time.Time `json:"expiresAt"`
	SessionID string    `json:"sessionId,omitempty"`
}

func getMe(_ context.Context, req *request) (response, error) {
	id := req.caller
	return ok(me{
		Subject:   id.Subject,
		Username:  id.Username,
		ClientID:  id.ClientID,
		Scopes:    append([]string{}, id.Scopes...), // [] rather than null
		Groups:    append([]string{}, id.Groups...),
		TokenUse:  id.TokenUse,
		ExpiresAt: id.ExpiresAt.UTC(),
		SessionID: id.SessionID,
	})
}
