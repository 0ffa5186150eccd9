package smoke

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/principal"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// The names of the callers in the tokens' JSON.
var callers = []string{"member", "admin", "machine"}

const expired = "expired"

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// maxTokens limits the tokens' JSON, in bytes. API Gateway accepts headers of up to 10 KiB.
const maxTokens = 64 << 10

// token is a token with the principal in its claims. It is not verified: the principal only determines the expected
// response.
type token struct {
	cognito.Token
	rights routes.Principal
}

// readTokens reads {"member": "…", …} from the source in the options. It refuses an expired token in place of a valid one, and
// the reverse, because every response would look wrong.
func readTokens(opts Command, c console, now time.Time) (map[string]token, error) {
	where, text, err := tokensText(opts, c)
	if err != nil || where == "" {
		return nil, err
	}
	var raw map[string]string
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf(`%s contains no tokens: want JSON such as {"member": "…", "expired": "…"}`, where) // err may quote a token
	}
	tokens := map[string]token{}
	known := append([]string{expired}, callers...)
	for name := range raw {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%s: %q is not the name of a token: want %s", where, name, strings.Join(known, ", "))
		}
	}
	for _, name := range known {
		if raw[name] == "" { // a pipeline passes a missing secret as an empty string
			continue
		}
		t, expires, err := readToken(raw[name], now)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %s is not a token: %w", where, name, err)
		case name == expired && now.Before(expires):
			return nil, fmt.Errorf("%s: %s has not expired yet: it is valid until %s", where, name, expires.UTC().Format(time.RFC3339))
		case name != expired && !now.Before(expires):
			return nil, fmt.Errorf("%s: %s expired at %s: get a new token", where, name, expires.UTC().Format(time.RFC3339))
		}
		tokens[name] = t
	}
	return tokens, nil
}

// tokensText returns the JSON and the name of its source. The name is empty if no source was given.
func tokensText(opts Command, c console) (string, []byte, error) {
	switch {
	case opts.TokensEnv != "":
		if !variableName.MatchString(opts.TokensEnv) { // most likely the tokens themselves, so not repeated
			return "", nil, errors.New("--tokens-env: want the name of an environment variable, not its value")
		}
		text := c.getenv(opts.TokensEnv)
		if text == "" {
			return "", nil, fmt.Errorf("--tokens-env: the environment variable %s is not set", opts.TokensEnv)
		}
		return opts.TokensEnv, []byte(text), nil
	case opts.TokensStdin:
		text, err := readAll(c.in)
		return "standard input", text, err
	case opts.TokensFile != "":
		f, err := os.Open(opts.TokensFile)
		if failed := (*os.PathError)(nil); errors.As(err, &failed) {
			err = failed.Err // without the name, which could be a token given by mistake
		}
		if err != nil {
			return "", nil, fmt.Errorf("--tokens-file cannot be read: %w", err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return "", nil, fmt.Errorf("--tokens-file cannot be read: %w", err)
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
			return "", nil, fmt.Errorf("--tokens-file %s can be used by others (mode %04o): chmod 600 it", opts.TokensFile, mode)
		}
		text, err := readAll(f)
		return opts.TokensFile, text, err
	}
	return "", nil, nil
}

func readAll(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTokens+1))
	if err != nil {
		return nil, fmt.Errorf("reading the tokens: %w", err)
	}
	if len(text) > maxTokens {
		return nil, fmt.Errorf("the tokens take more than %d KiB", maxTokens>>10)
	}
	return text, nil
}

// readToken decodes a token without verifying it. Its errors quote nothing of it.
func readToken(raw string, now time.Time) (token, time.Time, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return token{}, time.Time{}, errors.New("it does not have three parts")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return token{}, time.Time{}, errors.New("its claims are not base64url")
	}
	var claims struct {
		Expires *float64 `json:"exp"`
		Scope   string   `json:"scope"`
		Groups  []string `json:"cognito:groups"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Expires == nil {
		return token{}, time.Time{}, errors.New("its claims are not those of Cognito")
	}
	var all map[string]any
	if err := json.Unmarshal(payload, &all); err != nil {
		return token{}, time.Time{}, errors.New("its claims are not those of Cognito")
	}
	rights, err := principal.Describe(nil, nil, all, now)
	if err != nil {
		return token{}, time.Time{}, errors.New("its claims are not those of Cognito")
	}
	return token{Token: cognito.NewToken(raw), rights: rights}, time.Unix(int64(*claims.Expires), 0), nil
}
