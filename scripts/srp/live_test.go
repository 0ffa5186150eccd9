package srp_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/srp"
)

// nodeModules returns the directory with the npm packages of testdata/node. Only `make test-node` installs them.
func nodeModules(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("SRP_NODE_FOLDER")
	if folder == "" {
		t.Skip("SKIPPED: not held against the npm packages. `make test-node` does that; it needs Node and a way to npm's registry")
	}
	return folder
}

func node(t *testing.T, script string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "testdata/node/"+script)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestLiveTheOfficialClientSignsInToTheFake(t *testing.T) {
	folder := nodeModules(t)
	pool := startPool(t)
	for name, tt := range map[string]struct{ password, code string }{
		"the right password is accepted": {livePassword, ""},
		"a wrong password is refused":    {"Wrong-Horse-1", "NotAuthorizedException"},
		"an empty password is refused":   {"", "NotAuthorizedException"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := node(t, "client.mjs")
			in, err := json.Marshal(map[string]string{"folder": folder, "endpoint": pool.URL() + "/", "poolId": pool.PoolID(),
				"clientId": pool.WebClientID(), "user": liveUser, "password": tt.password})
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdin = bytes.NewReader(in)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var result struct {
				Claims map[string]any
				Code   string
			}
			if err := json.Unmarshal(out, &result); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if result.Code != tt.code {
				t.Errorf("code %q, want %q", result.Code, tt.code)
			}
			if tt.code == "" && (result.Claims["username"] != liveUser || result.Claims["token_use"] != "access") {
				t.Errorf("token for %v, %v", result.Claims["username"], result.Claims["token_use"])
			}
		})
	}
}

// Unlike Cognito and its clients, the server of cognito-srp pads a B or S with a leading zero byte before hashing it, so it rejects about
// 3 of 1000 valid sign-ins. Hence the second attempt.
func TestLiveOurClientSignsInToAnotherServer(t *testing.T) {
	folder := nodeModules(t)
	cmd := node(t, "server.mjs")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { // not in a Cleanup, before which the test's context, and so the server, ends
		stdin.Close()
		io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}()
	say, hear := json.NewEncoder(stdin), json.NewDecoder(stdout)
	ask := func(question, answer any) {
		t.Helper()
		if err := say.Encode(question); err != nil {
			t.Fatal(err)
		}
		if err := hear.Decode(answer); err != nil {
			t.Fatal(err)
		}
	}
	const poolID = "eu-west-1_AbCdEf123"
	if err := say.Encode(map[string]string{"folder": folder, "poolName": strings.TrimPrefix(poolID, "eu-west-1_"),
		"user": liveUser, "password": livePassword}); err != nil {
		t.Fatal(err)
	}
	signIn := func(password string) bool {
		t.Helper()
		client, err := srp.NewClient(poolID, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		var challenge struct{ Salt, B, SecretBlock string }
		ask(map[string]string{"A": client.A()}, &challenge)
		answer, err := client.Answer(password,
			srp.Challenge{User: liveUser, Salt: challenge.Salt, B: challenge.B, SecretBlock: challenge.SecretBlock}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var result struct{ Accepted bool }
		ask(map[string]string{"secretBlock": answer.SecretBlock, "timestamp": answer.Timestamp, "signature": answer.Signature}, &result)
		return result.Accepted
	}
	for range 10 {
		if !signIn(livePassword) {
			if again := signIn(livePassword); !again {
				t.Error("the right password was refused twice")
			}
		}
		if signIn("Wrong-Horse-1") {
			t.Error("a wrong password was accepted")
		}
	}
}

const (
	liveUser     = "alice"
	livePassword = "Correct-Hörse-1"
)

func startPool(t *testing.T) *fakecognito.Server {
	t.Helper()
	pool, err := fakecognito.Start(fakecognito.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := pool.AddUser(fakecognito.User{Username: liveUser, Password: livePassword}); err != nil {
		t.Fatal(err)
	}
	return pool
}
