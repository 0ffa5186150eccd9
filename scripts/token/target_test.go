package token

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// ours are the variables that say where to sign in. A test begins without any.
var ours = []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_REGION", "AWS_DEFAULT_REGION",
	"COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID", "COGNITO_REGION", "COGNITO_TOKEN_URL", "COGNITO_ISSUER", "COGNITO_API_URL", "COGNITO_CLIENT_SECRET"}

// inEmptyFolder has the test work in an empty folder and an environment without ours.
func inEmptyFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range ours {
		t.Setenv(name, "")
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// defaults returns the options with kong's defaults.
func defaults(o targetOptions) targetOptions {
	o.Terraform, o.Config = "terraform", "cognito.yaml"
	if o.Stage == "" {
		o.Stage = "dev"
	}
	return o
}

func find(t *testing.T, o targetOptions) (target, string, error) {
	t.Helper()
	var notes bytes.Buffer
	p, err := defaults(o).requireClient(t.Context(), cli.Console{In: os.Stdin, Out: &notes, Err: &notes})
	return p, notes.String(), err
}

const twoStages = `
dev:
  aws:
    region: eu-west-2
  cognito:
    userPoolId: eu-west-2_FromYaml1
    userPoolClientId: yamlclient
prod:
  aws:
    region: eu-west-3
    cognitio:
      userPoolId: eu-west-3_FromYaml2
      userPoolClientId: prodclient
`

// withTerraform has the configuration of testdata applied in ./terraform.
func withTerraform(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testFolder, "testdata", "terraform", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	applyTerraform(t, string(content))
}

// applyTerraform has a configuration applied in ./terraform by the real Terraform.
func applyTerraform(t *testing.T, configuration string) {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("SKIPPED: terraform is not installed, so nothing here shows that its outputs are read")
	}
	write(t, "terraform/main.tf", configuration)
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-auto-approve", "-input=false"}} {
		cmd := exec.CommandContext(t.Context(), "terraform", append([]string{"-chdir=terraform"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("terraform %s: %v\n%s", args[0], err, out)
		}
	}
}

// testFolder is where the tests began: this package.
var testFolder, _ = os.Getwd()

func TestSourcesAreAskedInOrder(t *testing.T) {
	inEmptyFolder(t)
	withTerraform(t)
	write(t, "cognito.yaml", twoStages)
	t.Setenv("COGNITO_USER_POOL_ID", "eu-north-1_FromEnv12")
	t.Setenv("COGNITO_CLIENT_ID", "envclient")

	expect := func(o targetOptions, pool, client, region, from string) {
		t.Helper()
		p, notes, err := find(t, o)
		if err != nil {
			t.Fatal(err)
		}
		if p.PoolID != pool || p.ClientID != client || p.Region != region {
			t.Errorf("%s, %s in %s", p.PoolID, p.ClientID, p.Region)
		}
		if !strings.Contains(notes, "("+from+").") || !strings.Contains(notes, pool) {
			t.Errorf("it says: %s", notes)
		}
	}
	terraform := "from the Terraform outputs of terraform"
	expect(targetOptions{}, "eu-west-1_AbCdEf123", "1webclientexample", "eu-west-1", terraform)
	expect(targetOptions{ClientID: "mine"}, "eu-west-1_AbCdEf123", "mine", "eu-west-1", terraform)
	expect(targetOptions{UserPoolID: "us-east-1_MyOwnPool", ClientID: "mine"}, "us-east-1_MyOwnPool", "mine", "us-east-1", "from the options")
	// The client of another pool would not fit, so sources that name another pool are ignored.
	expect(targetOptions{UserPoolID: "eu-north-1_FromEnv12"}, "eu-north-1_FromEnv12", "envclient", "eu-north-1", "from the environment")
	expect(targetOptions{UserPoolID: "eu-west-2_FromYaml1"}, "eu-west-2_FromYaml1", "yamlclient", "eu-west-2", "from stage dev of cognito.yaml")
	expect(targetOptions{UserPoolID: "eu-west-2_FromYaml1", Region: "eu-central-1"}, "eu-west-2_FromYaml1", "yamlclient", "eu-central-1", "from stage dev of cognito.yaml")

	// Terraform describes AWS, so it is not used with another endpoint.
	t.Run("a fake", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1")
		expect(targetOptions{}, "eu-north-1_FromEnv12", "envclient", "eu-north-1", "from the environment")
	})
	if err := os.RemoveAll("terraform"); err != nil {
		t.Fatal(err)
	}
	expect(targetOptions{}, "eu-north-1_FromEnv12", "envclient", "eu-north-1", "from the environment")
	t.Setenv("COGNITO_USER_POOL_ID", "")
	t.Setenv("COGNITO_CLIENT_ID", "")
	expect(targetOptions{}, "eu-west-2_FromYaml1", "yamlclient", "eu-west-2", "from stage dev of cognito.yaml")
	expect(targetOptions{Stage: "prod"}, "eu-west-3_FromYaml2", "prodclient", "eu-west-3", "from stage prod of cognito.yaml")
}

