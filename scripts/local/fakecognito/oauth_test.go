package fakecognito_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// tokenAnswer is a response of the token endpoint.
type tokenAnswer struct {
	Status       int    `json:"-"`
	AccessToken  string `json:"access_token"`
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
	Error        string `json:"error"`
}

// post sends a form, with Basic authentication if user is not empty.
func (w *world) post(t *testing.T, path, user, password string, form url.Values) tokenAnswer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		request.SetBasicAuth(user, password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := tokenAnswer{Status: response.StatusCode}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return answer
}

// token calls the token endpoint and fails the test unless it gets a token. pairs are names and values of parameters.
func (w *world) token(t *testing.T, user, password string, pairs ...string) tokenAnswer {
	t.Helper()
	answer := w.post(t, "/oauth2/token", user, password, formOf(pairs))
	if answer.AccessToken == "" {
		t.Fatalf("status %d, error %q; want a token", answer.Status, answer.Error)
	}
	return answer
}

func formOf(pairs []string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func TestClientCredentials(t *testing.T) {
	w := start(t, fakecognito.Options{})
	id, secret := w.MachineClientID(), w.MachineClientSecret()
	const grant, machines = "grant_type", "client_credentials"
	for _, test := range []struct {
		name     string
		user     string
		password string
		form     []string
		scope    string // of the token
		failure  string
	}{
		{"the secret in the header", id, secret, []string{grant, machines}, "api/users.read api/users.write", ""},
		{"the secret in the body", "", "", []string{grant, machines, "client_id", id, "client_secret", secret}, "api/users.read api/users.write", ""},
		{"one scope", id, secret, []string{grant, machines, "scope", "api/users.write"}, "api/users.write", ""},
		{"two scopes", id, secret, []string{grant, machines, "scope", "api/users.write api/users.read"}, "api/users.read api/users.write", ""},
		{"a scope that the client may not have", id, secret, []string{grant, machines, "scope", "api/users.read openid"}, "", "invalid_scope"},
		{"a wrong secret", id, "wrong", []string{grant, machines}, "", "invalid_client"},
		{"no secret", "", "", []string{grant, machines, "client_id", id}, "", "invalid_client"},
		{"no client", "", "", []string{grant, machines}, "", "invalid_request"},
		{"a client that does not exist", "nobody", secret, []string{grant, machines}, "", "invalid_client"},
		{"the secret in both places", id, secret, []string{grant, machines, "client_id", id, "client_secret", secret}, "", "invalid_request"},
		{"two different clients", id, secret, []string{grant, machines, "client_id", w.WebClientID()}, "", "invalid_request"},
		{"a parameter twice", id, secret, []string{grant, machines, "scope", "api/users.read", "scope", "api/users.write"}, "", "invalid_request"},
		{"a client for people with a secret", w.SecretClientID(), w.SecretClientSecret(), []string{grant, machines}, "", "unauthorized_client"},
		{"a client without a secret", "", "", []string{grant, machines, "client_id", w.WebClientID()}, "", "unauthorized_client"},
		{"no grant type", id, secret, nil, "", "invalid_request"},
		{"the password grant", id, secret, []string{grant, "password", "username", "alice"}, "", "unsupported_grant_type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := w.post(t, "/oauth2/token", test.user, test.password, formOf(test.form))
			if answer.Error != test.failure {
				t.Fatalf("error %q, want %q", answer.Error, test.failure)
			}
			if test.failure != "" {
				if answer.Status != http.StatusBadRequest || answer.AccessToken != "" {
					t.Errorf("status %d, token %t", answer.Status, answer.AccessToken != "")
				}
				return
			}
			if answer.ExpiresIn != 3600 || answer.TokenType != "Bearer" || answer.IDToken != "" || answer.RefreshToken != "" {
				t.Errorf("expires_in %d, token_type %s, id_token %t, refresh_token %t",
					answer.ExpiresIn, answer.TokenType, answer.IDToken != "", answer.RefreshToken != "")
			}
			if _, claims := parts(t, answer.AccessToken); claims["scope"] != test.scope {
				t.Errorf("scope %v, want %s", claims["scope"], test.scope)
			}
		})
	}
	t.Run("a body of another content type", func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.TokenURL(), strings.NewReader(`{"grant_type":"client_credentials"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.SetBasicAuth(id, secret)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("status %d", response.StatusCode)
		}
	})
}
