package workflows

import (
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// folders of the repository with a file of that name that says so, as Dependabot writes them: /shared.
func folders(t *testing.T, name, says string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", ".terraform", "node_modules", "dist", "testdata"}, d.Name()) {
			return filepath.SkipDir
		}
		if ok, err := path.Match(name, d.Name()); err != nil {
			return err
		} else if ok && strings.Contains(read(t, p), says) {
			folder, err := filepath.Rel(root, filepath.Dir(p))
			if err != nil {
				return err
			}
			found = append(found, path.Join("/", filepath.ToSlash(folder)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no %s says %q", name, says)
	}
	return found
}

func TestDependabotWatchesEveryModule(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal([]byte(read(t, root+"/.github/dependabot.yml")), &config); err != nil {
		t.Fatal(err)
	}
	watched := map[string][]string{}
	for _, u := range config.Updates {
		watched[u.Ecosystem] = append(watched[u.Ecosystem], append(u.Directories, u.Directory)...)
	}
	if !slices.Contains(watched["github-actions"], "/") {
		t.Error("nobody watches the actions")
	}
	for ecosystem, there := range map[string][]string{
		"gomod":     folders(t, "go.mod", "module "),
		"terraform": folders(t, "*.tf", "required_providers"),
	} {
		for _, folder := range there {
			if !slices.ContainsFunc(watched[ecosystem], func(pattern string) bool {
				ok, err := path.Match(pattern, folder)
				return err == nil && ok
			}) {
				t.Errorf("nobody watches %s for %s", folder, ecosystem)
			}
		}
		for _, pattern := range watched[ecosystem] {
			if pattern != "" && !slices.ContainsFunc(there, func(folder string) bool {
				ok, err := path.Match(pattern, folder)
				return err == nil && ok
			}) {
				t.Errorf("%s is watched for %s, and there is nothing to watch", pattern, ecosystem)
			}
		}
	}
}

var (
	tableRow = regexp.MustCompile("(?m)^\\| `([a-z]+\\.yml)` \\| `([a-z0-9-]+)` \\| ([^|]*) \\| ([^|]+) \\|$")
	granted  = regexp.MustCompile("`([a-z-]+: [a-z]+)`")
)

func TestTheTableOfJobsAndPermissionsIsTrue(t *testing.T) {
	table := map[string][]string{}
	for _, m := range tableRow.FindAllStringSubmatch(read(t, root+"/docs/pipeline.md"), -1) {
		var permissions []string
		for _, g := range granted.FindAllStringSubmatch(m[3], -1) {
			permissions = append(permissions, g[1])
		}
		slices.Sort(permissions)
		table[m[1]+" "+m[2]] = permissions
	}
	for _, w := range load(t) {
		for name, j := range w.Jobs {
			var want []string
			for permission, access := range j.Permissions {
				want = append(want, permission+": "+access)
			}
			slices.Sort(want)
			row := w.file + " " + name
			if got, ok := table[row]; !ok || !slices.Equal(got, want) {
				t.Errorf("docs/pipeline.md gives %s %v, the workflow %v", row, got, want)
			}
			delete(table, row)
		}
	}
	for row := range table {
		t.Errorf("docs/pipeline.md lists %s, and there is no such job", row)
	}
}

func TestCodeOwnersNameExistingPaths(t *testing.T) {
	lines := 0
	for line := range strings.Lines(read(t, root+"/.github/CODEOWNERS")) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") || fields[0] == "*" {
			continue
		}
		lines++
		if found, err := filepath.Glob(filepath.Join(root, fields[0])); err != nil || len(found) == 0 {
			t.Errorf("CODEOWNERS names %s, and there is no such path", fields[0])
		}
	}
	if lines == 0 {
		t.Error("CODEOWNERS names no path")
	}
}
