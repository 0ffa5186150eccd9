package fakecognito_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// The aws command parses responses differently from the Go SDK.
func TestAWSCommand(t *testing.T) {
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("aws is not on PATH")
	}
	if testing.Short() {
		t.Skip("-short: each call takes about a second")
	}
	w := start(t, fakecognito.Options{})
	aws := func(t *testing.T, arguments ...string) (map[string]any, string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), path, append([]string{"cognito-idp", "--output", "json"}, arguments...)...)
		own := func(setting string) bool { return strings.HasPrefix(setting, "AWS_") } // the developer may have AWS settings
		command.Env = append(slices.DeleteFunc(os.Environ(), own),
			"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER="+w.URL(), "AWS_DEFAULT_REGION="+w.Region(),
			"AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1",
			"AWS_CONFIG_FILE="+filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(t.TempDir(), "none"), "NO_PROXY=127.0.0.1")
		var problem strings.Builder
		command.Stderr = &problem
		output, err := command.Output()
		if err != nil {
			return nil, problem.String()
		}
		var out map[string]any
		if len(strings.TrimSpace(string(output))) > 0 {
			if err := json.Unmarshal(output, &out); err != nil {
				t.Fatal(err)
			}
		}
		return out, ""
	}
	t.Run("a user signs in", func(t *testing.T) {
		// The password is passed in a file, because arguments are visible to other processes.
		input := filepath.Join(t.TempDir(), "input.json")
		body, err := json.Marshal(map[string]any{
			"ClientId": w.WebClientID(), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": map[string]string{"USERNAME": "alice@example.com", "PASSWORD": alicesPassword},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(input, body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, problem := aws(t, "initiate-auth", "--cli-input-json", "file://"+input)
		if problem != "" {
			t.Fatal(problem)
		}
		if result, _ := out["AuthenticationResult"].(map[string]any); result["AccessToken"] == nil {
			t.Error("no access token")
		}
	})
	t.Run("users are listed", func(t *testing.T) {
		out, problem := aws(t, "list-users", "--user-pool-id", w.PoolID())
		if problem != "" {
			t.Fatal(problem)
		}
		if users, _ := out["Users"].([]any); len(users) != 1 {
			t.Errorf("%d users, want 1", len(users))
		}
	})
	t.Run("an error is shown", func(t *testing.T) {
		_, problem := aws(t, "admin-get-user", "--user-pool-id", w.PoolID(), "--username", "nobody")
		if !strings.Contains(problem, "(UserNotFoundException) when calling the AdminGetUser operation") {
			t.Errorf("aws printed: %s", problem)
		}
	})
}
