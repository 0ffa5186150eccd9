package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// Cognito's own revocation does not reach a verifier that never asks Cognito: an access token stays good until
// its exp. A table of ended sessions closes that gap. One entry ends a session, with every access and ID token
// that was or will be issued in it, since all of them name it in origin_jti.
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
var (
	errRevoked     = errors.New("the session of this token has been ended")
	errNoSession   = errors.New("the token names no session (origin_jti), so it could not be revoked: turn on token revocation for the app client")
	errRevocations = errors.New("the table of ended sessions cannot be read")
)

// The table's partition key, a string, and how long one look-up may take with its retries.
const (
	sessionKey    = "session_id"
	lookUpTimeout = 2 * time.Second
)

// revocations is the table of ended sessions. The zero value is no table: nothing is checked.
type revocations struct{ table *table }

// newRevocations reads the table of that name; none, if the name is empty.
func newRevocations(name string, getenv func(string) string) revocations {
	if name == "" {
		return revocations{}
	}
	return revocations{newTable(name, getenv)}
}

// check refuses a token whose session is in the table, with errRevoked. When the table cannot be read it
// refuses with errRevocations, which is a fault of ours and no judgement on the token. A machine client's token
// has no session; it is ended by taking the client out of CLIENT_IDS. The time at which DynamoDB will
// remove an entry is not looked at: an entry counts for as long as it is there.
func (r revocations) check(ctx context.Context, claims cognito.Claims) error {
	if r.table == nil {
		return nil
	}
	if claims.SessionID == "" {
		if claims.Use == cognito.AccessToken && claims.Username == "" {
			return nil
		}
		return errNoSession
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	ended, err := r.table.has(ctx, claims.SessionID)
	if err != nil {
		return fmt.Errorf("%w: %w", errRevocations, err)
	}
	if ended {
		return errRevoked
	}
	return nil
}
