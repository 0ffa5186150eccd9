package fakecognito

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzAPI checks that every request gets a well-formed response, never an internal error, and never a token: the input cannot contain
// the password of the only user.
func FuzzAPI(f *testing.F) {
	s, err := Start(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	if _, err := s.AddUser(User{Username: "alice", Password: "Tp1-" + randomString(20), Email: "alice@example.com", Groups: []string{"admins"}}); err != nil {
		f.Fatal(err)
	}
	// The IDs differ in each run, so inputs contain placeholders.
	ids := strings.NewReplacer("POOL", s.PoolID(), "WEB", s.WebClientID(), "SECRET", s.SecretClientID(), "MACHINE", s.MachineClientID())
	for _, seed := range [][2]string{
		{"InitiateAuth", `{"ClientId":"WEB","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"alice","PASSWORD":"x"}}`},
		{"InitiateAuth", `{"ClientId":"WEB","AuthFlow":"USER_SRP_AUTH","AuthParameters":{"USERNAME":"alice","SRP_A":"abc"}}`},
		{"InitiateAuth", `{"ClientId":"WEB","AuthFlow":"USER_AUTH","AuthParameters":{"USERNAME":"alice","PREFERRED_CHALLENGE":"EMAIL_OTP"}}`},
		{"InitiateAuth", `{"ClientId":"WEB","AuthFlow":"REFRESH_TOKEN_AUTH","AuthParameters":{"REFRESH_TOKEN":"x"}}`},
		{"RespondToAuthChallenge", `{"ClientId":"WEB","ChallengeName":"NEW_PASSWORD_REQUIRED","Session":"x","ChallengeResponses":{"USERNAME":"alice","NEW_PASSWORD":"x"}}`},
		{"RespondToAuthChallenge", `{"ClientId":"WEB","ChallengeName":"PASSWORD_VERIFIER","ChallengeResponses":{"USERNAME":"alice","PASSWORD_CLAIM_SECRET_BLOCK":"AAAA","PASSWORD_CLAIM_SIGNATURE":"AAAA","TIMESTAMP":"Sun Nov 22 12:00:00 UTC 2026"}}`},
		{"AdminInitiateAuth", `{"UserPoolId":"POOL","ClientId":"SECRET","AuthFlow":"ADMIN_USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"alice","PASSWORD":"x","SECRET_HASH":"AAAA"}}`},
		{"ListUsers", `{"UserPoolId":"POOL","Limit":-1,"PaginationToken":"YWZ0ZXIg"}`},
		{"AdminSetUserMFAPreference", `{"UserPoolId":"POOL","Username":"alice","SMSMfaSettings":{"Enabled":true}}`},
		{"VerifySoftwareToken", `{"Session":"x","UserCode":"000000"}`},
		{"GetUser", `{"AccessToken":"eyJhbGciOiJub25lIn0.e30."}`},
		{"", "\x00{"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(ids.Replace(body)))
		request.Header.Set("X-Amz-Target", targetPrefix+operation)
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/cognito-idp/aws4_request, "+
			"SignedHeaders=host, Signature="+strings.Repeat("0", 64))
		request.Host = strings.TrimPrefix(s.URL(), "http://")
		recorder := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusOK && recorder.Code != http.StatusBadRequest {
			t.Fatalf("status %d", recorder.Code)
		}
		var answer map[string]any
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			t.Fatalf("the response is not a JSON object: %v", err)
		}
		kind, _ := answer["__type"].(string)
		if refused := recorder.Code != http.StatusOK; refused != (kind != "") || (refused && recorder.Header().Get("x-amzn-ErrorType") != kind+":") {
			t.Fatalf("status %d, type %q, header %q", recorder.Code, kind, recorder.Header().Get("x-amzn-ErrorType"))
		}
		if answer["AuthenticationResult"] != nil {
			t.Fatal("tokens without a password")
		}
	})
}

// FuzzOAuth checks that no form yields a token or a code without a secret.
func FuzzOAuth(f *testing.F) {
	s, err := Start(Options{CallbackURLs: []string{"http://127.0.0.1:3000/callback"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	ids := strings.NewReplacer("WEB", s.WebClientID(), "SECRET", s.SecretClientID(), "MACHINE", s.MachineClientID())
	for _, seed := range [][3]string{
		{"/oauth2/token", "", "grant_type=client_credentials&client_id=MACHINE&client_secret=x"},
		{"/oauth2/token", "Basic TUFDSElORTp4", "grant_type=client_credentials"},
		{"/oauth2/token", "", "grant_type=authorization_code&client_id=WEB&code=x&redirect_uri=http://127.0.0.1:3000/callback&code_verifier=x"},
		{"/oauth2/token", "", "grant_type=refresh_token&client_id=WEB&refresh_token=x"},
		{"/oauth2/revoke", "", "client_id=WEB&token=x"},
		{"/login?client_id=WEB&redirect_uri=http://127.0.0.1:3000/callback&response_type=code", "", "_csrf=x&username=a&password=b"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, path, authorization, form string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+ids.Replace(path), strings.NewReader(ids.Replace(form)))
		if err != nil || request.URL.Host != strings.TrimPrefix(s.URL(), "http://") {
			t.Skip() // not a request to this server
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", authorization)
		request.Host = strings.TrimPrefix(s.URL(), "http://")
		recorder := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(recorder, request)
		if recorder.Code >= 500 {
			t.Fatalf("status %d", recorder.Code)
		}
		if strings.Contains(recorder.Body.String(), "access_token") || strings.Contains(recorder.Header().Get("Location"), "code=") {
			t.Fatal("a token or a code without a secret")
		}
	})
}
