package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml" // its errors have line and column, unlike those of other maintained YAML libraries

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/running"
)

// terraformTimeout limits `terraform output`, which may have to read a remote state.
const terraformTimeout = 30 * time.Second

// terraform reads the outputs of the configuration, if it has been initialised on this machine. Outputs describe AWS, so they
// are not read if another endpoint is set.
func (o targetOptions) terraform(c cli.Console) targetSource {
	return func(ctx context.Context) (*target, error) {
		if endpoint() != "" || !initialised(o.Terraform) {
			return nil, nil
		}
		program, err := exec.LookPath("terraform")
		if err != nil {
			c.Note("%s is there, but terraform is not installed: looking elsewhere.", o.Terraform)
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(ctx, terraformTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, "-chdir="+o.Terraform, "output", "-no-color", "-json")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			c.Note("terraform output failed in %s: %s: looking elsewhere.", o.Terraform, errorLine(stderr.String(), err))
			return nil, nil
		}
		return fromOutputs(out, o.Terraform)
	}
}

// initialised reports whether Terraform has been initialised in the folder.
func initialised(folder string) bool {
	for _, name := range []string{".terraform", "terraform.tfstate"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	return false
}

// errorLine returns the error in Terraform's standard error, which may begin with warnings.
func errorLine(stderr string, otherwise error) string {
	for line := range strings.Lines(stderr) {
		if _, problem, found := strings.Cut(line, "Error: "); found {
			return strings.TrimSpace(problem)
		}
	}
	return otherwise.Error()
}

// fromOutputs decodes the output of `terraform output -json`. An output may be null, for example the machine client of a pool
// that Terraform did not create.
func fromOutputs(document []byte, folder string) (*target, error) {
	var outputs map[string]struct{ Value any }
	if err := json.Unmarshal(document, &outputs); err != nil {
		return nil, fmt.Errorf("the outputs of %s are not valid JSON of terraform output", folder)
	}
	text := func(name string) string {
		s, _ := outputs[name].Value.(string)
		return s
	}
	if text("user_pool_id") == "" {
		return nil, nil // nothing was applied
	}
	return &target{
		Region: text("region"), PoolID: text("user_pool_id"), ClientID: text("web_client_id"),
		MachineClientID: text("machine_client_id"), machineSecret: text("machine_client_secret"),
		TokenURL: text("token_url"), Issuer: text("issuer"), APIURL: text("api_url"),
		origin: "the Terraform outputs of " + folder,
	}, nil
}

// fromEnvironment reads the environment. AWS_REGION alone does not name a pool, so it is not read here.
func fromEnvironment(context.Context) (*target, error) {
	p := target{
		Region: os.Getenv("COGNITO_REGION"), PoolID: os.Getenv("COGNITO_USER_POOL_ID"), ClientID: os.Getenv("COGNITO_CLIENT_ID"),
		TokenURL: os.Getenv("COGNITO_TOKEN_URL"), Issuer: os.Getenv("COGNITO_ISSUER"), APIURL: os.Getenv("COGNITO_API_URL"),
	}
	if p == (target{}) {
		return nil, nil
	}
	p.MachineClientID = p.ClientID
	p.origin = "the environment"
	return &p, nil
}

// fromRun finds the pool of a cognito-authorizer run on this machine. It sets the address in the environment of this process,
// where the SDK reads it, as if the user had exported it.
func fromRun(context.Context) (*target, error) {
	found, ok := running.Find()
	if set := endpoint(); !ok || set != "" && set != found.Endpoint {
		return nil, nil
	}
	if err := os.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", found.Endpoint); err != nil {
		return nil, err
	}
	return &target{
		Region: found.Region, PoolID: found.UserPoolID, ClientID: found.ClientID, MachineClientID: found.MachineClientID,
		machineSecret: found.MachineClientSecret, TokenURL: found.TokenURL, APIURL: found.APIURL,
		origin: "cognito-authorizer run on this machine",
	}, nil
}

// yamlPool is the cognito part of a stage in the YAML file.
type yamlPool struct {
	UserPoolID string `yaml:"userPoolId"`
	ClientID   string `yaml:"userPoolClientId"`
}

// stage is one stage of the YAML file. The user pool may be beside aws or nested in it. The misspelling occurs in existing
// files.
type stage struct {
	AWS struct {
		Region   string   `yaml:"region"`
		Cognito  yamlPool `yaml:"cognito"`
		Cognitio yamlPool `yaml:"cognitio"`
	} `yaml:"aws"`
	Cognito  yamlPool `yaml:"cognito"`
	Cognitio yamlPool `yaml:"cognitio"`
}

// yaml reads the YAML file, if it exists.
func (o targetOptions) yaml(context.Context) (*target, error) {
	raw, err := os.ReadFile(o.Config)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var stages map[string]stage
	if err := yaml.Unmarshal(raw, &stages); err != nil {
		problem, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
		return nil, fmt.Errorf("%s: %s", o.Config, problem)
	}
	s, ok := stages[o.Stage]
	if !ok {
		return nil, fmt.Errorf("%s has no stage %q: choose one with --stage", o.Config, o.Stage)
	}
	var found *target
	for _, given := range []yamlPool{s.Cognito, s.Cognitio, s.AWS.Cognito, s.AWS.Cognitio} {
		switch {
		case given == yamlPool{}:
		case found != nil:
			return nil, fmt.Errorf("%s: the stage %q names more than one user pool", o.Config, o.Stage)
		default:
			found = &target{Region: s.AWS.Region, PoolID: given.UserPoolID, ClientID: given.ClientID,
				MachineClientID: given.ClientID, origin: "stage " + o.Stage + " of " + o.Config}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%s: the stage %q has no cognito: userPoolId and userPoolClientId", o.Config, o.Stage)
	}
	return found, nil
}
