package check_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/check"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

func TestCheckPrintsHowManyClassesWereDecided(t *testing.T) {
	type commands struct {
		Check check.Command `cmd:""`
	}
	var out strings.Builder
	app := cli.App{Name: "tool", Grammar: &commands{}}
	console := cli.Console{Out: &out, Err: &out}
	if code := app.Run(t.Context(), []string{"check", "../testdata/users.yaml"}, console); code != 0 || !strings.Contains(out.String(), "classes of callers decided for every path\n") {
		t.Errorf("exit code %d, %s", code, out.String())
	}
	out.Reset()
	var report struct{ Classes, Decided int }
	if code := app.Run(t.Context(), []string{"check", "../testdata/users.yaml", "--json"}, console); code != 0 {
		t.Errorf("exit code %d, %s", code, out.String())
	}
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil || report.Classes == 0 || report.Decided != report.Classes {
		t.Errorf("%+v, %v", report, err)
	}
}
