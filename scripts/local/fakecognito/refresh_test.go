package fakecognito_test

import (
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	verify "github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// refresh calls GetTokensFromRefreshToken for the web client.
func (w *world) refresh(token *string) (*types.AuthenticationResultType, error) {
	out, err := w.public.GetTokensFromRefreshToken(w.t.Context(), &idp.GetTokensFromRefreshTokenInput{
		ClientId: aws.String(w.WebClientID()), RefreshToken: token,
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func TestRefreshKeepsTheSession(t *testing.T) {
	w := start(t, fakecognito.Options{})
	first := w.signIn("alice", alicesPassword)
	w.pass(10 * time.Minute)
	for name, refresh := range map[string]func() (*types.AuthenticationResultType, error){
		"REFRESH_TOKEN_AUTH": func() (*types.AuthenticationResultType, error) {
			out, err := w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", aws.ToString(first.RefreshToken))
			return result(out), err
		},
		"REFRESH_TOKEN": func() (*types.AuthenticationResultType, error) {
			out, err := w.initiate("REFRESH_TOKEN", "REFRESH_TOKEN", aws.ToString(first.RefreshToken))
			return result(out), err
		},
		"GetTokensFromRefreshToken": func() (*types.AuthenticationResultType, error) { return w.refresh(first.RefreshToken) },
	} {
		t.Run(name, func(t *testing.T) {
			second := w.tokens(refresh())
			if second.RefreshToken != nil {
				t.Error("a new refresh token without rotation")
			}
			_, before := parts(t, aws.ToString(first.AccessToken))
			_, after := parts(t, aws.ToString(second.AccessToken))
			for _, same := range []string{"origin_jti", "auth_time", "sub", "event_id", "scope"} {
				if before[same] != after[same] {
					t.Errorf("%s was %v, is %v", same, before[same], after[same])
				}
			}
			if before["jti"] == after["jti"] || after["iat"] != before["iat"].(float64)+600 || after["exp"] != before["exp"].(float64)+600 {
				t.Error("jti, iat or exp is that of the first token")
			}
		})
	}
}

func TestInvalidRefreshTokens(t *testing.T) {
	w := start(t, fakecognito.Options{RefreshTokenValidity: time.Hour})
	good := w.signIn("alice", alicesPassword)
	secret := aws.String(w.SecretClientSecret())
	for _, test := range []struct {
		name   string
		client string
		secret *string
		token  string
		kind   string
	}{
		{"an unknown token", w.WebClientID(), nil, "unknown", "NotAuthorizedException"},
		{"an access token", w.WebClientID(), nil, aws.ToString(good.AccessToken), "NotAuthorizedException"},
		{"another client", w.SecretClientID(), secret, aws.ToString(good.RefreshToken), "NotAuthorizedException"},
		{"a wrong client secret", w.SecretClientID(), aws.String("wrong"), aws.ToString(good.RefreshToken), "NotAuthorizedException"},
		{"a secret for a client that has none", w.WebClientID(), secret, aws.ToString(good.RefreshToken), "NotAuthorizedException"},
		{"a client that does not exist", "nobody", nil, aws.ToString(good.RefreshToken), "ResourceNotFoundException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.public.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{
				ClientId: aws.String(test.client), ClientSecret: test.secret, RefreshToken: aws.String(test.token),
			})
			wantError(t, err, test.kind, "")
		})
	}
	t.Run("an expired token", func(t *testing.T) {
		w.pass(time.Hour - time.Second)
		w.tokens(w.refresh(good.RefreshToken))
		w.pass(time.Second)
		_, err := w.refresh(good.RefreshToken)
		wantError(t, err, "NotAuthorizedException", "Refresh Token has expired")
	})
}

func TestSecretHashOfARefreshIsOverTheUserName(t *testing.T) {
	w := start(t, fakecognito.Options{})
	sub := w.add(fakecognito.User{Username: "bob", Password: alicesPassword, Email: "bob@example.com"})
	call := func(flow types.AuthFlowType, parameters map[string]string) (*types.AuthenticationResultType, error) {
		out, err := w.public.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: aws.String(w.SecretClientID()), AuthFlow: flow, AuthParameters: parameters,
		})
		return result(out), err
	}
	hash := func(name string) string { return secretHash(name, w.SecretClientID(), w.SecretClientSecret()) }
	r := w.tokens(call("USER_PASSWORD_AUTH", map[string]string{
		"USERNAME": "bob@example.com", "PASSWORD": alicesPassword, "SECRET_HASH": hash("bob@example.com"),
	}))
	for name, kind := range map[string]string{"bob": "", sub: "", "bob@example.com": "NotAuthorizedException"} {
		_, err := call("REFRESH_TOKEN_AUTH", map[string]string{"REFRESH_TOKEN": aws.ToString(r.RefreshToken), "SECRET_HASH": hash(name)})
		wantError(t, err, kind, "")
	}
}

