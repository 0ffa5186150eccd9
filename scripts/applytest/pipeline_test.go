package applytest

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// The stack of the roles for GitHub Actions.
func TestThePipelineStack(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	tf := newPipeline(t, c)
	outputs := tf.deploy(t)
	t.Run("who may become which role", func(t *testing.T) { checkTrustPolicies(t, c) })
	t.Run("the bucket of the state", func(t *testing.T) { checkStateBucket(t, c, outputs["state_bucket"]) })
	t.Run("the variables of the repository", func(t *testing.T) { checkRepositoryVariables(t, outputs) })
	t.Run("who may do what", func(t *testing.T) { checkRolePolicies(t, c, outputs) })
	tf.expectNoChanges(t)
	if _, err := tf.try(t.Context(), "destroy", "-auto-approve"); err == nil || !strings.Contains(err.Error(), "Instance cannot be destroyed") {
		t.Errorf("the bucket of the state can be destroyed (%v)", err)
	}
	allowDestroy := "resource \"aws_s3_bucket\" \"state\" {\n  lifecycle {\n    prevent_destroy = false\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(tf.dir, "state_override.tf"), []byte(allowDestroy), 0o600); err != nil {
		t.Fatal(err)
	}
	tf.destroy(t, c)
	api := iam.NewFromConfig(c.config())
	providers, err := api.ListOpenIDConnectProviders(t.Context(), &iam.ListOpenIDConnectProvidersInput{})
	if err != nil || len(providers.OpenIDConnectProviderList) > 0 {
		t.Errorf("%d OpenID Connect providers are left (%v)", len(providers.OpenIDConnectProviderList), err)
	}
	policies, err := api.ListPolicies(t.Context(), &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal})
	if err != nil || len(policies.Policies) > 0 {
		t.Errorf("%d policies are left (%v)", len(policies.Policies), err)
	}
}

func newPipeline(t *testing.T, c *cloud) *configuration {
	t.Helper()
	return newConfiguration(t, c, "terraform/pipeline", zips, map[string]any{
		"region": region, "name": "applytest",
		"repository": "example/user-directory", "owner_id": "123", "repository_id": "456",
	})
}

func checkTrustPolicies(t *testing.T, c *cloud) {
	api := iam.NewFromConfig(c.config())
	providers, err := api.ListOpenIDConnectProviders(t.Context(), &iam.ListOpenIDConnectProvidersInput{})
	if err != nil || len(providers.OpenIDConnectProviderList) != 1 {
		t.Fatalf("%d OpenID Connect providers, want 1 (%v)", len(providers.OpenIDConnectProviderList), err)
	}
	provider, err := api.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: providers.OpenIDConnectProviderList[0].Arn})
	if err != nil || *provider.Url != "token.actions.githubusercontent.com" || !slices.Equal(provider.ClientIDList, []string{"sts.amazonaws.com"}) {
		t.Errorf("the provider is not GitHub's, for AWS (%v)", err)
	}

	token := func(subject, ref string) map[string]string {
		return map[string]string{"aud": "sts.amazonaws.com", "sub": subject, "ref": ref, "repository_id": "456"}
	}
	with := func(claims map[string]string, name, value string) map[string]string {
		claims[name] = value
		return claims
	}
	const (
		older = "repo:example/user-directory:"
		newer = "repo:example@123/user-directory@456:"
		main  = "refs/heads/main"
	)
	for _, test := range []struct {
		name         string
		claims       map[string]string
		plan, deploy bool
	}{
		{"a pull request", token(newer+"pull_request", "refs/pull/7/merge"), true, false},
		{"a pull request of a repository with the older subject", token(older+"pull_request", "refs/pull/7/merge"), true, false},
		{"the branch", token(newer+"ref:refs/heads/main", main), true, false},
		{"another branch", token(newer+"ref:refs/heads/other", "refs/heads/other"), false, false},
		{"a tag", token(newer+"ref:refs/tags/v1", "refs/tags/v1"), false, false},
		{"the environment on the branch", token(newer+"environment:production", main), false, true},
		{"the environment on the branch, with the older subject", token(older+"environment:production", main), false, true},
		{"the environment on another branch", token(newer+"environment:production", "refs/heads/other"), false, false},
		{"another environment", token(newer+"environment:staging", main), false, false},
		{"another repository of the same owner", token("repo:example@123/other@457:environment:production", main), false, false},
		{"a repository that got the name later", with(token(older+"environment:production", main), "repository_id", "999"), false, false},
		{"an owner named like the subject", with(token("repo:example-123/user-directory-456:environment:production", main), "repository_id", "999"), false, false},
		{"a token for another service than AWS", with(token(newer+"environment:production", main), "aud", "https://github.com/example"), false, false},
		{"a token without its number", with(token(newer+"environment:production", main), "repository_id", ""), false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			context := map[string]string{}
			for name, value := range test.claims {
				context["token.actions.githubusercontent.com:"+name] = value
			}
			for role, want := range map[string]bool{"applytest-plan-" + region: test.plan, "applytest-deploy-" + region: test.deploy} {
				if got := trustOf(t, c, role).allow("sts:AssumeRoleWithWebIdentity", "", context); got != want {
					t.Errorf("may become %s: %t, want %t", role, got, want)
				}
			}
		})
	}
}