func TestTerraformKnowsEverything(t *testing.T) {
	inEmptyFolder(t)
	withTerraform(t)
	p, _, err := find(t, targetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := target{Region: "eu-west-1", PoolID: "eu-west-1_AbCdEf123", ClientID: "1webclientexample", MachineClientID: "2machineclientexample",
		machineSecret: "machine-secret-example", TokenURL: "https://login.auth.eu-west-1.amazoncognito.com/oauth2/token",
		Issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", APIURL: "https://api.example.com",
		origin: "the Terraform outputs of terraform"}
	if p != want {
		t.Errorf("got %+v", p)
	}
}

func TestATerraformThatFailsIsMentionedAndSkipped(t *testing.T) {
	inEmptyFolder(t)
	write(t, "cognito.yaml", twoStages)
	write(t, "terraform/terraform.tfstate", "not a state")
	p, notes, err := find(t, targetOptions{})
	if err != nil || p.PoolID != "eu-west-2_FromYaml1" {
		t.Errorf("%s, %v", p.PoolID, err)
	}
	if !strings.Contains(notes, "terraform output failed in terraform: ") || !strings.Contains(notes, "looking elsewhere") || strings.Contains(notes, "exit status") {
		t.Errorf("it says: %s", notes)
	}
	t.Setenv("PATH", "")
	if _, notes, err = find(t, targetOptions{}); err != nil || !strings.Contains(notes, "terraform is not installed") {
		t.Errorf("it says: %s (%v)", notes, err)
	}
}

func TestAConfigurationThatWasNeverAppliedIsIgnored(t *testing.T) {
	for name, document := range map[string]string{"no outputs": "{}", "outputs without values": `{"user_pool_id":{"sensitive":false,"type":"string","value":null}}`} {
		t.Run(name, func(t *testing.T) {
			if p, err := fromOutputs([]byte(document), "terraform"); p != nil || err != nil {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
	if p, err := fromOutputs([]byte("Warning"), "terraform"); p != nil || err == nil {
		t.Errorf("not JSON: %+v, %v", p, err)
	}
}

func TestMissingAndInvalidValuesAreNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		yaml    string
		options targetOptions
		says    []string
	}{
		"nothing anywhere":   {"", targetOptions{}, []string{"no user pool: give --user-pool-id, set COGNITO_USER_POOL_ID", "no app client: give --client-id, set COGNITO_CLIENT_ID"}},
		"no client":          {"", targetOptions{UserPoolID: "eu-west-1_AbCdEf123"}, []string{"no app client"}},
		"an invalid pool ID": {"", targetOptions{UserPoolID: "eu-west-1", ClientID: "a"}, []string{`user pool id "eu-west-1": want the form of eu-west-1_AbCdEf123`}},
		"a region that leads elsewhere": {"", targetOptions{UserPoolID: "eu-west-1_AbCdEf123", ClientID: "a", Region: "evil.example.com/"},
			[]string{`region "evil.example.com/": want the form of eu-west-1`}},
		"a pool that leads elsewhere": {"", targetOptions{UserPoolID: "evil.example.com/_AbCdEf123", ClientID: "a"}, []string{"user pool id"}},
		"two problems":                {"", targetOptions{UserPoolID: "x", ClientID: "a b"}, []string{"user pool id", "client id"}},
		"no such stage":               {twoStages, targetOptions{Stage: "test"}, []string{`cognito.yaml has no stage "test": choose one with --stage`}},
		"not YAML":                    {"dev: [", targetOptions{}, []string{"cognito.yaml: [1:"}},
		"a list for a stage":          {"dev: [1]", targetOptions{}, []string{"cognito.yaml: [1:"}},
		"a number for an id":          {"dev:\n  cognito:\n    userPoolId: {a: b}\n", targetOptions{}, []string{"cognito.yaml: [3:"}},
		"a stage without a pool":      {"dev:\n  aws:\n    region: eu-west-1\n", targetOptions{}, []string{`the stage "dev" has no cognito`}},
		"both spellings":              {"dev:\n  cognito: {userPoolId: eu-west-1_A}\n  cognitio: {userPoolId: eu-west-1_B}\n", targetOptions{}, []string{"names more than one user pool"}},
	} {
		t.Run(name, func(t *testing.T) {
			inEmptyFolder(t)
			if tt.yaml != "" {
				write(t, "cognito.yaml", tt.yaml)
			}
			p, _, err := find(t, tt.options)
			if err == nil {
				t.Fatalf("accepted: %+v", p)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("it says %q, want %q", err, s)
				}
			}
			if p != (target{}) {
				t.Errorf("a place beside the error: %+v", p)
			}
		})
	}
}

func TestSecureAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"https://api.example.com/x": true, "http://127.0.0.1:8080": true, "http://[::1]:8080/": true, "http://localhost": true,
		"http://api.example.com": false, "http://127.0.0.1.example.com": false, "http://localhost.example.com": false,
		"https://": false, "//host": false, "ftp://127.0.0.1": false, "": false, "https://user:pass@host/": false, "http://2130706433": false,
	} {
		if got := secureAddress(address); got != want {
			t.Errorf("%q: %t", address, got)
		}
	}
}

func TestAProgramSignsInWithWhatTerraformKnows(t *testing.T) {
	w := newWorld(t, fakecognito.Options{})
	var outputs strings.Builder
	for name, value := range map[string]string{"user_pool_id": w.PoolID(), "web_client_id": w.WebClientID(), "issuer": w.Issuer(),
		"machine_client_id": w.MachineClientID(), "machine_client_secret": w.MachineClientSecret(), "token_url": w.TokenURL()} {
		fmt.Fprintf(&outputs, "output %q {\n  value     = %q\n  sensitive = true\n}\n", name, value)
	}
	t.Chdir(w.folder)
	applyTerraform(t, outputs.String())
	w.env = map[string]string{}
	token := w.run("", "client").ok()
	w.run(token, "verify").ok() // the machine's client is among those accepted
	if claims := claimsOf(t, token); claims["client_id"] != w.MachineClientID() {
		t.Errorf("a token for %v", claims["client_id"])
	}
	w.run("", "client", "--client-id", w.SecretClientID()).refused("no client secret") // Terraform's is not for this one
}
