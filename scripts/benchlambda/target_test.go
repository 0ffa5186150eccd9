package main

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var samples []time.Duration
	for i := range 100 {
		samples = append(samples, time.Duration(100-i)) // 100 down to 1
	}
	for percent, want := range map[int]time.Duration{0: 1, 50: 51, 90: 91, 99: 100, 100: 100} {
		if got := percentile(samples, percent); got != want {
			t.Errorf("p%d is %d, want %d", percent, got, want)
		}
	}
	if samples[0] != 100 {
		t.Error("the samples were reordered")
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("without samples: %d", got)
	}
}

func TestTypicalLeavesOutTheSlowestTwentieth(t *testing.T) {
	samples := []time.Duration{time.Hour} // the slowest of twenty
	for i := range 19 {
		samples = append(samples, time.Duration(i+1)) // 10 on average
	}
	if got := typical(samples); got != 10 {
		t.Errorf("%v, want 10ns", got)
	}
	if samples[0] != time.Hour {
		t.Error("the samples were reordered")
	}
	if got := typical(nil); got != 0 {
		t.Errorf("without samples: %v", got)
	}
}

func TestInvalidOptionsAreReportedOnOneLine(t *testing.T) {
	for name, tt := range map[string]struct {
		options options
		want    string
	}{
		"not the repository":  {options{Root: t.TempDir(), Cold: 1, Invocations: rounds}, "--root"},
		"no cold start":       {options{Root: "../..", Invocations: rounds}, "--cold"},
		"too few invocations": {options{Root: "../..", Cold: 1, Invocations: 1}, "--invocations"},
		"negative soak":       {options{Root: "../..", Cold: 1, Invocations: rounds, Soak: -1}, "--soak"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), tt.options, &strings.Builder{}, &strings.Builder{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line about %s", err, tt.want)
			}
		})
	}
}
