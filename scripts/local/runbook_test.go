package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// operator runs commands in a shell, as somebody on call would, against a local stack.
type operator struct {
	*stack.Stack
	dir, bin    string
	environment []string
	log         *syncBuffer // of the functions

	mu    sync.Mutex
	calls []gateway.Call
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not on PATH, so no command was run", tool)
		}
	}
	o := &operator{dir: t.TempDir(), bin: t.TempDir(), log: &syncBuffer{}}
	o.Stack, _, _ = start(t, func(options *stack.Options) {
		options.Log = o.log
		options.Observe = func(call gateway.Call) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.calls = append(o.calls, call)
		}
	})
	if err := os.Symlink(commandPath(t), filepath.Join(o.bin, "cognito-authorizer")); err != nil {
		t.Fatal(err)
	}
	functions, err := filepath.Abs(filepath.Join(root, "functions"))
	if err == nil {
		err = errors.Join(os.Symlink(functions, filepath.Join(o.dir, "functions")), os.Mkdir(filepath.Join(o.dir, "terraform"), 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
	// Terraform's output names a deployment; here it is that of the local stack.
	var exports strings.Builder
	for name, value := range o.OperatorEnvironment() {
		fmt.Fprintf(&exports, "echo \"export %s=%s\"\n", name, shellQuote(value))
	}
	o.write(t, filepath.Join(o.bin, "terraform"), "#!/bin/sh\n[ \"$*\" = '-chdir=terraform output -raw operator_environment' ] || exit 1\n"+exports.String(), 0o700)
	o.environment = append(os.Environ(), "PATH="+o.bin+":"+os.Getenv("PATH"), "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_SESSION_TOKEN=", "CLIENT_ID="+o.Cognito.MachineClientID(),
		// What cognito-authorizer token otherwise reads from Terraform's outputs.
		"COGNITO_USER_POOL_ID="+o.Cognito.PoolID(), "COGNITO_CLIENT_ID="+o.Cognito.MachineClientID(), "COGNITO_CLIENT_SECRET="+o.Cognito.MachineClientSecret(),
		"COGNITO_TOKEN_URL="+o.Cognito.TokenURL())
	return o
}

func (o *operator) write(t *testing.T, name, content string, mode fs.FileMode) {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(o.dir, name)
	}
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// shell runs commands and returns what they print.
func (o *operator) shell(t *testing.T, commands string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", commands)
	cmd.Dir, cmd.Env = o.dir, o.environment
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

// call makes a call and returns its line in the access log.
func (o *operator) call(t *testing.T, path, token string) (gateway.Call, string) {
	t.Helper()
	if _, err := (call{method: http.MethodGet, path: path, token: token}).do(t.Context(), o.Gateway.URL()); err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	last := o.calls[len(o.calls)-1]
	line, err := json.Marshal(last)
	if err != nil {
		t.Fatal(err)
	}
	return last, string(line)
}

// decision makes a call and returns the authorizer's line about it.
func (o *operator) decision(t *testing.T, token string) string {
	t.Helper()
	made, _ := o.call(t, "/me", token)
	if made.Authorizer.ID == "" {
		t.Fatal("the authorizer was not invoked")
	}
	o.log.await(t, made.Authorizer.ID)
	for line := range strings.Lines(o.log.String()) {
		if strings.Contains(line, made.Authorizer.ID) && strings.Contains(line, `"outcome"`) {
			return line
		}
	}
	t.Fatal("there is no decision line")
	return ""
}

func (o *operator) token(t *testing.T, name string) string {
	t.Helper()
	tokens, err := signIn(t.Context(), o.Stack, name)
	if err != nil {
		t.Fatal(err)
	}
	return tokens.Access
}

func (o *operator) mint(t *testing.T, options fakecognito.MintOptions) string {
	t.Helper()
	options.Username = "alice"
	token, err := o.Cognito.Mint(options)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// symptoms make happen what a section of the runbook is about, and save the log lines that it reads.
var symptoms = map[string]func(*testing.T, *operator){
	"A caller reports a 403": func(t *testing.T, o *operator) {
		token := o.token(t, "olivia")
		o.call(t, "/me", token)
		denied, line := o.call(t, "/users", token)
		if denied.Status != http.StatusForbidden || !denied.Authorizer.Cached {
			t.Fatalf("status %d, cached %v", denied.Status, denied.Authorizer.Cached)
		}
		o.write(t, "line.json", line, 0o600)
	},
	"Many calls get 401": func(t *testing.T, o *operator) {
		o.write(t, "decision.json", o.decision(t, o.mint(t, fakecognito.MintOptions{IssuedAt: time.Now().Add(-2 * time.Hour)})), 0o600)
	},
	"Calls get 500":            keysAreDown,
	"The keys are unreachable": keysAreDown,
	"The pool rotates its keys": func(t *testing.T, o *operator) {
		if err := o.Cognito.Rotate(); err != nil {
			t.Fatal(err)
		}
	},
	"The revocation table is down": func(t *testing.T, o *operator) {
		o.Revoked.Deny(true)
		defer o.Revoked.Deny(false)
		o.write(t, "decision.json", o.decision(t, o.token(t, "alice")), 0o600)
	},
	"A token has leaked": func(t *testing.T, o *operator) {
		token := o.token(t, "alice")
		for range 2 {
			if made, _ := o.call(t, "/me", token); made.Status != http.StatusOK {
				t.Fatalf("status %d", made.Status)
			}
		}
		o.write(t, "leaked-token.txt", token, 0o600)
		o.write(t, "leaked-header.txt", "Authorization: Bearer "+token, 0o600)
	},
}

// keysAreDown makes the authorizer need a key while the issuer does not answer.
func keysAreDown(t *testing.T, o *operator) {
	o.Cognito.SetFaults(fakecognito.Faults{KeysDown: true})
	defer o.Cognito.SetFaults(fakecognito.Faults{})
	o.write(t, "decision.json", o.decision(t, o.mint(t, fakecognito.MintOptions{Signature: fakecognito.SignedWithUnknownKey})), 0o600)
}

// step is one block of commands of the runbook, and what it prints.
type step struct{ commands, output string }

// runbook returns the steps of each section of the page, by heading.
func runbook(t *testing.T) (headings []string, steps map[string][]step) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs", "runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	steps = map[string][]step{}
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		headings = append(headings, heading)
		for _, block := range regexp.MustCompile("(?s)```(sh|console)\n(.*?)```").FindAllStringSubmatch(body, -1) {
			all := steps[heading]
			if block[1] == "sh" {
				steps[heading] = append(all, step{commands: block[2]})
			} else {
				all[len(all)-1].output = block[2]
			}
		}
	}
	return headings, steps
}

// variable matches what differs from run to run.
var variable = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[a-z0-9]{26,27}\b|\b\d+ keys\b`)

func TestEveryCommandOfTheRunbookPrintsWhatThePageShows(t *testing.T) {
	o := newOperator(t)
	headings, steps := runbook(t)
	const before = "Before you start"
	if len(steps[before]) != 1 || len(headings) < 12 {
		t.Fatalf("the page has the sections %q", headings)
	}
	for _, heading := range headings {
		if heading == before {
			continue
		}
		t.Run(heading, func(t *testing.T) {
			o.Revoked.Clear()
			o.Gateway.FlushCache()
			if begin := symptoms[heading]; begin != nil {
				begin(t, o)
			}
			for _, one := range steps[heading] {
				out := o.shell(t, steps[before][0].commands+one.commands)
				for want := range strings.Lines(one.output) {
					if !strings.Contains(variable.ReplaceAllString(out, "…"), strings.TrimSuffix(variable.ReplaceAllString(want, "…"), "\n")) {
						t.Errorf("%s prints\n%s\nand the page says\n%s", one.commands, out, want)
					}
				}
				if strings.Contains(out, "eyJ") {
					t.Error("a token was printed")
				}
			}
		})
	}
	for heading := range symptoms {
		if !slices.Contains(headings, heading) {
			t.Errorf("the page has no section %q", heading)
		}
	}
}

// An alarm without a way to the page that says what to do is noise.
func TestEveryAlarmLinksToASectionOfTheRunbook(t *testing.T) {
	headings, _ := runbook(t)
	anchors := map[string]bool{}
	for _, heading := range headings {
		anchors[strings.ReplaceAll(strings.ToLower(heading), " ", "-")] = true
	}
	links := 0
	err := filepath.WalkDir(filepath.Join(root, "terraform"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".tf" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, description := range regexp.MustCompile(`alarm_description += "(.*)"\n|metric_name = .*\n +description = "(.*)"\n`).FindAllStringSubmatch(string(source), -1) {
			links++
			link := regexp.MustCompile(`#([a-z0-9-]+)$`).FindStringSubmatch(description[1] + description[2])
			if link == nil || !anchors[link[1]] {
				t.Errorf("%s: an alarm links to no section: %q", path, description[1]+description[2])
			}
		}
		return nil
	})
	if err != nil || links < 6 {
		t.Errorf("%d alarms, %v", links, err)
	}
}

