package main

import (
	"strings"
	"testing"
)

func TestMediansAndRatios(t *testing.T) {
	var results table
	for _, output := range []string{
		"goos: linux\nBenchmarkRSA  10  100 ns/op  7 B/op  9 allocs/op\nBenchmarkX/a_b  10  50 ns/op  7 B/op  2 allocs/op\nPASS\n",
		"BenchmarkX/a_b  10  300 ns/op  7 B/op  2 allocs/op\nBenchmarkRSA  10  200 ns/op  7 B/op  9 allocs/op\n",
		"BenchmarkRSA  10  400 ns/op  7 B/op  9 allocs/op\nBenchmarkX/a_b  10  400 ns/op  7 B/op  2 allocs/op\n",
	} {
		if err := results.add([]byte(output)); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	results.print(&out)
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.Contains(line, "X/a b") {
			if got := strings.Join(strings.Fields(line), " "); got != "X/a b 300 1.000 2" {
				t.Errorf("got %q", got)
			}
			return
		}
	}
	t.Errorf("no row for X/a b in:\n%s", out.String())
}

func TestRatiosReportedByABenchmarkAreUsed(t *testing.T) {
	var results table
	if err := results.add([]byte("BenchmarkLoad  10  100 ns/op  360.0 bytes  0.5 ×RSA  7 B/op  9 allocs/op\n")); err != nil {
		t.Fatal(err)
	}
	if r := results.rows["Load"]; r == nil || median(r.ratios) != 0.5 || r.allocs != 9 {
		t.Errorf("got %+v", r)
	}
}

func TestMalformedOutputIsRefused(t *testing.T) {
	if err := new(table).add([]byte("BenchmarkX  10  fast ns/op\n")); err == nil {
		t.Error("no error")
	}
}
