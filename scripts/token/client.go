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
	Resource string   `placeholder:"URI" help:"The API that the token is to be for (RFC 8707); becomes aud."`
	TokenURL string   `group:"place" name:"token-url" placeholder:"URL" help:"Token endpoint, https://DOMAIN/oauth2/token of the pool."`

	placeOptions
	secretOptions
	outputOptions
}

// Help implements kong's HelpProvider.
func (*clientCommand) Help() string {
	return `Programs have an app client of their own, with a secret. It is asked for, unless an option, the
environment or Terraform gives it.

  cognito-authorizer token client
  cognito-authorizer token client --scope api/users.read --output header
  cognito-authorizer token client --client-id ID --client-secret-file secret.txt --token-url https://DOMAIN/oauth2/token`
}

// Run signs a program in.
func (k *clientCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := k.resolve(ctx, c, func(p place) bool { return p.ClientID != "" && k.TokenURL != "" })
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
	if err = errors.Join(err, p.check(), k.printable(p)); err != nil {
		return err
	}
	p.tellWhere(c)
	secret, err := k.secret(ctx, c, p, fromTerraform)
	if err != nil {
		return err
	}
	t, err := clientCredentials(ctx, p, secret, k.Scope, k.Resource)
	if err != nil {
		return err
	}
	return k.print(c, t, p)
}

// secret asks when nothing else says it: a client without one cannot do this.
func (k *clientCommand) secret(ctx context.Context, c cli.Console, p place, fromTerraform bool) (clientSecret, error) {
	ask := newAsker(c)
	defer ask.Close()
	given, err := k.read(ctx, ask)
	switch {
	case err != nil || given.value() != "":
		return given, err
	case fromTerraform && p.machineSecret != "":
		return newClientSecret(p.machineSecret), nil
	}
	k.AskClientSecret = true
	given, err = k.read(ctx, ask)
	if errors.Is(err, errNobodyToAsk) {
		return clientSecret{}, errors.New("no client secret: give --client-secret-file, or set " + secretVariable)
	}
	return given, err
}

// clientCredentials is the grant of RFC 6749 section 4.4, the secret in a header:
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
func clientCredentials(ctx context.Context, p place, secret clientSecret, scopes []string, resource string) (tokens, error) {
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
	// A redirect would carry the secret to an address that nobody configured.
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := stay.Do(request)
	if err != nil {
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
			return tokens{}, ctx.Err()
		}
		return tokens{}, fmt.Errorf("cannot speak with the token endpoint %s: check --token-url and the network", p.TokenURL)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return tokens{}, errors.New("the token endpoint's answer broke off: try again")
	}
	return readTokenResponse(response.StatusCode, body)
}

// readTokenResponse reads RFC 6749 sections 5.1 and 5.2.
func readTokenResponse(status int, body []byte) (tokens, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
		Error       string `json:"error"`
	}
	err := json.Unmarshal(body, &answer)
	switch {
	case status == http.StatusOK && err == nil:
		t := tokens{access: cognito.NewToken(answer.AccessToken), expiresIn: answer.ExpiresIn}
		return t, t.check()
	case err == nil && clientAdvice[answer.Error] != "":
		return tokens{}, fmt.Errorf("%s (%s)", clientAdvice[answer.Error], answer.Error)
	case status == http.StatusTooManyRequests:
		return tokens{}, errors.New("the token endpoint is asked too often: wait a moment, then try again")
	}
	return tokens{}, fmt.Errorf("the token endpoint answered %d without a token: check --token-url", status)
}

// clientAdvice says what to do about each error of the token endpoint.
var clientAdvice = map[string]string{
	"invalid_client":         "the client id or the client secret is wrong: check both, and that the token endpoint is of the same pool",
	"unauthorized_client":    "this app client is not one for programs: allow it the client_credentials flow",
	"invalid_scope":          "the client does not have one of the scopes: check --scope, which reads RESOURCE-SERVER/SCOPE",
	"unsupported_grant_type": "the token endpoint does not know client_credentials: check --token-url",
	"invalid_grant":          "the app client may not do this: check that it allows client_credentials and has custom scopes",
	"invalid_request":        "the token endpoint does not take the request: check --scope and --resource",
	"server_error":           "Cognito has a fault of its own: try again later",
}
