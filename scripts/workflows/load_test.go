// Package workflows holds what the pipeline runs, one script a target of the Makefile, and the tests that keep the
// workflows in .github small in what they may do.
package workflows

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const root = "../.."

// A workflow is the part of a GitHub workflow that the rules are about.
type workflow struct {
	file        string
	text        string
	On          any            `yaml:"on"`
	Permissions any            `yaml:"permissions"`
	Env         map[string]any `yaml:"env"`
	Concurrency struct {
		Group            string `yaml:"group"`
		CancelInProgress any    `yaml:"cancel-in-progress"`
	} `yaml:"concurrency"`
	Jobs map[string]job `yaml:"jobs"`
}

type job struct {
	If          string            `yaml:"if"`
	Needs       any               `yaml:"needs"`
	Uses        string            `yaml:"uses"` // another workflow, instead of steps
	RunsOn      string            `yaml:"runs-on"`
	Timeout     int               `yaml:"timeout-minutes"`
	Environment string            `yaml:"environment"`
	Permissions map[string]string `yaml:"permissions"`
	Steps       []step            `yaml:"steps"`
}

type step struct {
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	With map[string]any `yaml:"with"`
}

func parse(file, text string) (workflow, error) {
	w := workflow{file: file, text: text}
	err := yaml.Unmarshal([]byte(text), &w)
	return w, err
}

// load reads every workflow; there are at least the three that docs/pipeline.md is about.
func load(t *testing.T) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob(root + "/.github/workflows/*.y*ml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]workflow{}
	for _, file := range files {
		w, err := parse(filepath.Base(file), read(t, file))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(w.file, filepath.Ext(w.file))] = w
	}
	for _, name := range []string{"ci", "deploy", "release"} {
		if len(all[name].Jobs) == 0 {
			t.Fatalf("there is no workflow %s.yml with jobs", name)
		}
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var target = regexp.MustCompile(`^([\w.%/-]+(?: +[\w.%/-]+)*) *:(?:[^=]|$)`)

// targets reads the targets of the Makefile, each with the lines of its recipe.
func targets(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	var names []string
	for line := range strings.Lines(read(t, root+"/Makefile")) {
		line = strings.TrimRight(line, "\n")
		if recipe, ok := strings.CutPrefix(line, "\t"); ok {
			for _, name := range names {
				found[name] = append(found[name], recipe)
			}
			continue
		}
		names = nil
		if m := target.FindStringSubmatch(line); m != nil && !strings.HasPrefix(line, ".") {
			names = strings.Fields(m[1])
			for _, name := range names {
				found[name] = nil
			}
		}
	}
	if len(found) < 10 {
		t.Fatalf("found %d targets in the Makefile", len(found))
	}
	return found
}
