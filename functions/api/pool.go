package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

const (
	maxAttempts = 4

	// attemptTimeout limits one attempt. A connection that died while Lambda had the function frozen then costs one attempt
	// rather than the whole invocation.
	attemptTimeout = 3 * time.Second

	// responseMargin is reserved before Lambda's deadline, so that a response can still be sent when the pool is slow.
	responseMargin = 500 * time.Millisecond

	// retryAfterSeconds is the Retry-After of a 503. Cognito's quotas are per second.
	retryAfterSeconds = 2
)

// Errors of the calls to the user pool. Wrapped details are for the log only.
var (
	errNoSuchUser      = errors.New("user not found")
	errPoolParameter   = errors.New("the user pool rejected a parameter")
	errPoolBusy        = errors.New("the user pool throttles the calls")
	errPoolUnreachable = errors.New("no usable response from the user pool")
	errPoolDenied      = errors.New("the user pool denies the call: check the role of the function and USER_POOL_ID")
)

// userPool is a client for one Cognito user pool. Its calls end [responseMargin] before the context's deadline.
type userPool struct {
	client *cip.Client
	id     string
}

// newUserPool returns a client that retries throttling, server errors and broken connections, with delay as its backoff.
func newUserPool(config aws.Config, id string, delay retry.BackoffDelayer) userPool {
	return userPool{id: id, client: cip.NewFromConfig(config, func(o *cip.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = maxAttempts
			o.Backoff = delay
		})
	})}
}

// retryDelay returns a random delay (full jitter) below 200 ms for the first retry, then below 400 ms, then below 800 ms. The
// SDK's own delays grow to 20 s, longer than a caller waits.
func retryDelay(attempt int, _ error) (time.Duration, error) {
	return rand.N(100 * time.Millisecond << min(attempt, 3)), nil
}

// List returns a page of at most limit users. next is the Next of the previous page, empty for the first page.
func (p userPool) List(ctx context.Context, limit int32, next string) (userPage, error) {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	in := &cip.ListUsersInput{
		UserPoolId:      aws.String(p.id),
		Limit:           aws.Int32(limit),
		AttributesToGet: []string{"sub"}, // otherwise Cognito sends every attribute of every user
	}
	if next != "" {
		in.PaginationToken = aws.String(next)
	}
	out, err := p.client.ListUsers(ctx, in)
	if err != nil {
		return userPage{}, classify(err)
	}
	page := userPage{Users: make([]user, 0, len(out.Users)), Next: aws.ToString(out.PaginationToken)}
	for _, u := range out.Users {
		entry, err := userFrom(u.Username, u.UserStatus, u.Enabled, u.UserCreateDate)
		if err != nil {
			return userPage{}, err
		}
		page.Users = append(page.Users, entry)
	}
	return page, nil
}

// Get returns one user, or [errNoSuchUser].
func (p userPool) Get(ctx context.Context, username string) (user, error) {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	out, err := p.client.AdminGetUser(ctx, &cip.AdminGetUserInput{UserPoolId: aws.String(p.id), Username: aws.String(username)})
	if err != nil {
		return user{}, classify(err)
	}
	return userFrom(out.Username, out.UserStatus, out.Enabled, out.UserCreateDate)
}

// SignOut revokes every refresh token of a user. Access and ID tokens that were already issued stay valid until they expire.
func (p userPool) SignOut(ctx context.Context, username string) error {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	_, err := p.client.AdminUserGlobalSignOut(ctx,
		&cip.AdminUserGlobalSignOutInput{UserPoolId: aws.String(p.id), Username: aws.String(username)})
	if err != nil {
		return classify(err)
	}
	return nil
}

func userFrom(username *string, status types.UserStatusType, enabled bool, created *time.Time) (user, error) {
	if aws.ToString(username) == "" || created == nil {
		return user{}, fmt.Errorf("%w: a user without a name or a creation date", errPoolUnreachable)
	}
	return user{Username: *username, Status: string(status), Enabled: enabled, CreatedAt: created.UTC()}, nil
}

func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithDeadline(ctx, deadline.Add(-responseMargin))
	}
	return context.WithCancel(ctx)
}

// classify maps an error of the SDK to one of the errors above. Cognito's messages about parameters quote them, so they are
// dropped. Its messages about permissions name the role and the pool, so they are kept for the log.
func classify(err error) error {
	var httpErr *awshttp.ResponseError
	hasResponse := errors.As(err, &httpErr)
	var apiErr smithy.APIError
	if !errors.As(err, &apiErr) {
		if hasResponse { // a malformed response: the SDK's error may quote it, with personal data in it
			return fmt.Errorf("%w: malformed response with status %d", errPoolUnreachable, httpErr.HTTPStatusCode())
		}
		return fmt.Errorf("%w: %w", errPoolUnreachable, err) // network or deadline
	}
	code := apiErr.ErrorCode()
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
		return fmt.Errorf("%w: %s", errPoolBusy, code)
	}
	switch code {
	case "UserNotFoundException":
		return errNoSuchUser
	case "InvalidParameterException":
		return errPoolParameter
	case "AccessDeniedException", "NotAuthorizedException", "ResourceNotFoundException":
		return fmt.Errorf("%w: %s: %s", errPoolDenied, code, apiErr.ErrorMessage())
	}
	if hasResponse && httpErr.HTTPStatusCode() >= http.StatusInternalServerError {
		return fmt.Errorf("%w: %s", errPoolUnreachable, code)
	}
	return fmt.Errorf("%w: %s", errPoolDenied, code)
}
