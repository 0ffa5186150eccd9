package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const report = `{"go_module":"m","files":[{"file_name":"cache.go","mutations":[
	{"type":"CONDITIONALS_BOUNDARY","status":"LIVED","line":2,"column":4},
	{"type":"CONDITIONALS_NEGATION","status":"KILLED","line":2,"column":4},
	{"type":"ARITHMETIC_BASE","status":"TIMED OUT","line":1,"column":1},
	{"type":"ARITHMETIC_BASE","status":"NOT VIABLE","line":1,"column":9},
	{"type":"ARITHMETIC_BASE","status":"NOT COVERED","line":1,"column":1}]}]}`

// reported returns what is printed about a package in which so many more mutants are killed.
func reported(t *testing.T, killed int, explanations string) (string, error) {
	t.Helper()
	r, err := read("shared/jwks", []byte(report), func(path string) ([]byte, error) {
		if path != "shared/jwks/cache.go" {
			return nil, fmt.Errorf("no file %s", path)
		}
		return []byte("package jwks\n\tif age < limit {\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.killed += killed
	explained, err := readExplanations(explanations)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = r.report(&out, explained)
	return out.String(), err
}

const explanation = "# why\nshared/jwks/cache.go | CONDITIONALS_BOUNDARY | if age < limit {\n    Equal ages are the same.\n"

func TestAnExplainedSurvivorIsAccepted(t *testing.T) {
	out, err := reported(t, 98, explanation)
	if err != nil || !strings.Contains(out, "99 of 100 mutants noticed, 99.0 %") || !strings.Contains(out, "shared/jwks/cache.go:2") || !strings.Contains(out, "Equal ages") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAMutantThatRanOutOfTimeIsReportedApart(t *testing.T) {
	out, err := reported(t, 98, explanation)
	if err != nil || !strings.Contains(out, "1 ran out of time; 1 did not compile; 1 more") || !strings.Contains(out, "ran out of time: shared/jwks/cache.go:1 ARITHMETIC_BASE | package jwks\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCodeThatDoesNotCompileIsNoFailedTest(t *testing.T) {
	for output, want := range map[string]int{
		"ok  \tp\t0.1s": 0, "--- FAIL: TestX\nFAIL\tp\t0.1s\nFAIL": 1, "# p\n./a.go:3:2: mismatched types\nFAIL\tp [build failed]\nFAIL": 2,
	} {
		dir := t.TempDir()
		stub := filepath.Join(dir, "real-go")
		script := fmt.Sprintf("#!/bin/sh\necho \"$@\"\nprintf '%%s\\n' '%s'\nexit %d\n", output, min(want, 1))
		if err := os.WriteFile(stub, []byte(script), 0o700); err != nil { //nolint:gosec // it is executed
			t.Fatal(err)
		}
		if err := writeGo(dir, stub); err != nil {
			t.Fatal(err)
		}
		for command, want := range map[string]int{"test": want, "mod": min(want, 1)} {
			c := exec.CommandContext(t.Context(), filepath.Join(dir, "go"), command, "./a b")
			printed, err := c.Output()
			if got := c.ProcessState.ExitCode(); got != want || string(printed) != command+" ./a b\n"+output+"\n" {
				t.Errorf("go %s: status %d, want %d: %v\n%s", command, got, want, err, printed)
			}
		}
	}
}

func TestASurvivorWithoutExplanationIsAnError(t *testing.T) {
	out, err := reported(t, 98, "")
	if err == nil || !strings.Contains(err.Error(), "1 survivors are not explained") || !strings.Contains(out, "NOT EXPLAINED") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTooManySurvivorsAreAnError(t *testing.T) {
	if _, err := reported(t, 0, explanation); err == nil || !strings.Contains(err.Error(), "50.0 % of the mutants were noticed, want 97") {
		t.Errorf("got %v", err)
	}
}

func TestAnExplanationNeedsItsKey(t *testing.T) {
	for _, text := range []string{"    why\n", "a | b\n    why\n", "a | b | c\nd | e | f\n    why\n"} {
		if _, err := readExplanations(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