// The transcript of a revocation: the person's result is cached when the command starts, and the next call after it is refused.
func TestARevocationCountsWithinSeconds(t *testing.T) {
	o := newOperator(t)
	for _, tt := range []struct{ who, token, command string }{
		{"alice", o.token(t, "alice"), `revoke user alice --flush "$AUTHORIZER_CACHE"`},
		{"the machine client", o.machineToken(t), `revoke client "$CLIENT_ID" --flush "$AUTHORIZER_CACHE"`},
	} {
		for _, cached := range []bool{false, true} {
			if made, _ := o.call(t, "/me", tt.token); made.Status != http.StatusOK || made.Authorizer.Cached != cached {
				t.Fatalf("%s: status %d, cached %v", tt.who, made.Status, made.Authorizer.Cached)
			}
		}
		_, steps := runbook(t)
		began, printed := time.Now(), make(chan string)
		go func() { printed <- o.shell(t, steps["Before you start"][0].commands+"cognito-authorizer "+tt.command) }()
		calls := 0
		var first401 time.Duration
		for first401 == 0 && time.Since(began) < 30*time.Second {
			made, _ := o.call(t, "/me", tt.token)
			if calls++; made.Status == http.StatusUnauthorized {
				first401 = time.Since(began)
			}
		}
		out := <-printed
		if first401 == 0 {
			t.Fatalf("%s: 30 s after the command no call was refused, of %d", tt.who, calls)
		}
		if line := o.decision(t, tt.token); !strings.Contains(line, `"reason":"revoked"`) {
			t.Errorf("%s: the decision line is %s", tt.who, line)
		}
		t.Logf("$ cognito-authorizer %s\n%s%d calls of %s meanwhile; the first 401 came %d ms after the command began", tt.command, out, calls, tt.who, first401.Milliseconds())
	}
}

