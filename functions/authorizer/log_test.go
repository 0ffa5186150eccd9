package main

import (
	"bytes"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func TestTheLibrarysLogOfReturnedErrorsIsSuppressedAndTheRestIsKept(t *testing.T) {
	flags := log.Flags()
	defer func() { log.SetOutput(os.Stderr); log.SetFlags(flags) }()
	var printed bytes.Buffer
	suppressInvokeErrors(&printed)
	log.Printf("%s", `{"errorMessage":"Unauthorized","errorType":"errorString"}`)
	if printed.Len() > 0 {
		t.Error("an error that the decision line covers was printed")
	}
	log.Print("expected AWS Lambda environment variables")
	if printed.String() != "expected AWS Lambda environment variables\n" {
		t.Errorf("got %q", printed.String())
	}
}

func TestTheDecisionLineNamesTheGroupsAndScopesOfTheContractAlone(t *testing.T) {
	b := newHarness(t, tableOfRoutes, nil)
	token := b.pool.AccessToken(t, cognitotest.Groups("staff-of-alice", "admins"), cognitotest.Scopes("openid", "api/users.read", "secret"))
	if _, err := b.ask(t, fixture(t, "rest-request.json", token.Reveal())); err != nil {
		t.Fatal(err)
	}
	line := b.lastLine(t)
	for field, want := range map[string]any{"groups": "admins", "scopes": "api/users.read", "unverified_client_id": nil, "unverified_sub": nil} {
		if line[field] != want {
			t.Errorf("%s is %v, want %v", field, line[field], want)
		}
	}
}

// The access log has the decisionId of the result's context, which must find the decision line.
func TestTheResultAndTheDecisionLineShareARequestID(t *testing.T) {
	const lambdaID = "8c7b6a5f-1111-4222-8333-444455556666"
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: lambdaID})
	for name, tt := range map[string]struct {
		event, from, to    string // from is replaced by to
		decisionID, logged string
	}{
		"REST REQUEST":                 {"rest-request.json", "", "", "9c8b1c5e-7d0a-4f5e-8b3e-2f0e6c1d4a77", "9c8b1c5e-7d0a-4f5e-8b3e-2f0e6c1d4a77"},
		"HTTP API 1.0":                 {"http-v1.json", "", "", "JKJaXmPLvHcESHA=", "JKJaXmPLvHcESHA="},
		"HTTP API 2.0":                 {"http-v2.json", "", "", "JKJaXmPLvHcESHA=", "JKJaXmPLvHcESHA="},
		"REST TOKEN":                   {"rest-token.json", "", "", lambdaID, ""},
		"a request ID of another form": {"rest-request.json", "9c8b1c5e-7d0a-4f5e-8b3e-2f0e6c1d4a77", "alice@example.com", lambdaID, ""},
		"a request ID without end":     {"rest-request.json", "9c8b1c5e-7d0a-4f5e-8b3e-2f0e6c1d4a77", strings.Repeat("a", 65), lambdaID, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, nil)
			event := fixture(t, tt.event, b.pool.AccessToken(t).Reveal())
			if tt.from != "" {
				event = bytes.ReplaceAll(event, []byte(tt.from), []byte(tt.to))
			}
			result, err := b.Invoke(ctx, event)
			if err != nil || !bytes.Contains(result, []byte(`"decisionId":"`+tt.decisionID+`"`)) {
				t.Errorf("%v, and decisionId %s is not in the result", err, tt.decisionID)
			}
			if got, _ := b.lastLine(t)["api_request_id"].(string); got != tt.logged {
				t.Errorf("api_request_id is %q, want %q", got, tt.logged)
			}
		})
	}
}

func TestARefusedTokensClaimsAreLoggedAsUnverified(t *testing.T) {
	const somebody = "11111111-2222-4333-8444-555555555555"
	for name, tt := range map[string]struct {
		token  func(*harness) cognito.Token
		fields map[string]any
	}{
		"a forged token": {func(b *harness) cognito.Token {
			return b.pool.AccessToken(t, cognitotest.SignedBy(cognitotest.NewKey(t)), cognitotest.Claim("sub", somebody), cognitotest.Groups("admins"))
		}, map[string]any{"reason": "signature", "unverified_client_id": cognitotest.WebClient, "unverified_sub": somebody}},
		"an expired one": {func(b *harness) cognito.Token { return b.pool.AccessToken(t, cognitotest.ExpiresIn(-1e9)) },
			map[string]any{"reason": "expired", "unverified_client_id": cognitotest.WebClient, "unverified_sub": cognitotest.Subject}},
		"personal data in place of IDs": {func(b *harness) cognito.Token {
			return b.pool.AccessToken(t, cognitotest.SignedBy(cognitotest.NewKey(t)), cognitotest.Claim("sub", cognitotest.Email), cognitotest.Claim("client_id", cognitotest.Email))
		}, map[string]any{"reason": "client", "unverified_client_id": nil, "unverified_sub": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t, tableOfRoutes, nil)
			if _, err := b.ask(t, fixture(t, "rest-token.json", tt.token(b).Reveal())); err == nil {
				t.Fatal("it was accepted")
			}
			line := b.lastLine(t)
			for field, want := range tt.fields {
				if line[field] != want {
					t.Errorf("%s is %v, want %v", field, line[field], want)
				}
			}
			for _, verified := range []string{"client_id", "sub", "groups", "scopes"} {
				if line[verified] != nil {
					t.Errorf("%s is %v, as if it were verified", verified, line[verified])
				}
			}
			if strings.Contains(b.log.String(), cognitotest.Email) {
				t.Error("an e-mail address was logged")
			}
		})
	}
}
