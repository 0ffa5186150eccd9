package smoke

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func TestTokensComeFromAFileOrAVariable(t *testing.T) {
	a := newTestAPI(t)
	text, err := json.Marshal(a.tokens(t))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tokens.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SMOKE_TEST_TOKENS", string(text))
	for _, from := range [][]string{{"--tokens-file", file}, {"--tokens-env", "SMOKE_TEST_TOKENS"}} {
		o := smoke(t, nil, append(from, "--url", a.URL)...)
		if o.code != 0 || !strings.Contains(o.out, "22 passed, 0 failed, 1 skipped") {
			t.Errorf("%s: exit %d\n%s%s", from[0], o.code, o.out, o.err)
		}
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if o := smoke(t, nil, "--tokens-file", file, "--url", a.URL); o.code != cli.ExitUsage || !strings.Contains(o.err, "mode 0640): chmod 600 it") {
		t.Errorf("a file that others can read: exit %d %s", o.code, o.err)
	}
}

func TestAnInvalidCommandLineIsReportedInOneLine(t *testing.T) {
	a := newTestAPI(t)
	valid := a.pool.AccessToken(t).Reveal()
	old := a.pool.AccessToken(t, cognitotest.ExpiresIn(-time.Minute)).Reveal()
	for name, tt := range map[string]struct {
		args   []string
		tokens string
		says   string
	}{
		"no address":                {nil, "", "missing flags: --url=URL"},
		"an invalid address":        {[]string{"--url", "localhost:80"}, "", `--url "localhost:80" is not the address of an API`},
		"plain http":                {[]string{"--url", "http://api.example.com"}, "", "tokens are sent only over https"},
		"a query":                   {[]string{"--url", a.URL + "?x=1"}, "", "is not the address of an API"},
		"a password in the address": {[]string{"--url", "https://a:b@api.example.com"}, "", "is not the address of an API"},
		"an origin with a path":     {[]string{"--url", a.URL, "--origin", page + "/"}, "", `--origin "https://app.example.com/" is not an origin`},
		"no time":                   {[]string{"--url", a.URL, "--timeout", "0s"}, "", "--timeout 0s"},
		"no contract":               {[]string{"--url", a.URL, "--contract", "absent.yaml"}, "", "absent.yaml: no such contract"},
		"an unknown option":         {[]string{"--url", a.URL, "--token=" + valid}, "", "unknown flag --token: see smoke --help (passwords, secrets and tokens are never given as arguments)"},
		"a token as an argument":    {[]string{"--url", a.URL, valid}, "", "one argument too many: see smoke --help"},
		"a token as a variable":     {[]string{"--url", a.URL, "--tokens-env", valid}, "", "want the name of an environment variable"},
		"a variable that is not set": {[]string{"--url", a.URL, "--tokens-env", "SMOKE_TEST_UNSET"}, "",
			"the environment variable SMOKE_TEST_UNSET is not set"},
		"a token as a file":         {[]string{"--url", a.URL, "--tokens-file", valid}, "", "--tokens-file cannot be read: "},
		"two places of tokens":      {[]string{"--url", a.URL, "--tokens-stdin", "--tokens-env", "X"}, "", "--tokens-stdin and --tokens-env can't be used together"},
		"no JSON":                   {[]string{"--url", a.URL, "--tokens-stdin"}, valid, "standard input contains no tokens"},
		"nothing":                   {[]string{"--url", a.URL, "--tokens-stdin"}, "", "standard input contains no tokens"},
		"an unknown caller":         {[]string{"--url", a.URL, "--tokens-stdin"}, `{"admim":"` + valid + `"}`, `"admim" is not the name of a token: want expired, member, admin, machine`},
		"not a token":               {[]string{"--url", a.URL, "--tokens-stdin"}, `{"admin":"eyJx"}`, "admin is not a token: it does not have three parts"},
		"invalid claims":            {[]string{"--url", a.URL, "--tokens-stdin"}, `{"admin":"eyJx.eyJx.eyJx"}`, "admin is not a token: its claims are not those of Cognito"},
		"an expired token":          {[]string{"--url", a.URL, "--tokens-stdin"}, `{"admin":"` + old + `"}`, "admin expired at 20"},
		"expired is still valid":    {[]string{"--url", a.URL, "--tokens-stdin"}, `{"expired":"` + valid + `"}`, "expired has not expired yet: it is valid until 20"},
		"more than tokens can take": {[]string{"--url", a.URL, "--tokens-stdin"}, strings.Repeat(" ", maxTokens+1), "the tokens take more than 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			if !slices.Contains(tt.args, "--contract") {
				tt.args = append(tt.args, "--contract", contractFile)
			}
			o := smokeWith(t.Context(), t, console{in: strings.NewReader(tt.tokens), getenv: os.Getenv, patience: time.Hour}, tt.args...)
			if o.code != cli.ExitUsage || o.out != "" || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, tt.says) {
				t.Errorf("exit %d\n%s%s\nwant %s", o.code, o.out, o.err, tt.says)
			}
		})
	}
	if len(a.calls) > 0 {
		t.Errorf("the API was called: %v", a.calls)
	}
}

func TestAnAddressMayHaveAStage(t *testing.T) {
	a := newTestAPI(t)
	if o := smoke(t, a.tokens(t), "--url", a.URL+"/prod"); o.code != 0 {
		t.Errorf("exit %d\n%s", o.code, o.out)
	}
	for raw, valid := range map[string]bool{
		"https://abc.execute-api.eu-west-1.amazonaws.com/prod": true, "https://api.example.com": true, "http://127.0.0.1:8080": true,
		"http://[::1]:8080": true, "http://localhost:8080/v1": true, "http://localhost.example.com": false, "ftp://localhost": false, "": false,
	} {
		if _, err := checkURL(raw); (err == nil) != valid {
			t.Errorf("%s: %v", raw, err)
		}
	}
}
