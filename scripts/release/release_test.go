package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

const root = "../.."

// user is somebody with the command of a release and nothing else: no Go, no clone.
type user struct {
	t      *testing.T
	folder string
	env    []string
}

// newUser builds the release for this machine and unpacks it.
func newUser(t *testing.T) *user {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no release was built")
	}
	if runtime.GOOS == "windows" {
		t.Skip("a .zip is not unpacked here")
	}
	out := t.TempDir()
	target := runtime.GOOS + "/" + runtime.GOARCH
	release := &command{Version: "v1.2.3", Out: out, Root: root, Target: []string{target}}
	if err := release.Run(t.Context(), cli.Console{In: os.Stdin, Out: io.Discard, Err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	u := &user{t: t, folder: t.TempDir()}
	u.downloads(out, target)
	bin := filepath.Join(u.folder, "bin")
	for name, content := range unpack(t, filepath.Join(out, "cognito-authorizer_"+strings.ReplaceAll(target, "/", "_")+".tar.gz")) {
		u.write(filepath.Join("bin", name), content, 0o755)
	}
	u.env = []string{"PATH=" + bin, "HOME=" + u.folder, "TMPDIR=" + t.TempDir()}
	return u
}

// blockOf returns the block of docs/adopt.md with that text.
func blockOf(t *testing.T, text string) string {
	t.Helper()
	page, err := os.ReadFile(root + "/docs/adopt.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(page), "\n```") {
		if language, block, found := strings.Cut(part, "\n"); found && language == "sh" && strings.Contains(block, text) {
			return block + "\n"
		}
	}
	t.Fatalf("docs/adopt.md has no block with %s", text)
	return ""
}

// sh runs lines of docs/adopt.md in the user's folder. Only the words in replaced differ from the page.
func (u *user) sh(lines string, replaced ...string) string {
	u.t.Helper()
	cmd := exec.CommandContext(u.t.Context(), "/bin/sh", "-ec", strings.NewReplacer(replaced...).Replace(lines))
	cmd.Dir, cmd.Env = u.folder, append(os.Environ(), "HOME="+u.folder, "PATH="+filepath.Join(u.folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		u.t.Errorf("%s: %v\n%s", lines, err, out)
	}
	return string(out)
}

// downloads does what the page says with an archive and the checksums beside it.
func (u *user) downloads(from, target string) {
	u.t.Helper()
	if _, err := exec.LookPath("sha256sum"); err != nil {
		u.t.Log("there is no sha256sum: the first step of docs/adopt.md was not tried")
		return
	}
	name := "cognito-authorizer_" + strings.ReplaceAll(target, "/", "_") + ".tar.gz"
	content, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		u.t.Fatal(err)
	}
	sums := fmt.Sprintf("%x  %s\n%064d  another\n", sha256.Sum256(content), name, 0) // of files that were not downloaded, too
	u.write(name, content, 0o644)
	u.write("SHA256SUMS", []byte(sums), 0o644)
	got := u.sh(blockOf(u.t, "sha256sum --check"), "cognito-authorizer_linux_amd64.tar.gz", name)
	if got != name+": OK\nv1.2.3\n" {
		u.t.Errorf("the first step of docs/adopt.md printed %s", got)
	}
}

func unpack(t *testing.T, archive string) map[string][]byte {
	t.Helper()
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(compressed); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func (u *user) write(name string, content []byte, mode os.FileMode) {
	u.t.Helper()
	path := filepath.Join(u.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		u.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, mode); err != nil {
		u.t.Fatal(err)
	}
}

func (u *user) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(u.t.Context(), filepath.Join(u.folder, "bin", "cognito-authorizer"), args...)
	cmd.Dir, cmd.Env = u.folder, u.env
	return cmd
}

// run runs the command to its end and returns what it printed.
func (u *user) run(want int, args ...string) string {
	u.t.Helper()
	out, err := u.command(args...).CombinedOutput()
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		u.t.Fatal(err)
	}
	if code != want {
		u.t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, out)
	}
	return string(out)
}

// api is what run prints with --json.
type api struct {
	URL       string            `json:"apiUrl"`
	Passwords map[string]string `json:"passwords"`
}

// serve starts run, hands its address to use, and stops it by Ctrl-C.
func (u *user) serve(use func(api), args ...string) {
	u.t.Helper()
	cmd := u.command(append([]string{"run", "--json", "--listen", "127.0.0.1:0", "--cognito-listen", "127.0.0.1:0"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		u.t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		u.t.Fatal(err)
	}
	var a api
	if err := json.NewDecoder(bufio.NewReader(stdout)).Decode(&a); err != nil {
		_ = cmd.Wait()
		u.t.Fatalf("%v\n%s", err, stderr.String())
	}
	use(a)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		u.t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		u.t.Errorf("Ctrl-C: %v\n%s", err, stderr.String())
	}
}

// token signs a person in, or the machine client, in the way that run prints.
func (u *user) token(a api, name string) string {
	u.t.Helper()
	args := []string{"token", "client", "--scope", "orders/read"}
	if name != "machine" {
		args = []string{"token", "login", name, "--password-stdin"}
	}
	cmd := u.command(args...)
	cmd.Stdin = strings.NewReader(a.Passwords[name])
	token, err := cmd.Output()
	if err != nil {
		u.t.Fatalf("%s cannot sign in: %v", name, err)
	}
	return strings.TrimSpace(string(token))
}

func (u *user) get(a api, path, token string) (int, string) {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), http.MethodGet, a.URL+path, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// backend starts the team's own server, in Node where there is one, and returns its address.
func (u *user) backend() string {
	node, err := exec.LookPath("node")
	if err != nil {
		u.t.Log("there is no node: the backend is written in Go")
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path, "user": r.Header.Get("X-Identity-Username")})
		})}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			u.t.Fatal(err)
		}
		go func() { _ = server.Serve(listener) }() // ends by Close
		u.t.Cleanup(func() { _ = server.Close() })
		return "http://" + listener.Addr().String()
	}
	cmd := exec.CommandContext(u.t.Context(), node, "-e", `
const server = require("node:http").createServer((req, res) => {
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ path: req.url, user: req.headers["x-identity-username"] ?? "" }));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));`)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		u.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		u.t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(line)
}

const contract = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /status:
    get: {security: [], responses: {"200": {description: OK}}}
  /orders:
    get: {security: [{scopes: [orders/read]}, {groups: [staff]}], responses: {"200": {description: OK}}}
  /orders/{id}:
    get: {security: [{groups: [staff]}], responses: {"200": {description: OK}}}
components:
  securitySchemes:
    groups: {type: http, scheme: bearer}
    scopes: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://login.example.com/oauth2/token, scopes: {orders/read: r}}}}
`

