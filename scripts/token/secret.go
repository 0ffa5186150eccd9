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

// secretOptions are the options for the secret of the app client.
type secretOptions struct {
	ClientSecretFile string `group:"secret" placeholder:"FILE" xor:"secret" help:"File that contains only the secret."`
	AskClientSecret  bool   `group:"secret" xor:"secret" help:"Ask for the secret, without showing it."`
}

// clientSecret is the secret of an app client. It prints as a placeholder.
type clientSecret struct{ reveal func() string }

func newClientSecret(s string) clientSecret { return clientSecret{func() string { return s }} }

// Format implements [fmt.Formatter], so that no verb prints the secret.
func (s clientSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

func (s clientSecret) value() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// newAPI returns a client for calls that need no AWS credentials, with the secret if there is one.
func (o secretOptions) newAPI(ctx context.Context, c cli.Console, p target) (*api, error) {
	prompt := newPrompter(c)
	defer prompt.Close()
	secret, err := o.read(ctx, prompt)
	if err != nil {
		return nil, err
	}
	return newAPI(ctx, p, secret, false)
}

// read returns the secret. It is empty for a client without one.
func (o secretOptions) read(ctx context.Context, prompt *prompter) (clientSecret, error) {
	var text string
	switch {
	case o.AskClientSecret:
		asked, err := prompt.readTerminal(ctx, "Client secret", true)
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

// maxSecret is in bytes. Cognito generates client secrets of 51 characters and accepts up to 64.
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
		return "", fmt.Errorf("client secret: %s contains more than a secret", name)
	}
	return text, nil
}

// addHash adds SECRET_HASH to parameters with a user name, for a client that has a secret:
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
func (s clientSecret) addHash(parameters map[string]string, user, clientID string) {
	if s.value() == "" {
		return
	}
	mac := hmac.New(sha256.New, []byte(s.value()))
	mac.Write([]byte(user + clientID))
	parameters["SECRET_HASH"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
