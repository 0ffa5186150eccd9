package jwks

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

// write runs the command and gives the variable that it wrote.
func write(t *testing.T, issuers ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), fileName)
	if err := (&Command{Issuer: issuers, Out: file}).Run(t.Context(), cli.Console{Out: new(strings.Builder), Err: new(strings.Builder)}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var variables map[string]string
	if err := json.Unmarshal(content, &variables); err != nil || len(variables) != 1 {
		t.Fatalf("the file is %s (%v)", content, err)
	}
	return variables["jwks"]
}

func TestTheWrittenKeysAreThoseOfThePool(t *testing.T) {
	pool := cognitotest.NewPool(t)
	written, err := jwks.ParseKeySet([]byte(write(t, pool.Issuer())))
	if err != nil {
		t.Fatal(err)
	}
	published, err := jwks.ParseKeySet(pool.JWKS())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(written.IDs(), published.IDs()) || len(written.Refused()) > 0 {
		t.Fatalf("written %v, published %v", written.IDs(), published.IDs())
	}
	for _, id := range published.IDs() {
		if !written.Public(id).Equal(published.Public(id)) {
			t.Errorf("the key %s is another", id)
		}
	}
}

func TestTheKeySetsOfSeveralIssuersAreKeptApart(t *testing.T) {
	one, two := cognitotest.NewPool(t), cognitotest.NewPool(t)
	var sets map[string]json.RawMessage
	if err := json.Unmarshal([]byte(write(t, one.Issuer(), two.Issuer())), &sets); err != nil {
		t.Fatal(err)
	}
	for _, pool := range []*cognitotest.Pool{one, two} {
		written, err := jwks.ParseKeySet(sets[pool.Issuer()])
		if err != nil {
			t.Fatal(err)
		}
		published, err := jwks.ParseKeySet(pool.JWKS())
		if err != nil || !slices.Equal(written.IDs(), published.IDs()) {
			t.Errorf("written %v, published %v (%v)", written.IDs(), published.IDs(), err)
		}
	}
}

func TestAnInvalidKeySetLeavesTheFileAsItWas(t *testing.T) {
	pool := cognitotest.NewPool(t)
	for name, test := range map[string]struct {
		fault cognitotest.Fault
		want  error
	}{
		"no JSON":        {cognitotest.Body("<html>"), jwks.ErrNotKeySet},
		"no key":         {cognitotest.Body(`{"keys":[]}`), jwks.ErrNoUsableKey},
		"a weak key":     {cognitotest.Body(`{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB","use":"sig","alg":"RS256"}]}`), jwks.ErrNoUsableKey},
		"too long":       {cognitotest.EndlessBody(), jwks.ErrTooLarge},
		"a server error": {cognitotest.Status(500, 0), nil},
		"a redirect":     {cognitotest.Redirect(302, pool.Issuer()+"/.well-known/jwks.json?"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			pool.Fail(test.fault)
			defer pool.Heal()
			file := filepath.Join(t.TempDir(), fileName)
			if err := os.WriteFile(file, []byte("as it was"), 0o600); err != nil {
				t.Fatal(err)
			}
			err := (&Command{Issuer: []string{pool.Issuer()}, Out: file}).Run(t.Context(), cli.Console{Out: new(strings.Builder), Err: new(strings.Builder)})
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			left, err := os.ReadDir(filepath.Dir(file))
			if err != nil || len(left) != 1 {
				t.Errorf("%v is left behind (%v)", left, err)
			}
			if content, err := os.ReadFile(file); err != nil || string(content) != "as it was" {
				t.Errorf("the file is now %q (%v)", content, err)
			}
		})
	}
}

func TestAnAddressThatCannotBeTrustedIsRefused(t *testing.T) {
	for name, issuer := range map[string]string{
		"plain http":             "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
		"a slash at the end":     "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/",
		"no address":             "eu-west-1_AbCdEf123",
		"a user in the address":  "https://user@cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
		"a query in the address": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123?",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), fileName)
			if err := (&Command{Issuer: []string{issuer}, Out: file}).Run(t.Context(), cli.Console{Out: new(strings.Builder), Err: new(strings.Builder)}); err == nil {
				t.Error("it is accepted")
			}
			if _, err := os.Stat(file); err == nil {
				t.Error("something is written")
			}
		})
	}
}

func TestOnlyWhatNeedsTheFolderOfTheConfigurationAsksForIt(t *testing.T) {
	t.Chdir(t.TempDir())
	console := cli.Console{Out: new(strings.Builder), Err: new(strings.Builder)}
	pool := cognitotest.NewPool(t)
	for name, command := range map[string]*Command{
		"no issuer": {Terraform: "terraform", Out: fileName}, "no file": {Terraform: "terraform", Issuer: []string{pool.Issuer()}},
	} {
		if err := command.Run(t.Context(), console); !errors.As(err, new(*cli.UsageError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (&Command{Terraform: "terraform", Issuer: []string{pool.Issuer()}, Out: fileName}).Run(t.Context(), console); err != nil {
		t.Errorf("with both: %v", err)
	}
}

func TestTheIssuersComeFromTheOutputs(t *testing.T) {
	issuers, err := issuersOf([]byte(`{"issuers":{"sensitive":false,"type":["tuple",["string"]],"value":["https://one","https://two"]},"region":{"value":"eu-west-1"}}`), "terraform")
	if err != nil || !slices.Equal(issuers, []string{"https://one", "https://two"}) {
		t.Errorf("%v (%v)", issuers, err)
	}
	for name, document := range map[string]string{"nothing was applied": `{}`, "no JSON": `no outputs`} {
		if _, err := issuersOf([]byte(document), "terraform"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