func checkStateBucket(t *testing.T, c *cloud, bucket string) {
	if want := "applytest-state-123456789012-" + region; bucket != want {
		t.Errorf("the state lies in %s, want %s", bucket, want)
	}
	var versioning struct{ Status string }
	if c.callXML(t, "s3", http.MethodGet, "/"+bucket+"?versioning", "", &versioning); versioning.Status != "Enabled" {
		t.Errorf("versions are kept: %q", versioning.Status)
	}
	var encryption struct {
		Algorithm string `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
	}
	if c.callXML(t, "s3", http.MethodGet, "/"+bucket+"?encryption", "", &encryption); encryption.Algorithm != "AES256" {
		t.Errorf("the state is encrypted by %q", encryption.Algorithm)
	}
	var public struct{ BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets bool }
	if c.callXML(t, "s3", http.MethodGet, "/"+bucket+"?publicAccessBlock", "", &public); !public.BlockPublicAcls || !public.BlockPublicPolicy || !public.IgnorePublicAcls || !public.RestrictPublicBuckets {
		t.Errorf("the state can be made public: %+v", public)
	}
	var lifecycle struct {
		Rules []struct {
			ID     string
			Prefix string `xml:"Filter>Prefix"`
			Days   int    `xml:"Expiration>Days"`
			Old    int    `xml:"NoncurrentVersionExpiration>NoncurrentDays"`
		} `xml:"Rule"`
	}
	c.callXML(t, "s3", http.MethodGet, "/"+bucket+"?lifecycle", "", &lifecycle)
	got := map[string][2]int{}
	for _, rule := range lifecycle.Rules {
		got[rule.Prefix] = [2]int{rule.Days, rule.Old}
	}
	if want := map[string][2]int{"plans/": {7, 7}, "": {0, 90}}; !maps.Equal(got, want) {
		t.Errorf("what is there and what was there end after %v days, want %v", got, want)
	}
	policy := permissionsIn(t, c.bucketPolicies.of(bucket))
	for _, resource := range []string{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/plans/x.tar"} {
		if !policy.denies("s3:GetObject", resource, map[string]string{"aws:SecureTransport": "false"}) {
			t.Errorf("%s can be had over plain HTTP", resource)
		}
		if policy.denies("s3:GetObject", resource, map[string]string{"aws:SecureTransport": "true"}) {
			t.Errorf("%s cannot be had at all", resource)
		}
	}
}

// checkRepositoryVariables checks that the output for GitHub has the variables that the workflow reads.
func checkRepositoryVariables(t *testing.T, outputs map[string]string) {
	workflow, err := os.ReadFile(filepath.Join(root, ".github/workflows/deploy.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, m := range regexp.MustCompile(`\bvars\.([A-Z_]+)`).FindAllStringSubmatch(string(workflow), -1) {
		if m[1] != "SMOKE_ORIGIN" { // one of the deployment's own settings
			asked = append(asked, m[1])
		}
	}
	slices.Sort(asked)
	var given []string
	for line := range strings.Lines(outputs["repository_variables"]) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		given = append(given, name)
		same := map[string]string{
			"AWS_REGION": "region", "AWS_PLAN_ROLE_ARN": "plan_role_arn", "AWS_DEPLOY_ROLE_ARN": "deploy_role_arn",
			"STATE_BUCKET": "state_bucket", "STATE_KEY": "state_key",
		}
		if value == "" || value != outputs[same[name]] {
			t.Errorf("%s is %q, want the output %s", name, value, same[name])
		}
	}
	slices.Sort(given)
	if asked = slices.Compact(asked); !slices.Equal(given, asked) {
		t.Errorf("the stack gives %v, the workflow asks for %v", given, asked)
	}
}