const rules = `cases:
  - as: {groups: [staff]}
    allowed: [GET /orders, "GET /orders/{id}"]
  - as: {scopes: [orders/read]}
    allowed: [GET /orders]
    denied: [GET /orders/7]
  - as: {anonymous: true}
    allowed: [GET /status]
    unauthorized: [GET /orders]
`

// TestAReleaseNeedsNothingElse follows a user with an API of their own, without Go and without a clone.
func TestAReleaseNeedsNothingElse(t *testing.T) {
	u := newUser(t)
	u.write("openapi.yaml", []byte(contract), 0o644)
	u.write("rules.yaml", []byte(rules), 0o644)
	if got := u.run(0, "--version"); got != "v1.2.3\n" {
		t.Errorf("version %q", got)
	}
	u.run(0, "check", "openapi.yaml")
	u.run(0, "test", "openapi.yaml", "rules.yaml", "--strict")
	u.run(0, "demo", "--contract", "openapi.yaml")
	if got := u.run(1, "token", "login", "alice"); !strings.Contains(got, "start cognito-authorizer run") {
		t.Errorf("without a pool, token says %s", got)
	}
	u.run(0, "build", "openapi.yaml", "--arch", runtime.GOARCH, "--out", "dist")
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	u.run(0, "build", "openapi.yaml", "--arch", other, "--out", "other")
	u.run(1, "run", "--zips", "other", "--backend", "http://127.0.0.1:1")

	backend := u.backend()
	from := [][]string{{"--contract", "openapi.yaml"}}
	if runtime.GOOS == "linux" {
		from = append(from, []string{"--zips", "dist"}) // the zip that is deployed
	}
	for _, source := range from {
		u.serve(func(a api) {
			for _, tt := range []struct {
				path, as string
				want     int
				body     string
			}{
				{"/status", "", 200, `"user":""`},
				{"/orders", "", 401, "Unauthorized"},
				{"/orders", "alice", 403, "not authorized"},
				{"/orders", "staff", 200, `"user":"staff"`},
				{"/orders/7", "staff", 200, `"path":"/orders/7"`},
				{"/orders", "machine", 200, `"path":"/orders"`},
				{"/orders/7", "machine", 403, "not authorized"},
			} {
				token := ""
				if tt.as != "" {
					token = u.token(a, tt.as)
				}
				if status, body := u.get(a, tt.path, token); status != tt.want || !strings.Contains(body, tt.body) {
					t.Errorf("%v: GET %s as %q: %d %s", source, tt.path, tt.as, status, body)
				}
			}
			got := u.sh(blockOf(t, "smoke --url"), "https://abc123.execute-api.eu-west-1.amazonaws.com/prod", a.URL,
				"cognito-authorizer token login alice --user-pool-id POOL_ID --client-id CLIENT_ID",
				"printf %s "+a.Passwords["alice"]+" | cognito-authorizer token login alice --password-stdin") // a terminal would ask for it
			if !strings.Contains(got, " 0 failed") || !strings.Contains(got, "GET /orders       as member") {
				t.Errorf("smoke: %s", got)
			}
		}, append(source, "--backend", backend)...)
	}
}

func TestTheSameFilesGiveTheSameArchive(t *testing.T) {
	one, err := compress([]byte(fmt.Sprint(targets)))
	if err != nil {
		t.Fatal(err)
	}
	two, err := compress([]byte(fmt.Sprint(targets)))
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("%d and %d bytes, %v", len(one), len(two), err)
	}
	a, errA := packTar("x", []byte("program"), []byte("license"))
	b, errB := packTar("x", []byte("program"), []byte("license"))
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("%v, %v", errA, errB)
	}
}
