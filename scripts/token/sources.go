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

	"github.com/goccy/go-yaml" // of the maintained YAML libraries the one whose errors name line and column

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/running"
)

// terraformTimeout bounds `terraform output`, which may have to ask a remote state.
const terraformTimeout = 30 * time.Second

// terraform reads the outputs of the configuration, if it has been initialised on this machine. Outputs
// describe AWS, so they are not read while a fake serves Cognito.
func (o placeOptions) terraform(c cli.Console) source {
	return func(ctx context.Context) (*place, error) {
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
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			c.Note("terraform output failed in %s: %s: looking elsewhere.", o.Terraform, errorLine(complaint.String(), err))
			return nil, nil
		}
		return fromOutputs(out, o.Terraform)
	}
}

// initialised reports whether Terraform has been at work in the folder.
func initialised(folder string) bool {
	for _, name := range []string{".terraform", "terraform.tfstate"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	return false
}

// errorLine is the line of Terraform's complaint that names the error. Warnings may stand before it.
func errorLine(complaint string, otherwise error) string {
	for line := range strings.Lines(complaint) {
		if _, problem, found := strings.Cut(line, "Error: "); found {
			return strings.TrimSpace(problem)
		}
	}
	return otherwise.Error()
}

// fromOutputs reads what `terraform output -json` prints. An output may be null, for example the machine
// client of a pool that was there before.
func fromOutputs(document []byte, folder string) (*place, error) {
	var outputs map[string]struct{ Value any }
	if err := json.Unmarshal(document, &outputs); err != nil {
		return nil, fmt.Errorf("the outputs of %s are not the JSON that terraform output prints", folder)
	}
	text := func(name string) string {
		s, _ := outputs[name].Value.(string)
		return s
	}
	if text("user_pool_id") == "" {
		return nil, nil // nothing was applied
	}
	return &place{
		Region: text("region"), PoolID: text("user_pool_id"), ClientID: text("web_client_id"),
		MachineClientID: text("machine_client_id"), machineSecret: text("machine_client_secret"),
		TokenURL: text("token_url"), Issuer: text("issuer"), APIURL: text("api_url"),
		from: "the Terraform outputs of " + folder,
	}, nil
}

// fromEnvironment reads the environment. The region alone says nothing about a pool.
func fromEnvironment(context.Context) (*place, error) {
	p := place{
		Region: os.Getenv("COGNITO_REGION"), PoolID: os.Getenv("COGNITO_USER_POOL_ID"), ClientID: os.Getenv("COGNITO_CLIENT_ID"),
		TokenURL: os.Getenv("COGNITO_TOKEN_URL"), Issuer: os.Getenv("COGNITO_ISSUER"), APIURL: os.Getenv("COGNITO_API_URL"),
	}
	if p == (place{}) {
		return nil, nil
	}
	p.MachineClientID = p.ClientID
	p.from = "the environment"
	return &p, nil
}

// fromRun finds the pool of a cognito-authorizer run on this machine. The SDK and the rest learn its address from the
// environment of this process, as if the person had exported it.
func fromRun(context.Context) (*place, error) {
	if endpoint() != "" {
		return nil, nil
	}
	found, ok := running.Find()
	if !ok {
		return nil, nil
	}
	if err := os.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", found.Endpoint); err != nil {
		return nil, err
	}
	return &place{
		Region: found.Region, PoolID: found.UserPoolID, ClientID: found.ClientID, MachineClientID: found.MachineClientID,
		machineSecret: found.MachineClientSecret, TokenURL: found.TokenURL, APIURL: found.APIURL,
		from: "cognito-authorizer run on this machine",
	}, nil
}

// pool is the cognito part of a stage in the YAML file.
type pool struct {
	UserPoolID string `yaml:"userPoolId"`
	ClientID   string `yaml:"userPoolClientId"`
}

// stage is one stage of the YAML file. The user pool may stand beside aws or within it, and under a
// spelling that files of this shape have been seen with.
type stage struct {
	AWS struct {
		Region   string `yaml:"region"`
		Cognito  pool   `yaml:"cognito"`
		Cognitio pool   `yaml:"cognitio"`
	} `yaml:"aws"`
	Cognito  pool `yaml:"cognito"`
	Cognitio pool `yaml:"cognitio"`
}

// yaml reads the YAML file, if it is there.
func (o placeOptions) yaml(context.Context) (*place, error) {
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
	s, found := stages[o.Stage]
	if !found {
		return nil, fmt.Errorf("%s has no stage %q: choose one with --stage", o.Config, o.Stage)
	}
	var said *place
	for _, given := range []pool{s.Cognito, s.Cognitio, s.AWS.Cognito, s.AWS.Cognitio} {
		switch {
		case given == pool{}:
		case said != nil:
			return nil, fmt.Errorf("%s: the stage %q names more than one user pool", o.Config, o.Stage)
		default:
			said = &place{Region: s.AWS.Region, PoolID: given.UserPoolID, ClientID: given.ClientID,
				MachineClientID: given.ClientID, from: "stage " + o.Stage + " of " + o.Config}
		}
	}
	if said == nil {
		return nil, fmt.Errorf("%s: the stage %q has no cognito: userPoolId and userPoolClientId", o.Config, o.Stage)
	}
	return said, nil
}
