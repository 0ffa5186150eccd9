package token

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

const secretVariable = "COGNITO_CLIENT_SECRET"

var secretGroup = kong.Group{Key: "secret", Title: "Secret of the app client, if it has one (or COGNITO_CLIENT_SECRET):"}

// secretOptions say where the secret of the app client is.
type secretOptions struct {
	ClientSecretFile string `group:"secret" placeholder:"FILE" xor:"secret" help:"File that holds nothing but the secret."`
	AskClientSecret  bool   `group:"secret" xor:"secret" help:"Ask for the secret, without showing it."`
}

// clientSecret hides the secret of an app client from whatever prints it.
type clientSecret struct{ reveal func() string }

func newClientSecret(s string) clientSecret { return clientSecret{func() string { return s }} }

// Format prints nothing of the secret, whatever the verb.
func (s clientSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

func (s clientSecret) value() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// pool makes the client for calls that need no AWS credentials, with the secret if there is one.
func (o secretOptions) pool(ctx context.Context, c cli.Console, p place) (*api, error) {
	ask := newAsker(c)
	defer ask.Close()
	secret, err := o.read(ctx, ask)
	if err != nil {
		return nil, err
	}
	return newAPI(ctx, p, secret, false)
}

// read finds the secret. It is empty for a client that has none.
func (o secretOptions) read(ctx context.Context, a *asker) (clientSecret, error) {
	var text string
	switch {
	case o.AskClientSecret:
		asked, err := a.typed(ctx, "Client secret", true)
		if err != nil {
			return clientSecret{}, err
		}
		text = asked
	case o.ClientSecretFile != "":
		read, err := readSecretFile(o.ClientSecretFile)
		if err != nil {
			return clientSecret{}, err
		}
		text = read
	default:
		return newClientSecret(os.Getenv(secretVariable)), nil
	}
	if text == "" {
		return clientSecret{}, errors.New("the client secret is empty")
	}
	return newClientSecret(text), nil
}

// maxSecret is in bytes; Cognito makes client secrets of 51 characters and takes 64.
const maxSecret = 1024

func readSecretFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("client secret: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("client secret: %w", err)
	}
	text := strings.TrimSpace(string(raw))
	if len(raw) > maxSecret || strings.ContainsAny(text, " \t\n") {
		return "", fmt.Errorf("client secret: %s holds more than a secret", name)
	}
	return text, nil
}

// addHash puts SECRET_HASH beside the user name, for a client that has a secret:
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
func (s clientSecret) addHash(parameters map[string]string, user, clientID string) {
	if s.value() == "" {
		return
	}
	mac := hmac.New(sha256.New, []byte(s.value()))
	mac.Write([]byte(user + clientID))
	parameters["SECRET_HASH"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
