package token

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

var outputGroup = kong.Group{Key: "output", Title: "What to print:"}

// outputOptions choose how tokens are printed.
type outputOptions struct {
	Output string `group:"output" short:"o" enum:"token,json,header,env,curl,postman" default:"token" help:"One of ${enum}. The default is the bare token."`
	ID     bool   `group:"output" help:"The ID token instead of the access token."`
	URL    string `group:"output" placeholder:"URL" help:"Address for --output curl. Without it, the API's, if it is known."`
}

// print writes the tokens to standard output, or nothing if one is missing.
func (o outputOptions) print(c cli.Console, t tokens, p target) error {
	chosen, name := t.access, "access_token"
	if o.ID {
		chosen, name = t.id, "id_token"
		if chosen.Reveal() == "" {
			return errors.New("there is no ID token: programs get none, and users get one only with the scope openid")
		}
	}
	var text string
	var err error
	switch o.Output {
	case "json":
		return writeTokens(c, t)
	case "header":
		text = "Authorization: Bearer " + chosen.Reveal()
	case "env":
		text = "export " + strings.ToUpper(name) + "=" + chosen.Reveal() // needs no quotes: see checkPrintable
	case "curl":
		text, err = o.curl(chosen, p)
	case "postman":
		return writePostman(c, t, chosen, p)
	default:
		text = chosen.Reveal()
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.Out, text)
	return err
}

// writeTokens uses the names of RFC 6749 section 5.1.
func writeTokens(c cli.Console, t tokens) error {
	document, err := json.Marshal(struct {
		Access    string `json:"access_token"`
		ID        string `json:"id_token,omitempty"`
		Refresh   string `json:"refresh_token,omitempty"`
		Type      string `json:"token_type"`
		ExpiresIn int    `json:"expires_in"`
	}{t.access.Reveal(), t.id.Reveal(), t.refresh.Reveal(), "Bearer", t.expiresIn})
	if err != nil {
		return err
	}
	return writeJSON(c.Out, document)
}

// validateOutput reports before a sign-in that the tokens could not be printed after it.
func (o outputOptions) validateOutput(p target) error {
	if o.Output != "curl" {
		return nil
	}
	_, err := o.address(p)
	return err
}

// address returns the address that the printed curl command calls.
func (o outputOptions) address(p target) (string, error) {
	address := cmp.Or(o.URL, p.APIURL)
	switch {
	case address == "":
		return "", errors.New("the address of the API is not known: give --url")
	case !secureAddress(address) || strings.ContainsFunc(address, unicode.IsControl):
		return "", fmt.Errorf("the API's address %q: want https://…, or http://… on this machine", address)
	}
	return address, nil
}

// curl returns a shell command that passes the header to curl on standard input. As an argument, every process on the
// machine could read it.
func (o outputOptions) curl(token cognito.Token, p target) (string, error) {
	address, err := o.address(p)
	if err != nil {
		return "", err
	}
	quoted := "'" + strings.ReplaceAll(address, "'", `'\''`) + "'"
	return "curl --silent --show-error --include --header @- " + quoted + " <<'TOKEN'\nAuthorization: Bearer " + token.Reveal() + "\nTOKEN", nil
}

// postmanValue is a variable of a Postman environment. Postman masks those of type secret.
type postmanValue struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Type    string `json:"type"`
	Enabled bool   `json:"enabled"`
}

// writePostman writes an environment to import into Postman. Requests use {{token}} as bearer token.
func writePostman(c cli.Console, t tokens, chosen cognito.Token, p target) error {
	values := []postmanValue{{"token", chosen.Reveal(), "secret", true}, {"access_token", t.access.Reveal(), "secret", true}}
	if id := t.id.Reveal(); id != "" {
		values = append(values, postmanValue{"id_token", id, "secret", true})
	}
	if p.APIURL != "" {
		values = append(values, postmanValue{"api_url", p.APIURL, "default", true})
	}
	document, err := json.Marshal(struct {
		Name   string         `json:"name"`
		Values []postmanValue `json:"values"`
		Scope  string         `json:"_postman_variable_scope"`
	}{"Cognito " + p.PoolID, values, "environment"})
	if err != nil {
		return err
	}
	return writeJSON(c.Out, document)
}
