package main

import (
	"runtime"
	"testing"
)

func TestGOMAXPROCSIsOneOnlyWithoutAFullVCPU(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	for name, tt := range map[string]struct {
		memory, set string
		want        int
	}{
		"a small function":            {"128", "", 1},
		"the last with one processor": {"1769", "", 1},
		"a large one":                 {"1770", "", 3},
		"outside of Lambda":           {"", "", 3},
		"where it is set":             {"128", "2", 3}, // Go has read that by itself
		"where it is set to nonsense": {"128", "x", 1},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GOMAXPROCS(3)
			limitGOMAXPROCS(func(name string) string {
				return map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": tt.memory, "GOMAXPROCS": tt.set}[name]
			})
			if got := runtime.GOMAXPROCS(0); got != tt.want {
				t.Errorf("%d processors, want %d", got, tt.want)
			}
		})
	}
}
