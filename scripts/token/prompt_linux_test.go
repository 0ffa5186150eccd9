package token

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// withEMailCodes makes Alice enter a code from an e-mail after her password.
func (w *world) withEMailCodes() {
	w.t.Helper()
	_, err := w.admin().AdminSetUserMFAPreference(w.t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: aws.String(w.PoolID()), Username: aws.String(alice),
		EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestATypedPasswordIsNotShownAndACodeIs(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.withEMailCodes()
	x := w.onTerminal("login", alice)
	x.expect("Password: ")
	if x.echoes() {
		t.Error("the terminal echoes while the question is on the screen")
	}
	x.enter(password)
	shown := x.expect("Code sent to a***@e***: ")
	if strings.Contains(shown, password[:4]) || strings.ContainsAny(shown, "*•") {
		t.Errorf("the screen shows: %q", shown)
	}
	x.enter(w.code())
	out, rest, code := x.end()
	if code != 0 {
		t.Fatalf("exit %d: %s", code, rest)
	}
	if !strings.Contains(rest, w.code()) {
		t.Errorf("the code is not shown: %q (then this test proves nothing about the password)", rest)
	}
	w.isTokenOf(out, alice, "access")
}

// While the second factor is asked for, the tool has the password and the client secret in its memory.
func TestNoSecretIsInArgumentsOrEnvironment(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.withEMailCodes()
	w.env["COGNITO_CLIENT_ID"] = w.SecretClientID()
	x := w.onTerminal("login", alice, "--ask-client-secret", "--save")
	x.expect("Client secret: ")
	x.enter(w.SecretClientSecret())
	x.expect("Password: ")
	x.enter(password)
	x.expect("Code sent to")

	read := func(name string) string {
		t.Helper()
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", x.cmd.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	arguments, environment := read("cmdline"), read("environ")
	if !strings.Contains(arguments, "--ask-client-secret") || !strings.Contains(environment, w.PoolID()) {
		t.Fatal("this is not the tool's process")
	}
	for name, secret := range map[string]string{"the password": password, "the client secret": w.SecretClientSecret()} {
		if strings.Contains(arguments, secret) || strings.Contains(environment, secret) {
			t.Errorf("%s is there to be read", name)
		}
	}
	x.enter(w.code())
	out, rest, code := x.end()
	if code != 0 {
		t.Fatalf("exit %d: %s", code, rest)
	}
	w.isTokenOf(out, alice, "access")
	w.hasNoSecretIn(w.home, password, w.SecretClientSecret(), out)
}

func TestAWrongCodeCanBeEnteredAgain(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.withEMailCodes()
	x := w.onTerminal("login", alice)
	x.expect("Password: ")
	x.enter(password)
	x.expect("Code sent to")
	x.enter("not-the-code")
	x.expect("the code is wrong: enter the newest one (CodeMismatchException)")
	x.expect("Code sent to")
	x.enter(w.code())
	out, rest, code := x.end()
	if code != 0 {
		t.Fatalf("exit %d: %s", code, rest)
	}
	w.isTokenOf(out, alice, "access")
}

func TestAfterThreeWrongCodesTheSignInIsOver(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.withEMailCodes()
	x := w.onTerminal("login", alice)
	x.expect("Password: ")
	x.enter(password)
	for range maxTries {
		x.expect("Code sent to")
		x.enter("000")
	}
	if out, rest, code := x.end(); code != cli.ExitRefused || out != "" || !strings.Contains(rest, "the code is wrong") {
		t.Errorf("exit %d: %s", code, rest)
	}
}

func TestANewPasswordIsTypedTwice(t *testing.T) {
	w := newWorld(t, fakecognito.Options{RequiredAttributes: []string{"family_name"}})
	w.add(fakecognito.User{Username: "tess", Password: password, Status: fakecognito.UserForceChangePassword})
	x := w.onTerminal("login", "tess")
	x.expect("Password: ")
	x.enter(password)
	x.expect("Choose your own.")
	x.expect("family_name: ")
	x.enter("Tester")
	x.expect("New password: ")
	x.enter(newPassword)
	x.expect("New password, once more: ")
	x.enter("a slip")
	x.expect("The passwords differ.")
	x.expect("New password: ")
	x.enter("short")
	x.expect("once more: ")
	x.enter("short")
	x.expect("(InvalidPasswordException: Password not long enough)")
	x.expect("New password: ")
	x.enter(newPassword)
	shown := x.expect("once more: ")
	if strings.Contains(shown, newPassword) {
		t.Errorf("the screen shows %q", shown)
	}
	x.enter(newPassword)
	out, rest, code := x.end()
	if code != 0 {
		t.Fatalf("exit %d: %s", code, rest)
	}
	w.isTokenOf(out, "tess", "access")
	w.run(newPassword, "login", "tess", "--password-stdin").ok()
}

func TestAnInterruptEndsTheToolAndLeavesTheTerminalAsItWas(t *testing.T) {
	for name, interrupt := range map[string]func(*terminal) error{
		"Ctrl-C":      func(x *terminal) error { x.press("\x03"); return nil },
		"Ctrl-D":      func(x *terminal) error { x.press("\x04"); return nil },
		"SIGTERM":     func(x *terminal) error { return x.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGINT sent": func(x *terminal) error { return x.cmd.Process.Signal(os.Interrupt) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fakecognito.Options{})
			x := w.onTerminal("login", alice)
			// Another holder of the terminal, so that it outlives the tool.
			held, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/0", x.cmd.Process.Pid), os.O_RDWR|syscall.O_NOCTTY, 0)
			if err != nil {
				t.Fatal(err)
			}
			x.expect("Password: ")
			if err := interrupt(x); err != nil {
				t.Fatal(err)
			}
			x.expect("interrupted")
			_ = x.cmd.Wait() // the exit code says it
			if code := x.cmd.ProcessState.ExitCode(); code != cli.ExitInterrupted || x.out.Len() > 0 {
				t.Errorf("exit %d", code)
			}
			if !x.echoes() {
				t.Error("the terminal no longer shows what is typed")
			}
			held.Close()
		})
	}
}

func TestQuestionsReachTheTerminalWhenThePasswordWasPiped(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.withEMailCodes()
	x := w.onTerminalWith(strings.NewReader(password+"\n"), "login", alice, "--password-stdin")
	x.expect("Code sent to")
	x.enter(w.code())
	out, rest, code := x.end()
	if code != 0 {
		t.Fatalf("exit %d: %s", code, rest)
	}
	w.isTokenOf(out, alice, "access")
}

func TestAPasswordIsNotReadFromATerminalThatShowsIt(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	x := w.onTerminal("login", alice, "--password-stdin")
	if out, rest, code := x.end(); code != cli.ExitRefused || out != "" || !strings.Contains(rest, "--password-stdin is for a pipe or a file") {
		t.Errorf("exit %d: %s", code, rest)
	}
}

func TestATokenIsAskedForWithoutShowingIt(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	token := w.login().Access
	x := w.onTerminal("verify")
	x.expect("Token: ")
	x.enter(token)
	if shown := x.expect(verifiedMessage); strings.Contains(shown, token[:10]) {
		t.Error("the token is on the screen")
	}
	if out, rest, code := x.end(); code != 0 || !strings.Contains(out, `"username": "alice"`) {
		t.Errorf("exit %d: %s", code, rest)
	}
}

func TestAProgramsSecretIsAskedForWithoutShowingIt(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	w.asMachine()
	x := w.onTerminal("client")
	x.expect("Client secret: ")
	x.enter(w.MachineClientSecret())
	out, rest, code := x.end()
	if code != 0 || strings.Contains(rest, w.MachineClientSecret()) {
		t.Fatalf("exit %d: %s", code, rest)
	}
	w.run(out, "verify").ok()
}
