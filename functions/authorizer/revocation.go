package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
)

// Errors of the revocation check.
var (
	errRevoked     = errors.New("the token has been revoked")
	errNoSession   = errors.New("the token names no session (origin_jti), so it could not be revoked: turn on token revocation for the app client")
	errRevocations = errors.New("the revocation table cannot be read")
)

// revocations is the revocation table. The zero value means that there is no table, and nothing is checked.
type revocations struct{ table *revocation.Table }

// newRevocations returns the table of that name; none, if the name is empty.
func newRevocations(name string, getenv func(string) string) revocations {
	if name == "" {
		return revocations{}
	}
	return revocations{revocation.FromEnvironment(name, getenv)}
}

// check refuses a token that the table revokes, with errRevoked. When the table cannot be read it fails with errRevocations:
// a 500, since nothing is known of the token. A person's token without a session is refused: it could not be revoked.
func (r revocations) check(ctx context.Context, claims cognito.Claims) error {
	if r.table == nil {
		return nil
	}
	token := revocation.Token{
		Issuer: claims.Issuer, ClientID: claims.ClientID, IssuedAt: claims.IssuedAt, AuthTime: claims.AuthTime,
	}
	if machine := claims.Use == cognito.AccessToken && claims.Username == ""; !machine {
		if claims.SessionID == "" {
			return errNoSession
		}
		token.Subject, token.Session = claims.Subject, claims.SessionID
	}
	revoked, err := r.table.Revoked(ctx, token)
	if err != nil {
		return fmt.Errorf("%w: %w", errRevocations, err)
	}
	if revoked {
		return errRevoked
	}
	return nil
}
