package local

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestRealDocumentsEndToEnd calls every route of real APIs through the local gateway and the authorizer's zip, as callers with no
// token, too few rights and exactly the rights, if a collection of documents is available.
func TestRealDocumentsEndToEnd(t *testing.T) {
	folder := os.Getenv("CONTRACTS_DIR")
	if folder == "" {
		t.Skip("CONTRACTS_DIR names no collection of documents")
	}
	written := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "python3", filepath.Join(folder, "facts.py"), "write", filepath.Join(folder, "real.jsonl"), written).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, calls := range map[string]int{"pub-14": 200, "pub-20": 70, "pub-22": 70, "pub-31": 300, "aws-40": 150} {
		t.Run(name, func(t *testing.T) {
			var out, stderr bytes.Buffer
			if code := command(t.Context(), &out, &stderr, "demo", "--contract", filepath.Join(written, name+".json"), "--root", root, "--json"); code != 0 {
				t.Fatalf("exit code %d\n%s%s", code, stderr.String(), out.String())
			}
			var report demoReport
			if err := json.Unmarshal(out.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			if report.Failed != 0 || report.Passed < calls {
				t.Errorf("%d responses were as expected and %d were not, want at least %d and none", report.Passed, report.Failed, calls)
			}
		})
	}
}
