package contract_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// TestRealDocuments compiles real documents, if a collection of them is available.
func TestRealDocuments(t *testing.T) {
	folder := os.Getenv("CONTRACTS_DIR")
	if folder == "" {
		t.Skip("CONTRACTS_DIR names no collection of documents")
	}
	written := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "python3", filepath.Join(folder, "facts.py"), "write", filepath.Join(folder, "real.jsonl"), written).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines, err := os.Open(filepath.Join(folder, "real.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	counts := map[string]int{}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var row struct{ ID, Expect, Why string }
		if err := json.Unmarshal(scanner.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		_, err := contract.Read(filepath.Join(written, row.ID+".json"))
		verdict := "accepted"
		if err != nil {
			verdict = "refused"
		}
		counts[row.Expect+" "+verdict]++
		switch {
		case err != nil && !errors.Is(err, contract.ErrRefused):
			t.Errorf("%s: %v", row.ID, err)
		case row.Expect == "must" && err != nil:
			t.Errorf("%s is refused: %v", row.ID, err)
		case row.Expect == "refuse" && err == nil:
			t.Errorf("%s is accepted, though: %s", row.ID, row.Why)
		}
	}
	t.Logf("%v", counts)
}
