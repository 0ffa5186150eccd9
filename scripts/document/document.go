// Package document names an OpenAPI document on a command line, and the stage that its API is deployed to.
package document

import (
	"fmt"
	"os"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// Argument is a command's first argument, the contract, with its overlays and what is known of the stage.
type Argument struct {
	Contract string `arg:"" help:"The API's OpenAPI 3 or Swagger 2 document, YAML or JSON."`
	Overlays
	Deployment
}

// Flag names a contract for commands that do not need one. They run it here, so there is no stage in AWS.
type Flag struct {
	Contract string `placeholder:"FILE" help:"The API's OpenAPI 3 or Swagger 2 document, YAML or JSON."`
	Overlays
}

// Overlays change a document that is generated or belongs to somebody else.
type Overlays struct {
	Overlay []string `sep:"none" placeholder:"FILE" help:"OpenAPI Overlay to apply to the document; may be repeated."`
}

// Compile compiles and proves the document.
func (a Argument) Compile() (*contract.Result, error) {
	d, err := a.Known()
	if err != nil {
		return nil, err
	}
	return compile(d, a.Contract, a.Overlay)
}

// Compile compiles and proves the document, if one is named.
func (f Flag) Compile() (*contract.Result, error) {
	return compile(stagepolicy.Deployment{}, f.Contract, f.Overlay)
}

// compile reports a file that cannot be read as a wrong command line.
func compile(d stagepolicy.Deployment, path string, overlays []string) (*contract.Result, error) {
	for _, name := range append([]string{path}, overlays...) {
		f, err := os.Open(name)
		if err != nil {
			return nil, &cli.UsageError{Err: err}
		}
		_ = f.Close() // only its presence was in question
	}
	return contract.CompileFor(d, path, overlays...)
}

// Warn prints the warnings of a compilation, one line each.
func Warn(c cli.Console, r *contract.Result) {
	for _, w := range r.Warnings() {
		fmt.Fprintln(c.Err, "warning:", cli.Printable(w))
	}
}
