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

	// attemptTimeout ends one attempt, so that a connection that died while Lambda had the function frozen
	// costs one attempt and not the whole invocation.
	attemptTimeout = 3 * time.Second

	// answerMargin is kept back of Lambda's deadline, so that an answer still gets out when the pool is slow.
	answerMargin = 500 * time.Millisecond

	// retryAfterSeconds is what a 503 asks the caller to wait. Cognito's quotas are counted per second.
	retryAfterSeconds = 2
)

// Why a call to the pool failed. The text behind them, if any, is for the log.
var (
	errNoSuchUser      = errors.New("no such user")
	errPoolParameter   = errors.New("the user pool refuses a parameter")
	errPoolBusy        = errors.New("the user pool is throttling")
	errPoolUnreachable = errors.New("the user pool gave no usable answer")
	errPoolRefusesUs   = errors.New("the user pool refuses this function")
)

// userPool is one Cognito user pool. Its calls keep to the context's deadline less [answerMargin].
type userPool struct {
	client *cip.Client
	id     string
}

// newUserPool retries throttling, server faults and broken connections, waiting as delay says in between.
func newUserPool(config aws.Config, id string, delay retry.BackoffDelayer) userPool {
	return userPool{id: id, client: cip.NewFromConfig(config, func(o *cip.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = maxAttempts
			o.Backoff = delay
		})
	})}
}

// retryDelay is full jitter below 200 ms, 400 ms, then 800 ms. The SDK's own delays grow to 20 s: longer than a
// caller, or API Gateway, waits.
func retryDelay(attempt int, _ error) (time.Duration, error) {
	return rand.N(100 * time.Millisecond << min(attempt, 3)), nil
}

// List returns one page of at most limit users. next is that of the page before, empty for the first.
func (p userPool) List(ctx context.Context, limit int32, next string) (userPage, error) {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	in := &cip.ListUsersInput{
		UserPoolId:      aws.String(p.id),
		Limit:           aws.Int32(limit),
		AttributesToGet: []string{"sub"}, // else Cognito sends every attribute of everybody
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
		read, err := userFrom(u.Username, u.UserStatus, u.Enabled, u.UserCreateDate)
		if err != nil {
			return userPage{}, err
		}
		page.Users = append(page.Users, read)
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

// SignOut ends every refresh token of a user. It does not reach access tokens already issued.
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
		return user{}, fmt.Errorf("%w: a user without name or date", errPoolUnreachable)
	}
	return user{Username: *username, Status: string(status), Enabled: enabled, CreatedAt: created.UTC()}, nil
}

func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithDeadline(ctx, deadline.Add(-answerMargin))
	}
	return context.WithCancel(ctx)
}

// classify sorts the SDK's errors. What Cognito says of a parameter quotes it, so that text goes nowhere; what
// it says of this function's permissions names role and pool, which is what the reader of the log needs.
func classify(err error) error {
	var answer *awshttp.ResponseError
	answered := errors.As(err, &answer)
	var said smithy.APIError
	if !errors.As(err, &said) {
		if answered { // not Cognito's protocol: the SDK may quote the answer, which is about people
			return fmt.Errorf("%w: an answer with status %d that cannot be read", errPoolUnreachable, answer.HTTPStatusCode())
		}
		return fmt.Errorf("%w: %w", errPoolUnreachable, err) // network or deadline
	}
	code := said.ErrorCode()
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
		return fmt.Errorf("%w: %s", errPoolBusy, code)
	}
	switch code {
	case "UserNotFoundException":
		return errNoSuchUser
	case "InvalidParameterException":
		return errPoolParameter
	case "AccessDeniedException", "NotAuthorizedException", "ResourceNotFoundException":
		return fmt.Errorf("%w: %s: %s", errPoolRefusesUs, code, said.ErrorMessage())
	}
	if answered && answer.HTTPStatusCode() >= http.StatusInternalServerError {
		return fmt.Errorf("%w: %s", errPoolUnreachable, code)
	}
	return fmt.Errorf("%w: %s", errPoolRefusesUs, code)
}
