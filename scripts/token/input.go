package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/term"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// maxToken bounds a token on standard input, in bytes. Refresh tokens are the longest, about 2 KB.
const maxToken = 64 << 10

// readToken reads a token from standard input, or asks for it if that is a terminal. A leading "Bearer" is dropped, so that
// the value of a header can be piped in.
func readToken(ctx context.Context, c cli.Console, what string) (cognito.Token, error) {
	raw, err := tokenText(ctx, c, what)
	if err != nil {
		return cognito.Token{}, err
	}
	fields := strings.Fields(raw)
	if len(fields) == 2 && strings.EqualFold(fields[0], "Bearer") {
		fields = fields[1:]
	}
	switch {
	case len(fields) == 0:
		return cognito.Token{}, fmt.Errorf("there is no %s on standard input", what)
	case len(fields) > 1:
		return cognito.Token{}, fmt.Errorf("standard input is not one %s: it contains white space", what)
	}
	return cognito.NewToken(fields[0]), nil
}

func tokenText(ctx context.Context, c cli.Console, what string) (string, error) {
	if term.IsTerminal(int(c.In.Fd())) {
		prompt := newPrompter(c)
		defer prompt.Close()
		return prompt.secret(ctx, strings.ToUpper(what[:1])+what[1:])
	}
	raw, err := io.ReadAll(io.LimitReader(c.In, maxToken+1))
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	if len(raw) > maxToken {
		return "", fmt.Errorf("standard input is longer than %d bytes: not one %s", maxToken, what)
	}
	return string(raw), nil
}

// tokenForm is b64token of RFC 6750 section 2.1.
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// checkPrintable returns an error unless a token can be printed into a header or a shell script.
func checkPrintable(t cognito.Token) error {
	if !tokenForm.MatchString(t.Reveal()) {
		return errors.New("the server sent an invalid token (unexpected characters); it is not printed")
	}
	return nil
}
