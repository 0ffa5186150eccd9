package applytest

import (
	"maps"
	"reflect"
	"strings"
	"testing"
)

// checkRefusals checks that Terraform refuses to destroy or replace a protected system.
func checkRefusals(t *testing.T, c *cloud, tf *configuration) {
	before, resources := listResources(t, c, region), tf.resources(t)
	refused := func(t *testing.T, want []string, command ...string) {
		t.Helper()
		_, err := tf.try(t.Context(), command...)
		if err == nil {
			t.Fatalf("terraform %s is not refused", command[0])
		}
		message := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╵", " ", "╷", " ").Replace(err.Error())), " ")
		for _, text := range want {
			if !strings.Contains(message, text) {
				t.Errorf("the error does not say %q:\n%s", text, message)
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
}
