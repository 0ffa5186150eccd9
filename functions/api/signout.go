package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
)

// revocations is the table that the authorizer reads. The zero value means that there is no table.
type revocations struct {
	table   *revocation.Table
	issuers []string // iss values of the pool's tokens; a user is revoked under each
}

// errRevocations reports that a person is signed out of Cognito, but that the access tokens issued before were not revoked.
var errRevocations = errors.New("the revocation table cannot be written")

// signOut revokes the session of the caller's token: every access and ID token of this sign-in, including those that its
// refresh token gets later. The client must revoke the refresh token itself: Cognito's RevokeToken needs it, API Gateway
// does not pass it on, and Cognito has no other way to end one session of several.
func signOut(revoked revocations) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		switch {
		case revoked.table == nil:
			return response{}, newProblem(http.StatusNotImplemented, "this API has no revocation table: revoke the refresh token at Cognito")
		case req.caller.SessionID == "":
			return response{}, badRequest("the token names no session: a machine client has none")
		}
		if err := revoked.put(ctx, revocation.Session(req.caller.SessionID, time.Now(), true)); err != nil {
			return response{}, err
		}
		return noContent(http.StatusNoContent), nil
	}
}

// signOutEverywhere ends every session of the caller.
func signOutEverywhere(pool userPool, revoked revocations) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		if req.caller.IsMachine() {
			return response{}, badRequest("a machine client has no sessions")
		}
		if err := revoked.everywhere(ctx, pool, req.caller.Username, req.caller.Subject); err != nil {
			return response{}, err
		}
		return noContent(http.StatusNoContent), nil
	}
}

// signOutUser ends every session of another user.
func signOutUser(pool userPool, revoked revocations) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		username, err := usernameOf(req)
		if err != nil {
			return response{}, err
		}
		if revoked.table == nil {
			err = pool.SignOut(ctx, username)
		} else {
			var sub string
			if sub, err = pool.Subject(ctx, username); err == nil {
				err = revoked.everywhere(ctx, pool, username, sub)
			}
		}
		if err != nil {
			return response{}, explainUsername(err)
		}
		return noContent(http.StatusNoContent), nil
	}
}

// everywhere revokes a user's refresh tokens in Cognito and, with a table, every other token issued so far. If one half
// fails, the other is still tried. Both can be repeated.
func (r revocations) everywhere(ctx context.Context, pool userPool, username, sub string) error {
	signedOut := pool.SignOut(ctx, username)
	if errors.Is(signedOut, errNoSuchUser) {
		signedOut = nil // the user was deleted, and the refresh tokens with it
	}
	if r.table == nil {
		return signedOut
	}
	now := time.Now()
	var entries []revocation.Entry
	for _, issuer := range r.issuers {
		entries = append(entries, revocation.User(issuer, sub, now, signedOut != nil))
	}
	written := r.put(ctx, entries...)
	switch {
	case signedOut == nil:
		return written
	case written != nil: // only the first is wrapped: the message of errRevocations says that the user is signed out
		return fmt.Errorf("%w; %s", signedOut, written.Error())
	}
	return signedOut
}

// put writes entries into the table.
func (r revocations) put(ctx context.Context, entries ...revocation.Entry) error {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	for _, e := range entries {
		if err := r.table.Put(ctx, e); err != nil {
			return fmt.Errorf("%w: %w", errRevocations, err)
		}
	}
	return nil
}

// Subject returns the sub of a user, or [errNoSuchUser].
func (p userPool) Subject(ctx context.Context, username string) (string, error) {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	out, err := p.client.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: aws.String(p.id), Username: aws.String(username)})
	if err != nil {
		return "", classify(err)
	}
	for _, attribute := range out.UserAttributes {
		if aws.ToString(attribute.Name) == "sub" && aws.ToString(attribute.Value) != "" {
			return *attribute.Value, nil
		}
	}
	return "", fmt.Errorf("%w: a user without sub", errPoolUnreachable)
}
