package explain

import (
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/principal"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// errToken reports that standard input is not a token. It never repeats the input.
var errToken = errors.New("standard input holds no token")

// maxToken is more than API Gateway lets through in all headers together, in bytes.
const maxToken = 16 << 10

// readToken returns the claims of a compact JWT that a decision depends on. It verifies nothing.
func readToken(stdin io.Reader) (*caller, error) {
	data, err := io.ReadAll(io.LimitReader(stdin, maxToken+1))
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(data) > maxToken {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", errToken, maxToken)
	}
	text := strings.TrimSpace(string(data))
	if scheme, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: want the three parts of a JWT", errToken)
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("%w: the second part is not base64url", errToken)
	}
	var claims map[string]any
	var typed struct {
		Scope    string   `json:"scope"`
		Groups   []string `json:"cognito:groups"`
		AuthTime int64    `json:"auth_time"`
		End      int64    `json:"exp"`
	}
	if err := errors.Join(json.Unmarshal(payload, &claims), json.Unmarshal(payload, &typed)); err != nil {
		return nil, fmt.Errorf("%w: its claims are not what Cognito writes", errToken) // the cause could quote them
	}
	p, err := principal.Describe(nil, nil, claims, time.Now())
	if err != nil {
		return nil, fmt.Errorf("%w: its claims are not what Cognito writes", errToken)
	}
	c := &caller{Principal: p}
	if typed.End > 0 {
		c.policy = stagepolicy.Options{Expire: true, ExpiresAt: time.Unix(typed.End, 0)}
	}
	return c, nil
}
