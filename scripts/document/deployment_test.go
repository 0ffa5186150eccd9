package document_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/document"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// large returns a document whose policies fit only if the stage's name is short.
func large(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: Large, version: \"1\"}\npaths:\n")
	for i := range 62 {
		fmt.Fprintf(&b, "  /resource-%03d:\n    get: {security: [{groups: [r]}], responses: {}}\n", i)
		fmt.Fprintf(&b, "  /resource-%03d/x:\n    get: {security: [{groups: [w]}], responses: {}}\n", i)
	}
	b.WriteString("components: {securitySchemes: {groups: {type: http, scheme: bearer}}}\n")
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAShorterStageLeavesRoomForMoreRoutes(t *testing.T) {
	argument := document.Argument{Contract: large(t)}
	var refused *contract.Error
	if _, err := argument.Compile(); !errors.As(err, &refused) || !strings.Contains(err.Error(), "--stage") {
		t.Errorf("without a stage: %v", err)
	}
	argument.Stage, argument.Region = "v1", "eu-west-1"
	if _, err := argument.Compile(); err != nil {
		t.Errorf("with a short stage: %v", err)
	}
}

func TestTheLongestUsualNameIsAssumedForAMissingOne(t *testing.T) {
	for want, d := range map[string]document.Deployment{
		"any stage whose name has up to 20 characters in any region (85 bytes before the method of each resource)":        {},
		"stage prod in eu-west-1 (58 bytes before the method of each resource)":                                           {Stage: "prod", Region: "eu-west-1"},
		"stage $default in cn-north-1 (66 bytes before the method of each resource)":                                      {Stage: "$default", Region: "cn-north-1"},
		"any stage whose name has up to 20 characters in us-gov-west-1 (85 bytes before the method of each resource)":     {Region: "us-gov-west-1"},
		"any stage whose name has up to 20 characters in any region of aws (78 bytes before the method of each resource)": {Partition: "aws"},
		"any stage whose name has up to 20 characters in eusc-de-east-1 (84 bytes before the method of each resource)":    {Region: "eusc-de-east-1"},
	} {
		if got := d.String(); got != want {
			t.Errorf("%+v: %s", d, got)
		}
	}
}

func TestAnInvalidNameIsAUsageError(t *testing.T) {
	for _, d := range []document.Deployment{
		{Stage: "prod/"}, {Stage: "*"}, {Stage: strings.Repeat("s", 129)}, {Region: "eu west 1"}, {Region: "Ireland"}, {Region: "*"}, {Partition: "aws*"}, {Partition: "amazon"},
	} {
		var usage *cli.UsageError
		if _, err := d.Known(); !errors.As(err, &usage) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}