func (o *operator) machineToken(t *testing.T) string {
	t.Helper()
	token, err := o.MachineToken(t.Context(), "api/users.read")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// What the access log and the decision lines hold after all kinds of calls: no token, no header, no personal claim.
func TestTheLogsHoldNoTokenAndNoPersonalClaim(t *testing.T) {
	o := newOperator(t)
	tokens := map[string]string{
		"valid": o.token(t, "alice"), "a machine's": o.machineToken(t), "expired": o.mint(t, fakecognito.MintOptions{IssuedAt: time.Now().Add(-2 * time.Hour)}),
		"forged":   o.mint(t, fakecognito.MintOptions{Signature: fakecognito.SignedByStranger}),
		"personal": o.mint(t, fakecognito.MintOptions{Signature: fakecognito.SignedByStranger, Claims: map[string]any{"sub": "alice@example.com", "client_id": "alice@example.com"}}),
		"an ID":    o.mint(t, fakecognito.MintOptions{ID: true}),
	}
	var written strings.Builder
	for _, name := range slices.Sorted(maps.Keys(tokens)) {
		for _, path := range []string{"/me", "/users", "/users/alice?secret=1"} {
			_, line := o.call(t, path, tokens[name])
			written.WriteString(line + "\n")
		}
	}
	if err := o.Close(); err != nil { // so that all is written
		t.Fatal(err)
	}
	written.WriteString(o.log.String())
	all := written.String()
	for _, want := range []string{`"reason":"signature"`, `"unverified_sub"`, `"decisionId":"`, `"groups"`} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not there: was anything logged?", want)
		}
	}
	noTokenIn(t, all, slices.Collect(maps.Values(tokens)))
	for what, secret := range map[string]string{"an e-mail address": "@example.com", "a name": "Alice", "a path": "/users/alice", "a query": "secret=1", "a header": "Bearer"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s was logged", what)
		}
	}
}
