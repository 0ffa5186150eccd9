package contract_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/prove"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// TestTablesOfRealSizeFit makes the policies of tables with 75 to 300 real routes under six models of rights, where a
// collection of them is at hand.
func TestTablesOfRealSizeFit(t *testing.T) {
	folder := os.Getenv("CONTRACTS_DIR")
	if folder == "" {
		t.Skip("CONTRACTS_DIR names no collection of documents")
	}
	written := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "python3", filepath.Join(folder, "fit.py"), filepath.Join(folder, "real.jsonl"), written).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	documents, err := filepath.Glob(filepath.Join(written, os.Getenv("FIT_ONLY")+"*.json"))
	if err != nil || len(documents) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	fitting, all := map[string]int{}, map[string]int{}
	var slowest time.Duration
	for _, path := range documents {
		result, err := contract.Read(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		size := "about 100 routes or fewer"
		if n := len(result.Table.Routes()); n > 100 {
			size = "about 150"
			if n > 200 {
				size = "about 300"
			}
		}
		all[size]++
		start := time.Now()
		findings, err := stagepolicy.New(result.Table).Check(stagepolicy.Deployment{Partition: "aws", Region: "eu-west-1", Stage: "prod"})
		checked := time.Since(start)
		if err == nil {
			fitting[size]++
			if os.Getenv("FIT_PROVE") != "" {
				var report prove.Report
				report, err = prove.Check(result.Table, stagepolicy.Deployment{Partition: "aws", Region: "eu-west-1", Stage: "prod"})
				t.Logf("%d of %d classes decided, %d warnings", report.Decided, report.Classes, len(report.Warnings))
			}
		}
		took := time.Since(start)
		slowest = max(slowest, took)
		message := "fits"
		if err != nil {
			message, _, _ = strings.Cut(err.Error(), "\n")
		}
		codes := ""
		for _, f := range findings {
			codes += fmt.Sprintf(" %s×%d", f.Code, f.Classes)
		}
		t.Logf("%s: %v %v, %s%s", filepath.Base(path), checked.Round(time.Millisecond), took.Round(time.Millisecond), message, codes)
	}
	total := 0
	for size, n := range all {
		t.Logf("%s: %d of %d fit", size, fitting[size], n)
		total += fitting[size]
	}
	t.Logf("slowest: %v", slowest)
	if small := "about 100 routes or fewer"; fitting[small] < all[small] || total*100 < len(documents)*95 {
		t.Errorf("%d of %d fit", total, len(documents))
	}
}