func TestRefreshTokenRotation(t *testing.T) {
	w := start(t, fakecognito.Options{RotateRefreshTokens: true, RefreshTokenGrace: 10 * time.Second, RefreshTokenValidity: time.Hour})
	first := w.signIn("alice", alicesPassword)
	_, err := w.initiate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", aws.ToString(first.RefreshToken))
	wantError(t, err, "InvalidParameterException", "REFRESH_TOKEN_AUTH flow not enabled for this client")

	second := w.tokens(w.refresh(first.RefreshToken))
	if second.RefreshToken == nil || *second.RefreshToken == *first.RefreshToken {
		t.Fatal("no new refresh token")
	}
	w.pass(9 * time.Second)
	w.tokens(w.refresh(first.RefreshToken)) // within the grace period
	w.pass(time.Second)
	_, err = w.refresh(first.RefreshToken)
	wantError(t, err, "RefreshTokenReuseException", "")
	third := w.tokens(w.refresh(second.RefreshToken))

	w.pass(time.Hour - 10*time.Second) // an hour since the sign-in
	_, err = w.refresh(third.RefreshToken)
	wantError(t, err, "NotAuthorizedException", "Refresh Token has expired")
}

func TestRevokedSessions(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(w *world, r types.AuthenticationResultType) error
	}{
		{"RevokeToken", func(w *world, r types.AuthenticationResultType) error {
			_, err := w.public.RevokeToken(w.t.Context(), &idp.RevokeTokenInput{ClientId: aws.String(w.WebClientID()), Token: r.RefreshToken})
			return err
		}},
		{"AdminUserGlobalSignOut", func(w *world, _ types.AuthenticationResultType) error {
			_, err := w.api.AdminUserGlobalSignOut(w.t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: aws.String(w.PoolID()), Username: aws.String("alice")})
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := start(t, fakecognito.Options{})
			w.add(fakecognito.User{Username: "bob", Password: alicesPassword})
			bob, r := w.signIn("bob", alicesPassword), w.signIn("alice", alicesPassword)
			if err := test.end(w, r); err != nil {
				t.Fatal(err)
			}
			_, err := w.refresh(r.RefreshToken)
			wantError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
			_, err = w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: r.AccessToken})
			wantError(t, err, "NotAuthorizedException", "Access Token has been revoked")
			if _, err := w.verifier(t, verify.AccessToken).Verify(t.Context(), verify.NewToken(aws.ToString(r.AccessToken))); err != nil {
				t.Errorf("offline verification must still accept the token, as with Cognito: %v", err)
			}
			if _, err := w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: bob.AccessToken}); err != nil {
				t.Errorf("another user's session was revoked, too: %v", err)
			}
		})
	}
}

func TestRevokeTokenRefuses(t *testing.T) {
	w := start(t, fakecognito.Options{})
	r := w.signIn("alice", alicesPassword)
	for _, test := range []struct {
		name   string
		client string
		secret *string
		token  *string
		kind   string
	}{
		{"an access token", w.WebClientID(), nil, r.AccessToken, "UnsupportedTokenTypeException"},
		{"a token of another client", w.SecretClientID(), aws.String(w.SecretClientSecret()), r.RefreshToken, "UnauthorizedException"},
		{"a wrong secret", w.SecretClientID(), aws.String("wrong"), r.RefreshToken, "NotAuthorizedException"},
		{"nothing, for a token that is not known", w.WebClientID(), nil, aws.String("unknown"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.public.RevokeToken(t.Context(), &idp.RevokeTokenInput{ClientId: aws.String(test.client), ClientSecret: test.secret, Token: test.token})
			wantError(t, err, test.kind, "")
		})
	}
	w.tokens(w.refresh(r.RefreshToken))
}

func TestGetUserRefuses(t *testing.T) {
	w := start(t, fakecognito.Options{})
	r := w.signIn("alice", alicesPassword)
	machine := w.token(t, w.MachineClientID(), w.MachineClientSecret(), "grant_type", "client_credentials")
	for _, test := range []struct {
		name    string
		token   string
		message string
	}{
		{"an ID token", aws.ToString(r.IdToken), "Invalid Access Token"},
		{"a machine's token", machine.AccessToken, "Invalid Access Token"},
		{"junk", "junk", "Invalid Access Token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: aws.String(test.token)})
			wantError(t, err, "NotAuthorizedException", test.message)
		})
	}
	t.Run("an expired token", func(t *testing.T) {
		w.pass(time.Hour)
		_, err := w.public.GetUser(t.Context(), &idp.GetUserInput{AccessToken: r.AccessToken})
		wantError(t, err, "NotAuthorizedException", "Access Token has expired")
	})
}
