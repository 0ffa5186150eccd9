package token

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

const (
	alice        = "alice"
	alicesEmail  = "alice@example.com"
	password     = "Correct-Hörse-1"
	newPassword  = "Battery-Staple-2"
	wrongOne     = "Wrong-Horse-1"
	runAsTheTool = "TOKEN_TEST_RUN_THE_TOOL"
)

// TestMain lets this binary be the tool as well, so that tests run it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(runAsTheTool) != "" {
		cli.App{Name: "token", Grammar: &Commands{}, Options: []kong.Option{Options()}, Explain: Advice}.Main()
	}
	os.Exit(m.Run())
}

// world is a pool with Alice in it, and a machine account: an empty home and working folder, and an
// environment that says where the pool is.
type world struct {
	*fakecognito.Server
	t      *testing.T
	home   string
	folder string
	env    map[string]string

	lock   sync.Mutex
	mail   []fakecognito.Message
	mailed chan fakecognito.Message // the same, for who waits
}

func newWorld(t *testing.T, o fakecognito.Options) *world {
	t.Helper()
	w := &world{t: t, home: t.TempDir(), folder: t.TempDir(), mailed: make(chan fakecognito.Message, 16)}
	o.Outbox = func(m fakecognito.Message) {
		w.lock.Lock()
		defer w.lock.Unlock()
		w.mail = append(w.mail, m)
		w.mailed <- m
	}
	server, err := fakecognito.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = server
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	w.env = map[string]string{
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": server.URL(),
		"COGNITO_USER_POOL_ID":                       server.PoolID(),
		"COGNITO_CLIENT_ID":                          server.WebClientID(),
	}
	w.add(fakecognito.User{Username: alice, Password: password, Email: alicesEmail, Attributes: map[string]string{"given_name": "Alice", "phone_number": "+441234567890"}})
	return w
}

func (w *world) add(u fakecognito.User) {
	w.t.Helper()
	if _, err := w.AddUser(u); err != nil {
		w.t.Fatal(err)
	}
}

// useSecretClient makes the client with a secret the one to sign in with, and returns the file that holds it.
func (w *world) useSecretClient() string {
	w.t.Helper()
	w.env["COGNITO_CLIENT_ID"] = w.SecretClientID()
	return w.file("secret.txt", w.SecretClientSecret()+"\n")
}

func (w *world) file(name, content string) string {
	w.t.Helper()
	name = filepath.Join(w.folder, name)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return name
}

// admin calls the pool as an administrator does.
func (w *world) admin() *idp.Client {
	return idp.New(idp.Options{Region: w.Region(), BaseEndpoint: aws.String(w.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
}

// last returns the last message that was sent.
func (w *world) last() fakecognito.Message {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.mail) == 0 {
		w.t.Error("nothing was sent")
		return fakecognito.Message{}
	}
	return w.mail[len(w.mail)-1]
}

func (w *world) code() string { return w.last().Code }

// awaitCode waits for the next message and returns its code.
func (w *world) awaitCode() string {
	select {
	case m := <-w.mailed:
		return m.Code
	case <-time.After(2 * time.Minute):
		w.t.Error("no code was sent")
		return ""
	}
}

// command returns a command that runs the tool in a session without a terminal.
func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(w.t.Context(), os.Args[0], args...)
	cmd.Dir = w.folder
	cmd.Env = []string{runAsTheTool + "=1", "HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "GOCOVERDIR=" + w.t.TempDir(),
		"GORACE=atexit_sleep_ms=0"} // the race detector would wait a second at each exit
	for name, value := range w.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

type result struct {
	t        *testing.T
	out, err string
	code     int
}

// run runs the tool to its end. No secret may ever show on standard error.
func (w *world) run(stdin string, args ...string) result {
	w.t.Helper()
	cmd := w.command(args...)
	var out, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	r := result{w.t, out.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	for _, secret := range []string{password, newPassword, wrongOne, w.SecretClientSecret(), w.MachineClientSecret()} {
		if strings.Contains(r.err, secret) {
			w.t.Errorf("a secret on standard error: %s", r.err)
		}
	}
	if looksLikeToken.MatchString(r.err) {
		w.t.Errorf("a token on standard error: %s", r.err)
	}
	return r
}

// ok insists on success and returns standard output without the last newline.
func (r result) ok() string {
	r.t.Helper()
	if r.code != 0 {
		r.t.Fatalf("exit %d: %s", r.code, r.err)
	}
	return strings.TrimSuffix(r.out, "\n")
}

// refused insists on exit code 1, nothing on standard output, and a last line that says all of this.
func (r result) refused(says ...string) {
	r.t.Helper()
	if r.code != cli.ExitRefused || r.out != "" {
		r.t.Errorf("exit %d with %d bytes on standard output; standard error: %s", r.code, len(r.out), r.err)
	}
	lines := strings.Split(strings.TrimSpace(r.err), "\n")
	last := lines[len(lines)-1]
	for _, s := range says {
		if !strings.Contains(last, s) {
			r.t.Errorf("the last line is %q, want %q in it", last, s)
		}
	}
}

// login signs Alice in and returns all tokens.
func (w *world) login(args ...string) tokensJSON {
	w.t.Helper()
	args = slices.Concat([]string{"login", alice, "--password-stdin", "--output", "json"}, args)
	return parseTokens(w.t, w.run(password+"\n", args...).ok())
}

type tokensJSON struct {
	Access    string `json:"access_token"`
	ID        string `json:"id_token"`
	Refresh   string `json:"refresh_token"`
	Type      string `json:"token_type"`
	ExpiresIn int    `json:"expires_in"`
}

func parseTokens(t *testing.T, document string) tokensJSON {
	t.Helper()
	var tokens tokensJSON
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&tokens); err != nil {
		t.Fatal(err)
	}
	return tokens
}

// claimsOf reads a token of the fake.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	_, payload, err := unverified(cognitoToken(token))
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// isTokenOf insists on a token of this user, of this kind, that the pool signed.
func (w *world) isTokenOf(token, user, use string) {
	w.t.Helper()
	claims := claimsOf(w.t, token)
	name := claims["username"]
	if use == "id" {
		name = claims["cognito:username"]
	}
	if name != user || claims["token_use"] != use {
		w.t.Errorf("a token of %v, kind %v", name, claims["token_use"])
	}
	w.run(token, "verify", "--token-use", use).ok()
}

// converse runs the tool while talk writes to its standard input and hears its standard error.
func (w *world) converse(talk func(write func(string), heard func(until string) string), args ...string) result {
	w.t.Helper()
	cmd := w.command(args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	var all strings.Builder
	reader := bufio.NewReader(io.TeeReader(stderr, &all))
	heard := func(until string) string {
		var before strings.Builder
		for !strings.HasSuffix(before.String(), until) {
			b, err := reader.ReadByte()
			if err != nil {
				w.t.Errorf("the tool ended without %q: %s", until, all.String())
				break
			}
			before.WriteByte(b)
		}
		return strings.TrimSuffix(before.String(), until)
	}
	talk(func(s string) { io.WriteString(stdin, s) }, heard)
	stdin.Close()
	io.Copy(io.Discard, reader)
	_ = cmd.Wait() // the exit code says it
	return result{w.t, out.String(), all.String(), cmd.ProcessState.ExitCode()}
}

// looksLikeToken matches the beginning of a JWT; "eyJ" alone may also occur in a random pool ID.
var looksLikeToken = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10}`)
