package token

import (
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

func TestAWayToSignInIsChosen(t *testing.T) {
	for choice, askedNext := range map[string]string{"PASSWORD_SRP": "Password: ", "PASSWORD": "Password: ", "EMAIL_OTP": "Code sent to a***@e***: "} {
		t.Run(choice, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			server, seen := recorder(t, w.URL())
			w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = server
			x := w.onTerminal("login", alice, "--flow", "user-auth")
			w.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = w.URL()
			x.expect("  1  PASSWORD")
			x.expect("Sign in by: ")
			x.enter(choice)
			x.expect(askedNext)
			if choice == "EMAIL_OTP" {
				x.enter(w.code())
			} else {
				x.enter(password)
			}
			out, rest, code := x.end()
			if code != 0 {
				t.Fatalf("exit %d: %s", code, rest)
			}
			sent := slices.ContainsFunc(seen(), func(call recorded) bool { return strings.Contains(call.body, password) })
			if sent != (choice == "PASSWORD") {
				t.Errorf("the password itself was sent: %t", sent)
			}
			w.isTokenOf(out, alice, "access")
		})
	}
}
