package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

const (
	callTimeout = 20 * time.Second // one call, retries included
	maxResponse = 1 << 20          // bytes; the largest honest answer is a few kilobytes
)

// api is the user pools API, as one app client calls it.
type api struct {
	sdk    *idp.Client
	place  place
	secret clientSecret
	admin  bool // sign in by the calls that need AWS credentials
}

// newAPI makes a client. Without admin it holds no AWS credentials, not even if there are some. The SDK
// reads AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER and the proxy settings by itself.
func newAPI(ctx context.Context, p place, secret clientSecret, admin bool) (*api, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(p.Region),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(callTimeout)), // of a kind that AWS_CA_BUNDLE can be added to
	}
	if !admin {
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("the AWS configuration of this machine: %w", err)
	}
	loaded.HTTPClient = boundedClient{loaded.HTTPClient}
	sdk := idp.NewFromConfig(loaded)
	// The endpoint may also come from endpoint_url or a services section of the AWS configuration file.
	if endpoint := aws.ToString(sdk.Options().BaseEndpoint); endpoint != "" && !secureAddress(endpoint) {
		return nil, fmt.Errorf("the Cognito endpoint %q: want https://…, or http://… on this machine: check AWS_ENDPOINT_URL and endpoint_url in the AWS configuration file", endpoint)
	}
	return &api{sdk: sdk, place: p, secret: secret, admin: admin}, nil
}

// errInsecureEndpoint keeps passwords and refresh tokens from leaving this machine without TLS.
var errInsecureEndpoint = errors.New("the endpoint is neither https nor on this machine")

// boundedClient reads no more of an answer than an honest one can hold, and sends nothing in the clear.
type boundedClient struct{ next aws.HTTPClient }

// Do implements [aws.HTTPClient].
func (b boundedClient) Do(r *http.Request) (*http.Response, error) {
	if !secureAddress(r.URL.Scheme + "://" + r.URL.Host) {
		return nil, errInsecureEndpoint // whatever configured it
	}
	if r.Body != nil {
		// smithy-go closes the body as soon as there is an answer, and its WriteTo then reports io.EOF as an
		// error. A server that answers fast enough makes net/http give the connection up in the middle of the
		// answer, and the SDK sends the call again: fatal for a challenge, which takes one answer. Read has no
		// such fault, so it is all that net/http gets to see.
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	response, err := b.next.Do(r)
	if response != nil && response.Body != nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxResponse)
	}
	return response, err
}

// step is Cognito's answer within a sign-in: a challenge, or the tokens.
type step struct {
	challenge  types.ChallengeNameType
	session    *string
	parameters map[string]string
	available  []types.ChallengeNameType
	result     *types.AuthenticationResultType
}

// initiate begins a sign-in. SECRET_HASH is added for the name that was typed.
func (a *api) initiate(ctx context.Context, flow types.AuthFlowType, parameters map[string]string) (step, error) {
	a.secret.addHash(parameters, parameters["USERNAME"], a.place.ClientID)
	return a.begin(ctx, flow, parameters)
}

// begin sends the parameters as they are.
func (a *api) begin(ctx context.Context, flow types.AuthFlowType, parameters map[string]string) (step, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if a.admin {
		out, err := a.sdk.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
			UserPoolId: &a.place.PoolID, ClientId: &a.place.ClientID, AuthFlow: flow, AuthParameters: parameters})
		if err != nil {
			return step{}, err
		}
		return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AvailableChallenges, out.AuthenticationResult}, nil
	}
	out, err := a.sdk.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &a.place.ClientID, AuthFlow: flow, AuthParameters: parameters})
	if err != nil {
		return step{}, err
	}
	return step{out.ChallengeName, out.Session, out.ChallengeParameters, out.AvailableChallenges, out.AuthenticationResult}, nil
}

// respond answers a challenge. The session goes back as it came; there may be none.
func (a *api) respond(ctx context.Context, name types.ChallengeNameType, session *string, answers map[string]string) (step, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	a.secret.addHash(answers, answers["USERNAME"], a.place.ClientID)
	if a.admin {
		out, err := a.sdk.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
			UserPoolId: &a.place.PoolID, ClientId: &a.place.ClientID, ChallengeName: name, Session: session, ChallengeResponses: answers})
		if err != nil {
			return step{}, err
		}
		return step{challenge: out.ChallengeName, session: out.Session, parameters: out.ChallengeParameters, result: out.AuthenticationResult}, nil
	}
	out, err := a.sdk.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
		ClientId: &a.place.ClientID, ChallengeName: name, Session: session, ChallengeResponses: answers})
	if err != nil {
		return step{}, err
	}
	return step{challenge: out.ChallengeName, session: out.Session, parameters: out.ChallengeParameters, result: out.AuthenticationResult}, nil
}

// tokens are what a sign-in or a refresh gives. The types keep them out of whatever prints the struct.
type tokens struct {
	access, id, refresh cognito.Token // refresh is empty when there is no new one
	expiresIn           int           // seconds that the access token lives
}

func tokensFrom(r *types.AuthenticationResultType) (tokens, error) {
	t := tokens{
		access:    cognito.NewToken(aws.ToString(r.AccessToken)),
		id:        cognito.NewToken(aws.ToString(r.IdToken)),
		refresh:   cognito.NewToken(aws.ToString(r.RefreshToken)),
		expiresIn: int(r.ExpiresIn),
	}
	return t, t.check()
}

// check refuses what cannot be printed safely. The access token is always there.
func (t tokens) check() error {
	if err := wellFormed(t.access); err != nil {
		return err
	}
	for _, optional := range []cognito.Token{t.id, t.refresh} {
		if optional.Reveal() != "" {
			if err := wellFormed(optional); err != nil {
				return err
			}
		}
	}
	return nil
}
