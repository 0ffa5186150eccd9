package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// tool skips a test if a program is missing. They are slow to start, so they run only when they are asked for.
func tool(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("ADOPTTEST") == "" {
		t.Skip("ADOPTTEST is not set: make test-adopt sets it")
	}
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("!!! there is no %s: docs/adopt.md was not checked by it", name)
	}
}

// in runs a program in a folder and returns its standard output.
func in(t *testing.T, folder string, env []string, command ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(command, " "), err, out, stderr.String())
	}
	return out
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOtherToolsAcceptTheSAMTemplate(t *testing.T) {
	tool(t, "cfn-lint")
	folder := t.TempDir()
	write(t, filepath.Join(folder, "template.yaml"), find(t, "yaml", "AWS::Serverless::Function"))
	in(t, folder, nil, "cfn-lint", "--regions", "eu-west-1", "--", "template.yaml")

	// The translator is the one that CloudFormation runs; cfn-lint brings it.
	script, err := filepath.Abs("testdata/translate.py")
	if err != nil {
		t.Fatal(err)
	}
	type authorizer struct {
		Kind       string `json:"type"`
		TTL        int    `json:"authorizerResultTtlInSeconds"`
		Validation string `json:"identityValidationExpression"`
	}
	var translated struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Body struct {
					Paths       map[string]map[string]struct{ Security []map[string][]string }
					Definitions map[string]struct {
						Type, Name, In string
						Authorizer     *authorizer `json:"x-amazon-apigateway-authorizer"`
					} `json:"securityDefinitions"`
				}
				Runtime, Handler, Action, Principal string
				Environment                         struct{ Variables map[string]any }
				SourceArn                           any
			}
		}
	}
	if err := json.Unmarshal(in(t, folder, []string{"AWS_DEFAULT_REGION=eu-west-1"}, "python3", "-B", script, "template.yaml"), &translated); err != nil {
		t.Fatal(err)
	}
	api := translated.Resources["Api"].Properties.Body
	for path, scheme := range map[string]string{"/orders": "Cognito", "/status": "NONE"} {
		get := api.Paths[path]["get"]
		if len(get.Security) != 1 || get.Security[0][scheme] == nil {
			t.Errorf("GET %s has the security %v, want %s", path, get.Security, scheme)
		}
	}
	scheme := api.Definitions["Cognito"]
	if scheme.Name != "Authorization" || scheme.In != "header" || scheme.Authorizer == nil ||
		*scheme.Authorizer != (authorizer{"token", 300, stack.ValidationExpression}) {
		t.Errorf("%+v", scheme)
	}
	function := translated.Resources["Authorizer"].Properties
	if function.Runtime != "provided.al2023" || function.Handler != "bootstrap" || len(function.Environment.Variables) != 3 {
		t.Errorf("%+v", function)
	}
	permission := translated.Resources["ApiCognitoAuthorizerPermission"].Properties
	if arn, err := json.Marshal(permission.SourceArn); err != nil || permission.Principal != "apigateway.amazonaws.com" || !strings.Contains(string(arn), "/authorizers/*") {
		t.Errorf("%+v, %v", permission, err)
	}
}

func TestOtherToolsAcceptTheTerraform(t *testing.T) {
	tool(t, "terraform")
	folder := t.TempDir()
	for name, content := range map[string]string{
		"authorizer.tf":       find(t, "hcl", `"aws_api_gateway_authorizer"`),
		"dist/manifest.json":  `{"architecture": "arm64", "contract_digest": "0"}`,
		"dist/authorizer.zip": "zip",
		// What a team has already.
		"api.tf": `
variable "region" { default = "eu-west-1" }
variable "user_pool_id" { default = "eu-west-1_AbCdEf123" }
variable "client_ids" { default = ["web"] }
resource "aws_api_gateway_rest_api" "orders" { name = "orders" }
resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_rest_api.orders.root_resource_id
  path_part   = "orders"
}
`,
		"page.tftest.hcl": `
mock_provider "aws" {}
run "plan" {
  command = plan
  assert {
    condition = (aws_api_gateway_method.orders_get.authorization == "CUSTOM"
      && aws_lambda_function.authorizer.architectures == tolist(["arm64"])
      && aws_lambda_function.authorizer.environment[0].variables.CONTRACT_DIGEST == "0"
      && aws_api_gateway_authorizer.this.authorizer_result_ttl_in_seconds == 300)
    error_message = "The plan is not what the page says."
  }
}
`,
	} {
		write(t, filepath.Join(folder, name), content)
	}
	init := exec.CommandContext(t.Context(), "terraform", "init", "-backend=false", "-input=false", "-no-color")
	init.Dir = folder
	if out, err := init.CombinedOutput(); err != nil {
		t.Skipf("!!! the AWS provider cannot be had, so the Terraform of docs/adopt.md was not checked: %s", out)
	}
	in(t, folder, nil, "terraform", "validate", "-no-color")
	in(t, folder, nil, "terraform", "test", "-no-color")
}

func TestOtherToolsAcceptTheWorkflow(t *testing.T) {
	tool(t, "go")
	file := filepath.Join(t.TempDir(), "rules.yml")
	write(t, file, find(t, "yaml", "runs-on:"))
	in(t, root+"/tools/actionlint", []string{"GOWORK=off"}, "go", "tool", "actionlint", file)
}
