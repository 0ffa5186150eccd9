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
	maxResponse = 1 << 20          // bytes; the largest valid response is a few kilobytes
)

// api is the user pools API, as one app client calls it.
type api struct {
	sdk    *idp.Client
	target target
	secret clientSecret
	admin  bool // sign in by the calls that need AWS credentials
}

// newAPI returns a client. Without admin it holds no AWS credentials, even if there are some. The SDK
// reads AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER and the proxy settings by itself.
func newAPI(ctx context.Context, p target, secret clientSecret, admin bool) (*api, error) {
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
	return &api{sdk: sdk, target: p, secret: secret, admin: admin}, nil
}

// errInsecureEndpoint keeps passwords and refresh tokens from leaving this machine without TLS.
var errInsecureEndpoint = errors.New("the endpoint is neither https nor on this machine")

// boundedClient limits the size of responses and refuses requests without TLS, except to this machine.
type boundedClient struct{ next aws.HTTPClient }

// Do implements [aws.HTTPClient].
func (b boundedClient) Do(r *http.Request) (*http.Response, error) {
	if !secureAddress(r.URL.Scheme + "://" + r.URL.Host) {
		return nil, errInsecureEndpoint // whatever configured it
	}
	if r.Body != nil {
		// smithy-go closes the body as soon as there is a response, and its WriteTo then reports io.EOF as an error. If the
		// server responds fast enough, net/http therefore drops the connection while it reads the response, and the SDK
		// repeats the call. That is fatal for a challenge, which can be answered once. Read has no such bug, so net/http
		// sees only Read.
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	response, err := b.next.Do(r)
	if response != nil && response.Body != nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxResponse)
	}
	return response, err
}

// authResponse is Cognito's response within a sign-in: a challenge, or the tokens.
type authResponse struct {
	challenge  types.ChallengeNameType
	session    *string
	parameters map[string]string
	available  []types.ChallengeNameType
	result     *types.AuthenticationResultType
}

// initiate begins a sign-in. It adds SECRET_HASH for the typed name.
func (a *api) initiate(ctx context.Context, flow types.AuthFlowType, parameters map[string]string) (authResponse, error) {
	a.secret.addHash(parameters, parameters["USERNAME"], a.target.ClientID)
	return a.begin(ctx, flow, parameters)
}

// begin sends the parameters as they are.
func (a *api) begin(ctx context.Context, flow types.AuthFlowType, parameters map[string]string) (authResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if a.admin {
		out, err := a.sdk.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
			UserPoolId: &a.target.PoolID, ClientId: &a.target.ClientID, AuthFlow: flow, AuthParameters: parameters})
		if err != nil {
			return authResponse{}, err
		}
		return authResponse{out.ChallengeName, out.Session, out.ChallengeParameters, out.AvailableChallenges, out.AuthenticationResult}, nil
	}
	out, err := a.sdk.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &a.target.ClientID, AuthFlow: flow, AuthParameters: parameters})
	if err != nil {
		return authResponse{}, err
	}
	return authResponse{out.ChallengeName, out.Session, out.ChallengeParameters, out.AvailableChallenges, out.AuthenticationResult}, nil
}

// respond answers a challenge. The session is returned unchanged; it may be nil.
func (a *api) respond(ctx context.Context, name types.ChallengeNameType, session *string, responses map[string]string) (authResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	a.secret.addHash(responses, responses["USERNAME"], a.target.ClientID)
	if a.admin {
		out, err := a.sdk.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
			UserPoolId: &a.target.PoolID, ClientId: &a.target.ClientID, ChallengeName: name, Session: session, ChallengeResponses: responses})
		if err != nil {
			return authResponse{}, err
		}
		return authResponse{challenge: out.ChallengeName, session: out.Session, parameters: out.ChallengeParameters, result: out.AuthenticationResult}, nil
	}
	out, err := a.sdk.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
		ClientId: &a.target.ClientID, ChallengeName: name, Session: session, ChallengeResponses: responses})
	if err != nil {
		return authResponse{}, err
	}
	return authResponse{challenge: out.ChallengeName, session: out.Session, parameters: out.ChallengeParameters, result: out.AuthenticationResult}, nil
}

// tokens are the result of a sign-in or a refresh. Their type prints as a placeholder.
type tokens struct {
	access, id, refresh cognito.Token // refresh is empty if there is no new one
	expiresIn           int           // lifetime of the access token in seconds
}

func tokensFrom(r *types.AuthenticationResultType) (tokens, error) {
	t := tokens{
		access:    cognito.NewToken(aws.ToString(r.AccessToken)),
		id:        cognito.NewToken(aws.ToString(r.IdToken)),
		refresh:   cognito.NewToken(aws.ToString(r.RefreshToken)),
		expiresIn: int(r.ExpiresIn),
	}
	return t, t.validate()
}

// validate refuses tokens that cannot be printed safely. The access token is required.
func (t tokens) validate() error {
	if err := checkPrintable(t.access); err != nil {
		return err
	}
	for _, optional := range []cognito.Token{t.id, t.refresh} {
		if optional.Reveal() != "" {
			if err := checkPrintable(optional); err != nil {
				return err
			}
		}
	}
	return nil
}
