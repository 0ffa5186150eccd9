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

// revocations is the table that the authorizer reads. The zero value is no table.
type revocations struct {
	table   *revocation.Table
	issuers []string // iss values of the pool's tokens; a user is revoked under each
}

// errRevocations reports that a person is signed out of Cognito, but that the access tokens issued before were not revoked.
var errRevocations = errors.New("the revocation table cannot be written")

// signOutUser revokes a user's refresh tokens in Cognito and, with a revocation table, every other token issued so far. It can
// be repeated, and is complete only when both halves are.
func signOutUser(pool userPool, revoked revocations) func(context.Context, *request) (response, error) {
	return func(ctx context.Context, req *request) (response, error) {
		username, err := usernameOf(req)
		if err != nil {
			return response{}, err
		}
		if err := pool.SignOut(ctx, username); err != nil {
			return response{}, explainUsername(err)
		}
		if revoked.table != nil {
			sub, err := pool.Subject(ctx, username)
			if err != nil {
				return response{}, explainUsername(err)
			}
			if err := revoked.user(ctx, sub); err != nil {
				return response{}, err
			}
		}
		return noContent(http.StatusNoContent), nil
	}
}

// user revokes the tokens that a person has now. The refresh tokens must have been revoked before.
func (r revocations) user(ctx context.Context, sub string) error {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	now := time.Now()
	for _, issuer := range r.issuers {
		if err := r.table.Put(ctx, revocation.User(issuer, sub, now, false)); err != nil {
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
