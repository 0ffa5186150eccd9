package applytest

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// architecture is Lambda's name of this machine's processor.
var architecture = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]

// safeLog collects the output of functions.
type safeLog struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed by the next write; nil if nobody waits
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
	return l.text.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// decisions returns the reasons of all decisions so far, in order.
func (l *safeLog) decisions(t *testing.T) (reasons []string) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, `"decision"`) {
			continue // metrics, and lines that are not JSON
		}
		reasons = append(reasons, decodeInto[struct{ Reason string }](t, []byte(line)).Reason)
	}
	return reasons
}

// decisionsAfter waits until there are more than n decisions and returns them. What a function prints may arrive after its result.
func (l *safeLog) decisionsAfter(t *testing.T, n int) []string {
	t.Helper()
	tooLong := time.After(2 * time.Minute)
	for {
		l.mu.Lock()
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		if all := l.decisions(t); len(all) > n {
			return all
		}
		select {
		case <-changed:
		case <-tooLong:
			return l.decisions(t)
		}
	}
}

// deployed fetches a deployed function (zip, settings, limits) and runs it here. extraEnv has what AWS would provide:
// addresses and credentials.
func deployed(t *testing.T, c *cloud, name, zip string, extraEnv map[string]string) (*lambda.Function, *safeLog) {
	t.Helper()
	function, err := lambdaapi.NewFromConfig(c.config()).GetFunction(t.Context(), &lambdaapi.GetFunctionInput{FunctionName: &name})
	if err != nil {
		t.Fatal(err)
	}
	code, ok := c.codeOf(*function.Configuration.CodeSha256)
	if !ok {
		t.Fatalf("%s: Lambda reports code that was never uploaded", name)
	}
	if built, err := os.ReadFile(zip); err != nil || !bytes.Equal(code, built) {
		t.Errorf("%s: the deployed zip is not the one that was built (%v)", name, err)
	}
	file := filepath.Join(t.TempDir(), "deployed.zip")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(function.Configuration.Environment.Variables)
	for key, value := range extraEnv {
		if _, taken := env[key]; taken {
			t.Fatalf("%s: the setting %s is deployed and would be replaced here", name, key)
		}
		env[key] = value
	}
	log := &safeLog{}
	f, err := lambda.Start(lambda.Options{
		Name: name, Zip: file, Env: env, Region: region, Log: log,
		Timeout:  time.Duration(*function.Configuration.Timeout) * time.Second,
		MemoryMB: int(*function.Configuration.MemorySize),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, log
}

// localCredentials returns an environment with credentials instead of a function's role.
func localCredentials(more map[string]string) map[string]string {
	env := map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
	maps.Copy(env, more)
	return env
}

// decodeInto decodes JSON and fails the test if it is invalid.
func decodeInto[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
