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

// architecture is what Lambda calls this machine's processor.
var architecture = map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]

// safeLog keeps what functions print.
type safeLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// decisions are the reasons of all decisions so far, in their order.
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

// deployed fetches a function as it was deployed, its zip, its settings and its limits, and runs it here. around is
// what this machine has to give in place of AWS: ways to reach the cloud, and credentials.
func deployed(t *testing.T, c *cloud, name, zip string, around map[string]string) (*lambda.Function, *safeLog) {
	t.Helper()
	function, err := lambdaapi.NewFromConfig(c.config()).GetFunction(t.Context(), &lambdaapi.GetFunctionInput{FunctionName: &name})
	if err != nil {
		t.Fatal(err)
	}
	code, ok := c.codeOf(*function.Configuration.CodeSha256)
	if !ok {
		t.Fatalf("%s: Lambda was never given the code that it says it has", name)
	}
	if built, err := os.ReadFile(zip); err != nil || !bytes.Equal(code, built) {
		t.Errorf("%s: the deployed zip is not the one that was built (%v)", name, err)
	}
	file := filepath.Join(t.TempDir(), "deployed.zip")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(function.Configuration.Environment.Variables)
	for key, value := range around {
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

// localCredentials stand for the role of a function.
func localCredentials(more map[string]string) map[string]string {
	env := map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
	maps.Copy(env, more)
	return env
}

// decodeInto decodes JSON that is expected to be sound.
func decodeInto[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
