// Command mutation runs the mutation tests of the packages that decide access: gremlins changes one operator at a time, and a
// test must fail. It prints what survived, and fails if too little is noticed or a survivor is not explained in
// scripts/mutation/survivors.txt. Each mutant takes some three seconds of processor time to compile, and what its tests take
// until the first fails: five minutes on two processors for shared/routes, hours for all packages.
//
// The tests run once for each mutant, so they run with -short, by which tests of thousands of random tables try fewer of them.
// A mutant for which they take ten times as long as usual is reported apart: it loops forever, or the machine was busy. It
// counts neither as noticed nor as survived. Nor does one that does not compile, such as "-" between strings.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

// packages are those that decide access.
var packages = []string{
	"shared/apigateway", "shared/cognito", "shared/jwks", "shared/routes", "shared/routes/stagepolicy", "shared/routes/prove",
	"functions/authorizer",
}

// leastKilled is the share, in percent, of the mutants on covered lines that tests must notice.
const leastKilled = 97

// goFlags are for each run of the tests, since gremlins has no flags of its own for them. -count=1 is for the first run, which
// measures how long they take: a cached one would take no time, and every mutant would seem to hang. The last three save work:
// checks other than tests, debug information, and compiling the packages that did not change once for each copy of the module.
// gremlins adds -failfast.
const goFlags = "-short -count=1 -vet=off -ldflags=-w -trimpath"

func main() {
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "Usage: go run ./scripts/mutation [PACKAGE...]\n\nPackages: %s.\n", strings.Join(packages, ", "))
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, wanted []string) error {
	if len(wanted) == 0 {
		wanted = packages
	}
	text, err := os.ReadFile("scripts/mutation/survivors.txt")
	if err != nil {
		return fmt.Errorf("%w: run it in the root of the repository", err)
	}
	explained, err := readExplanations(string(text))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutation-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	gremlins := filepath.Join(dir, "gremlins")
	build := exec.CommandContext(ctx, "go", "build", "-o", gremlins, "github.com/go-gremlins/gremlins/cmd/gremlins")
	build.Dir, build.Env, build.Stderr = "tools/gremlins", append(os.Environ(), "GOWORK=off"), os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build gremlins: %w", err)
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	if err := writeGo(dir, goCommand); err != nil {
		return err
	}
	var failed []error
	for _, name := range wanted {
		if !slices.Contains(packages, name) {
			return fmt.Errorf("%q is not one of %s", name, strings.Join(packages, ", "))
		}
		found, err := mutate(ctx, gremlins, dir, name)
		if err != nil {
			return err
		}
		failed = append(failed, found.report(out, explained))
	}
	return errors.Join(failed...)
}

// writeGo writes a go command for gremlins, which tells code that does not compile from a failed test by status 2. go test has 1
// for both.
func writeGo(dir, goCommand string) error {
	script := `#!/bin/sh
if [ "$1" != test ]; then exec '` + goCommand + `' "$@"; fi
output=$('` + goCommand + `' "$@" 2>&1)
status=$?
printf '%s\n' "$output"
case $output in *'[build failed]'*) exit 2;; esac
exit $status
`
	return os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o700) //nolint:gosec // it is executed
}

// mutate runs gremlins for one package.
func mutate(ctx context.Context, gremlins, dir, name string) (result, error) {
	module, folder := "shared", strings.TrimPrefix(name, "shared/")
	if !strings.HasPrefix(name, "shared/") {
		module, folder = name, "."
	}
	flags := goFlags
	if module != "shared" {
		modfile, err := withAbsoluteReplace(ctx, dir, module)
		if err != nil {
			return result{}, err
		}
		flags += " -modfile=" + modfile
	}
	written := filepath.Join(dir, "result.json")
	c := exec.CommandContext(ctx, gremlins, "unleash", "./"+folder, "--output", written, "--timeout-coefficient", "10", "--silent",
		"--exclude-files", "/") // packages below are on the list themselves
	path := dir + string(filepath.ListSeparator) + os.Getenv("PATH")
	c.Dir, c.Env, c.Stderr = module, append(os.Environ(), "GOWORK=off", "GOFLAGS="+flags, "PATH="+path), os.Stderr
	if err := c.Run(); err != nil {
		return result{}, fmt.Errorf("gremlins %s: %w", name, err)
	}
	data, err := os.ReadFile(written)
	if err != nil {
		return result{}, err
	}
	return read(name, data, os.ReadFile)
}

