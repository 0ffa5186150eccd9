package token

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

type verifyCommand struct {
	TokenUse string   `enum:"access,id,any" default:"any" help:"Which kind of token is accepted, one of ${enum} (${default})."`
	Resource []string `placeholder:"URL" help:"Resource identifier that the aud of a token bound to an API (RFC 8707) must name: what AUDIENCES has. Several are possible."`
	Issuer   string   `group:"target" placeholder:"URL" help:"Exact iss of the tokens. Without it, the pool's own in its region."`

	targetOptions
}

// Help implements kong's HelpProvider.
func (*verifyCommand) Help() string {
	return `The token comes from standard input. The code of the authorizer verifies form, issuer, client, kind, times and
signature. It does not check revocation, nor what the token allows.
Tokens for --client-id are accepted, or else for the clients that the configuration names. With --resource, the token must
be bound to one of these (aud); without it, a token that is bound to an API is refused, as by an authorizer without AUDIENCES.

  cognito-authorizer token login alice | cognito-authorizer token verify
  cognito-authorizer token verify --resource https://api.example.com < token
  cognito-authorizer token client | cognito-authorizer token verify --token-use access | jq .scope`
}

// verifiedMessage is printed for a valid token.
const verifiedMessage = "Signature successfully verified"

// Run implements the command.
func (v *verifyCommand) Run(ctx context.Context, c cli.Console) error {
	p, err := v.resolve(ctx, c, func(p target) bool { return p.ClientID != "" && (p.PoolID != "" || v.Issuer != "") })
	if err != nil {
		return err
	}
	if v.Issuer != "" {
		p.Issuer = v.Issuer
	}
	if v.ClientID != "" {
		p.MachineClientID = ""
	}
	if p.Issuer == "" {
		err = missing("issuer", "--issuer or --user-pool-id", "COGNITO_USER_POOL_ID")
	}
	if p.ClientID == "" && p.MachineClientID == "" {
		err = errors.Join(err, missing("app client", "--client-id", "COGNITO_CLIENT_ID"))
	}
	if err = errors.Join(err, p.validate()); err != nil {
		return err
	}
	uses := []cognito.TokenUse{cognito.TokenUse(v.TokenUse)}
	if v.TokenUse == "any" {
		uses = []cognito.TokenUse{cognito.AccessToken, cognito.IDToken}
	}
	token, err := readToken(ctx, c, "token")
	if err != nil {
		return err
	}
	claims, err := verify(ctx, p, v.Resource, token, uses...)
	if err == nil {
		err = boundTo(claims, v.Resource)
	}
	if err != nil {
		return err
	}
	c.Note(verifiedMessage)
	return writeJSON(c.Out, claims.Raw())
}

// verify uses the verifier of the authorizer. Unlike it, it has no AUDIENCES, and LEEWAY is its minimum for nbf and iat.
func verify(ctx context.Context, p target, resources []string, token cognito.Token, uses ...cognito.TokenUse) (cognito.Claims, error) {
	keys, err := jwks.New(jwks.Config{URL: p.Issuer + "/.well-known/jwks.json"})
	if err != nil {
		return cognito.Claims{}, err
	}
	clients := slices.DeleteFunc([]string{p.ClientID, p.MachineClientID}, func(id string) bool { return id == "" })
	verifier, err := cognito.NewVerifier(cognito.Config{
		Issuers:   map[string]cognito.Issuer{p.Issuer: {Keys: keys, ClientIDs: clients, Audiences: resources}},
		TokenUses: uses,
		ClockSkew: 30 * time.Second,
		Claims:    []string{"aud"},
	})
	if err != nil {
		return cognito.Claims{}, err
	}
	claims, err := verifier.Verify(ctx, token)
	switch {
	case err == nil:
		return claims, nil
	case errors.Is(err, context.Canceled):
		return cognito.Claims{}, err
	case errors.Is(err, jwks.ErrUnavailable):
		return cognito.Claims{}, fmt.Errorf("the token cannot be verified, because the keys of %s are unavailable (%s): %w", p.Issuer, cognito.Reason(err), err)
	}
	return cognito.Claims{}, fmt.Errorf("the token is not valid (%s): %w", cognito.Reason(err), err)
}

// boundTo returns an error unless the token is bound to one of the resources. The authorizer accepts a token without aud, or one
// that names its own client there; --resource asks about the binding.
func boundTo(claims cognito.Claims, resources []string) error {
	bound := slices.ContainsFunc(claims.Values("aud"), func(aud string) bool { return slices.Contains(resources, aud) })
	if len(resources) == 0 || bound {
		return nil
	}
	return fmt.Errorf("the token is not bound to %s: its aud does not name it. Sign in with the parameter resource (RFC 8707)", strings.Join(resources, ", "))
}

// printIdentity verifies both tokens and prints user and claims to standard error. They are personal data, so only on
// request.
func printIdentity(ctx context.Context, c cli.Console, p target, t tokens) error {
	id, err := verify(ctx, p, nil, t.id, cognito.IDToken)
	if err != nil {
		return fmt.Errorf("ID token: %w", err)
	}
	access, err := verify(ctx, p, nil, t.access, cognito.AccessToken)
	if err != nil {
		return fmt.Errorf("access token: %w", err)
	}
	var personal struct {
		EmailVerified any `json:"email_verified"` // may be a string for a federated user
	}
	if err := json.Unmarshal(id.Raw(), &personal); err != nil {
		return fmt.Errorf("ID token: %w", err)
	}
	c.Note("user: %s", id.Username)
	c.Note("email_verified: %v", cmp.Or(personal.EmailVerified, any(false)))
	c.Note(verifiedMessage)
	return writeJSON(c.Err, access.Raw())
}
