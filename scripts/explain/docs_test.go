package explain

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What docs/authorization.md shows must be what the command prints.
func TestTheExamplesOfTheDocumentationAreTrue(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile("docs/authorization.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```console\n\\$ cognito-authorizer ([^\n]*)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 4 {
		t.Fatalf("%d examples were found", len(blocks))
	}
	for _, block := range blocks {
		got := runWith(t, "", strings.Fields(block[1])...)
		if printed := got.stderr + got.stdout; printed != block[2] {
			t.Errorf("explain %s prints\n%s\nand the page shows\n%s", block[1], printed, block[2])
		}
	}
}
