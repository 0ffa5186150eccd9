package main

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const bindings = `export interface LambdaAliasConfig extends cdktn.TerraformMetaArguments {
    /**
    * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.1.0/docs/resources/lambda_alias#function_name LambdaAlias#function_name}
    */
    readonly functionName: string;
    /**
    * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.1.0/docs/resources/lambda_alias#routing_config LambdaAlias#routing_config}
    */
    readonly routingConfig?: LambdaAliasRoutingConfig;
    /**
    * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.1.0/docs/resources/lambda_alias#old_name LambdaAlias#old_name}
    */
    readonly oldName?: string;
}
export interface LambdaAliasRoutingConfig {
    /**
    * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.1.0/docs/resources/lambda_alias#weights LambdaAlias#weights}
    */
    readonly weights: { [key: string]: number };
    /**
    * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.1.0/docs/resources/lambda_alias#old_name LambdaAlias#old_name}
    */
    readonly oldName?: string;
}
export declare class LambdaAlias extends cdktn.TerraformResource {
    static readonly tfResourceType = "aws_lambda_alias";
    get invokeArn(): string;
    get functionName(): string;
}
`

// The top-level old_name is not deprecated, and that of the block is.
const pulumiNested = `export declare namespace lambda {
    interface AliasRoutingConfig {
        /**
         * @deprecated Use weights instead.
         */
        oldName?: pulumi.Input<string | undefined>;
    }
}
`

const pulumiAlias = `export declare class Alias extends pulumi.CustomResource {
    /**
     * Version.
     *
     * @deprecated Use invokeArn.
     */
    readonly arn: pulumi.Output<string>;
    readonly functionName: pulumi.Output<string>;
}
`

func TestWhatDoesNotFitTheProvider(t *testing.T) {
	b := pack(t, map[string]string{"lib/lambda-alias/index.d.ts": bindings})
	d := pack(t, map[string]string{"lambda/alias.d.ts": pulumiAlias, "types/input.d.ts": pulumiNested})
	for _, test := range []struct {
		name, configuration string
		want                []string
	}{
		{"everything fits", `resource "aws_lambda_alias" "a" {
			count         = 1
			function_name = "f"
			old_name      = "x"
			dynamic "routing_config" {
				for_each = []
				content {
					weights = {}
				}
			}
			lifecycle {
				ignore_changes = [function_name]
			}
		}
		output "o" { value = aws_lambda_alias.a[0].invoke_arn }`, nil},
		{"an unknown argument", `resource "aws_lambda_alias" "a" {
			function_name = "f"
			qualifier     = "x"
		}`, []string{"aws_lambda_alias has no argument or block qualifier"}},
		{"a missing argument", `resource "aws_lambda_alias" "a" {}`, []string{"aws_lambda_alias requires function_name"}},
		{"a missing argument of a block", `resource "aws_lambda_alias" "a" {
			function_name = "f"
			routing_config {}
		}`, []string{"aws_lambda_alias.routing_config requires weights"}},
		{"a deprecated argument of a block", `resource "aws_lambda_alias" "a" {
			function_name = "f"
			routing_config {
				weights  = {}
				old_name = "x"
			}
		}`, []string{"aws_lambda_alias.routing_config.old_name is deprecated: Use weights instead"}},
		{"unknown and deprecated attributes, by index, splat and key", `resource "aws_lambda_alias" "a" {
			function_name = "f"
		}
		output "o" { value = [aws_lambda_alias.a[0].nothing, aws_lambda_alias.a[*].nowhere, aws_lambda_alias.a[each.key].never, aws_lambda_alias.a.arn] }`, []string{
			"aws_lambda_alias has no attribute nothing", "aws_lambda_alias has no attribute nowhere", "aws_lambda_alias has no attribute never",
			"aws_lambda_alias has no attribute arn", "aws_lambda_alias.arn is deprecated: Use invokeArn",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(test.configuration), 0o600); err != nil {
				t.Fatal(err)
			}
			problems, summary, err := check(folder, b, d)
			if err != nil {
				t.Fatal(err)
			}
			for i, problem := range problems {
				_, problems[i], _ = strings.Cut(problem, ": ")
			}
			slices.Sort(problems)
			slices.Sort(test.want)
			if !slices.Equal(problems, test.want) {
				t.Errorf("got %q, want %q", problems, test.want)
			}
			if !strings.HasPrefix(summary, "aws 6.1.0: 1 resource types") {
				t.Error(summary)
			}
		})
	}
}

func TestAPackageWithoutAKindIsAnError(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(`resource "aws_lambda_alias" "a" {}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b, empty := pack(t, map[string]string{"lib/lambda-alias/index.d.ts": bindings}), pack(t, nil)
	if _, _, err := check(folder, empty, empty); err == nil {
		t.Error("a package without declarations is accepted as @cdktn/provider-aws")
	}
	if _, _, err := check(folder, b, empty); err == nil {
		t.Error("deprecations that cannot be found count as none")
	}
	if _, _, err := check(t.TempDir(), b, empty); err == nil {
		t.Error("a folder without resources is accepted")
	}
}

// pack writes an npm package.
func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "package.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		if err := archive.WriteHeader(&tar.Header{Name: "package/" + name, Mode: 0o600, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{archive, zipped, file} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return file.Name()
}