// withAbsoluteReplace returns a copy of a module's go.mod in which package shared is replaced by an absolute path, since
// gremlins tests a copy of the module elsewhere.
func withAbsoluteReplace(ctx context.Context, dir, module string) (string, error) {
	for from, to := range map[string]string{"go.mod": "mutated.mod", "go.sum": "mutated.sum"} {
		data, err := os.ReadFile(filepath.Join(module, from))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o600); err != nil {
			return "", err
		}
	}
	shared, err := filepath.Abs("shared")
	if err != nil {
		return "", err
	}
	modfile := filepath.Join(dir, "mutated.mod")
	edit := exec.CommandContext(ctx, "go", "mod", "edit", "-replace", "github.com/cognito-authorizer/cognito-authorizer/shared="+shared, modfile)
	edit.Stderr = os.Stderr
	return modfile, edit.Run()
}

// result is what gremlins found in a package.
type result struct {
	name                                   string
	killed, lived, notCovered, notCompiled int
	survivors, timedOut                    []survivor
}

// survivor is a mutant that no test noticed, or that ran out of time.
type survivor struct {
	file, mutation, line string // the line as its text, so that it stays the same when others are added above
	number               int
}

// key identifies a survivor in survivors.txt.
func (s survivor) key() string { return s.file + " | " + s.mutation + " | " + s.line }

// read reads gremlins' report on a package. Lines are taken from the files.
func read(name string, report []byte, readFile func(string) ([]byte, error)) (result, error) {
	var data struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Line         int
				Type, Status string
			}
		}
	}
	if err := json.Unmarshal(report, &data); err != nil {
		return result{}, fmt.Errorf("gremlins' report on %s: %w", name, err)
	}
	r := result{name: name}
	for _, file := range data.Files {
		path := name + "/" + file.Name
		text, err := readFile(path)
		if err != nil {
			return result{}, err
		}
		lines := strings.Split(string(text), "\n")
		for _, m := range file.Mutations {
			if m.Line < 1 || m.Line > len(lines) {
				return result{}, fmt.Errorf("%s has no line %d", path, m.Line)
			}
			mutant := survivor{path, m.Type, strings.TrimSpace(lines[m.Line-1]), m.Line}
			switch m.Status {
			case "KILLED":
				r.killed++
			case "TIMED OUT":
				r.timedOut = append(r.timedOut, mutant)
			case "NOT COVERED":
				r.notCovered++
			case "NOT VIABLE":
				r.notCompiled++
			case "LIVED":
				r.lived++
				r.survivors = append(r.survivors, mutant)
			}
		}
	}
	for _, list := range [][]survivor{r.survivors, r.timedOut} {
		slices.SortFunc(list, func(a, b survivor) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.number, b.number)) })
	}
	return r, nil
}

// report prints the result, and returns an error if it is not enough.
func (r result) report(out io.Writer, explained map[string]string) error {
	percent := 100.0
	if r.killed+r.lived > 0 {
		percent = 100 * float64(r.killed) / float64(r.killed+r.lived)
	}
	// Go counts what runs by block, and the conditions after case belong to none.
	fmt.Fprintf(out, "%s: %d of %d mutants noticed, %.1f %%; %d ran out of time; %d did not compile; %d more on lines that no test of the package runs, or after case\n",
		r.name, r.killed, r.killed+r.lived, percent, len(r.timedOut), r.notCompiled, r.notCovered)
	var missing int
	for _, s := range r.survivors {
		why, ok := explained[s.key()]
		if !ok {
			missing++
			why = "NOT EXPLAINED"
		}
		fmt.Fprintf(out, "  %s:%d %s | %s\n      %s\n", s.file, s.number, s.mutation, s.line, why)
	}
	for _, s := range r.timedOut {
		fmt.Fprintf(out, "  ran out of time: %s:%d %s | %s\n", s.file, s.number, s.mutation, s.line)
	}
	switch {
	case percent < leastKilled:
		return fmt.Errorf("%s: %.1f %% of the mutants were noticed, want %d", r.name, percent, leastKilled)
	case missing > 0:
		return fmt.Errorf("%s: %d survivors are not explained in scripts/mutation/survivors.txt: kill them by a test, or add why they change nothing", r.name, missing)
	}
	return nil
}

// readExplanations reads survivors.txt: key and reason of each survivor, in a line each, and comments.
func readExplanations(text string) (map[string]string, error) {
	explained := map[string]string{}
	key := ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "    ") && key != "":
			explained[key], key = strings.TrimSpace(line), ""
		case key == "" && strings.Count(line, " | ") >= 2:
			key = line
		default:
			return nil, fmt.Errorf("survivors.txt:%d: want \"FILE | MUTATION | LINE\", and below it, indented by four spaces, the reason", i+1)
		}
	}
	return explained, nil
}
