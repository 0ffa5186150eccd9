package jwks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// deployedIssuers reads the output issuers of the configuration.
func deployedIssuers(ctx context.Context, folder string) ([]string, error) {
	program, err := exec.LookPath("terraform")
	if err != nil {
		return nil, errors.New("terraform is not installed, so the deployed issuer is not known: name it by --issuer")
	}
	cmd := exec.CommandContext(ctx, program, "-chdir="+folder, "output", "-no-color", "-json")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	document, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("terraform output failed in %s: %w: %s", folder, err, strings.Join(strings.Fields(complaint.String()), " "))
	}
	return issuersOf(document, folder)
}

// issuersOf reads what `terraform output -json` prints.
func issuersOf(document []byte, folder string) ([]string, error) {
	var outputs struct {
		Issuers struct{ Value []string } `json:"issuers"`
	}
	if err := json.Unmarshal(document, &outputs); err != nil {
		return nil, fmt.Errorf("the outputs of %s are not the JSON that terraform output prints: %w", folder, err)
	}
	if len(outputs.Issuers.Value) == 0 {
		return nil, fmt.Errorf("%s has no output issuers: apply it first, or name the issuer by --issuer", folder)
	}
	return outputs.Issuers.Value, nil
}
