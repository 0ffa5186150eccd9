package main

import (
	"bytes"
	"net/http"
	"os"
	"testing"
)

// newHandler is called as Lambda does: with settings from the environment, and the pool's address from the SDK's own variable.
func TestNewHandlerReadsItsSettingsFromTheEnvironment(t *testing.T) {
	server := newCognitoServer(t, "alice")
	for name, value := range map[string]string{
		"USER_POOL_ID": testPoolID, "ALLOWED_ORIGINS": appOrigin, "LOG_LEVEL": "error", "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_SESSION_TOKEN": "",
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": server.URL,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	handler, err := newHandler(t.Context(), os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	res := testAPI{handler, &bytes.Buffer{}}.do(t, call{route: "/users", origin: appOrigin}.event(t))
	if res.StatusCode != http.StatusOK || res.Headers["Access-Control-Allow-Origin"] != appOrigin {
		t.Errorf("got %d %s %v", res.StatusCode, res.Body, res.Headers)
	}
}
