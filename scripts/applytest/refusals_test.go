package applytest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// checkRefusals checks that Terraform refuses to destroy or replace a protected system, and to apply files of different
// builds.
func checkRefusals(t *testing.T, c *cloud, tf *configuration) {
	before, resources := listResources(t, c, region), tf.resources(t)
	refused := func(t *testing.T, want []string, command ...string) {
		t.Helper()
		_, err := tf.try(t.Context(), command...)
		if err == nil {
			t.Fatalf("terraform %s is not refused", command[0])
		}
		said := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╵", " ", "╷", " ").Replace(err.Error())), " ")
		for _, text := range want {
			if !strings.Contains(said, text) {
				t.Errorf("the error does not say %q:\n%s", text, said)
			}
		}
		if left := tf.resources(t); left != resources {
			t.Errorf("%d resources are left of %d", left, resources)
		}
		if after := listResources(t, c, region); !reflect.DeepEqual(after, before) {
			t.Errorf("there is %v, and there was %v", after, before)
		}
	}

	t.Run("a destroy while deletion_protection is on", func(t *testing.T) {
		refused(t, []string{"deletion_protection is on", "-var=deletion_protection=false"}, "destroy", "-auto-approve", "-refresh=false")
	})
	t.Run("another name", func(t *testing.T) {
		variables := tf.variables
		tf.variables = maps.Clone(variables)
		tf.variables["name"] = "renamed"
		defer func() { tf.variables = variables }()
		refused(t, []string{`Write name = "applytest"`, "terraform workspace new renamed"}, "plan")
	})
	t.Run("an OpenAPI document that was edited after the build", func(t *testing.T) {
		document := filepath.Join(tf.dir, "../functions/api/openapi.yaml")
		defer replaceText(t, document, "security: []", "security: [cognito: []]")()
		pointManifestAt(t, filepath.Join(tf.dir, "../dist/manifest.json"), "../functions/api/openapi.yaml")
		refused(t, []string{"../functions/api/openapi.yaml changed after the build", "make build-zip"}, "plan")
	})
	t.Run("a contract of another build", func(t *testing.T) {
		defer replaceText(t, filepath.Join(tf.dir, "../dist/contract.json"), `"access": "token"`, `"access": "public"`)()
		refused(t, []string{"contract.json is not the one of the build", "make build-zip"}, "plan")
	})
}

// replaceText replaces text in a file and returns a function that restores it.
func replaceText(t *testing.T, file, from, to string) (restore func()) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	after := strings.Replace(string(before), from, to, 1)
	if after == string(before) {
		t.Fatalf("%s does not contain %s", filepath.Base(file), from)
	}
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(after)
	return func() { write(string(before)) }
}

// pointManifestAt sets the path of the document in a manifest to this copy of the repository. The zips were built elsewhere.
func pointManifestAt(t *testing.T, file, document string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	manifest := decodeInto[map[string]any](t, content)
	source := manifest["sources"].([]any)[0].(map[string]any)
	source["path"] = document
	if content, err = json.Marshal(manifest); err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
