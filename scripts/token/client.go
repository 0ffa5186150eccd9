package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type clientCommand struct {
	Scope    []string `placeholder:"SCOPE" help:"Scope to ask for, for example api/users.read; may be repeated. Without it, all that the client has."`
	Resource string   `placeholder:"URI" help:"The API that the token is for (RFC 8707); becomes its aud."`
	TokenURL string   `group:"target" name:"token-url" placeholder:"URL" help:"Token endpoint, https://DOMAIN/oauth2/token of the pool."`

	targetOptions
	secretOptions
	outputOptions
}

// Help implements kong's HelpProvider.
func (*clientCommand) Help() string {
	return `A program has its own app client, with a secret. The tool asks for the secret unless an option, the
environment or Terraform provides it.

  cognito-authorizer token client
  cognito-authorizer token client --scope api/users.read --output header
  cognito-authorizer token client --client-id ID --client-secret-file secret.txt --token-url https://DOMAIN/oauth2/token`
}

// Run implements the command.
func (k *clientCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := k.resolve(ctx, c, func(p target) bool { return p.ClientID != "" && k.TokenURL != "" })
	if err != nil {
		return err
	}
	fromTerraform := k.ClientID == "" || k.ClientID == p.MachineClientID
	if k.ClientID == "" {
		p.ClientID = p.MachineClientID
	}
	if k.TokenURL != "" {
		p.TokenURL = k.TokenURL
	}
	if p.ClientID == "" {
		err = missing("app client for programs", "--client-id", "COGNITO_CLIENT_ID")
	}
	if p.TokenURL == "" {
		err = errors.Join(err, missing("token endpoint", "--token-url", "COGNITO_TOKEN_URL"))
	}
	if err = errors.Join(err, p.validate(), k.validateOutput(p)); err != nil {
		return err
	}
	p.printTarget(c)
	secret, err := k.resolveSecret(ctx, c, p, fromTerraform)
	if err != nil {
		return err
	}
	t, err := clientCredentials(ctx, p, secret, k.Scope, k.Resource)
	if err != nil {
		return err
	}
	return k.print(c, t, p)
}

// resolveSecret returns the secret from options, Terraform or a prompt. Client credentials always need one.
func (k *clientCommand) resolveSecret(ctx context.Context, c cli.Console, p target, fromTerraform bool) (clientSecret, error) {
	prompt := newPrompter(c)
	defer prompt.Close()
	given, err := k.read(ctx, prompt)
	switch {
	case err != nil || given.value() != "":
		return given, err
	case fromTerraform && p.machineSecret != "":
		return newClientSecret(p.machineSecret), nil
	}
	k.AskClientSecret = true
	given, err = k.read(ctx, prompt)
	if errors.Is(err, errNobodyToAsk) {
		return clientSecret{}, errors.New("no client secret: give --client-secret-file, or set " + secretVariable)
	}
	return given, err
}

// clientCredentials requests the grant of RFC 6749 section 4.4, with the secret in a header:
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
func clientCredentials(ctx context.Context, p target, secret clientSecret, scopes []string, resource string) (tokens, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	if resource != "" {
		form.Set("resource", resource)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return tokens{}, errors.New("the token URL is not an address")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(p.ClientID), url.QueryEscape(secret.value())) // RFC 6749 §2.3.1
	// A redirect could send the secret to an address that nobody configured.
	noRedirects := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := noRedirects.Do(request)
	if err != nil {
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
			return tokens{}, ctx.Err()
		}
		return tokens{}, fmt.Errorf("cannot reach the token endpoint %s: check --token-url and the network", p.TokenURL)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return tokens{}, errors.New("the response of the token endpoint was cut off: try again")
	}
	return readTokenResponse(response.StatusCode, body)
}

// readTokenResponse decodes a response of RFC 6749 sections 5.1 and 5.2.
func readTokenResponse(status int, body []byte) (tokens, error) {
	var response struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
		Error       string `json:"error"`
	}
	err := json.Unmarshal(body, &response)
	switch {
	case status == http.StatusOK && err == nil:
		t := tokens{access: cognito.NewToken(response.AccessToken), expiresIn: response.ExpiresIn}
		return t, t.validate()
	case err == nil && clientAdvice[response.Error] != "":
		return tokens{}, fmt.Errorf("%s (%s)", clientAdvice[response.Error], response.Error)
	case status == http.StatusTooManyRequests:
		return tokens{}, errors.New("the token endpoint received too many requests: wait a moment, then try again")
	}
	return tokens{}, fmt.Errorf("the token endpoint returned status %d and no token: check --token-url", status)
}

// clientAdvice is what to do about each error of the token endpoint.
var clientAdvice = map[string]string{
	"invalid_client":         "the client id or the client secret is wrong: check both, and that the token endpoint is of the same pool",
	"unauthorized_client":    "this app client is not for programs: allow it the client_credentials flow",
	"invalid_scope":          "the client does not have one of the scopes: check --scope, of the form RESOURCE-SERVER/SCOPE",
	"unsupported_grant_type": "the token endpoint does not know client_credentials: check --token-url",
	"invalid_grant":          "the app client may not do this: check that it allows client_credentials and has custom scopes",
	"invalid_request":        "the token endpoint rejected the request: check --scope and --resource",
	"server_error":           "Cognito reported an internal error: try again later",
}
