// Command bench measures the cost of verifying tokens, relative to one RSA verification in the same process: for the packages of
// this project, for the whole handler, and for comparable Go modules. docs/performance.md explains the figures.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// suites are the packages whose benchmarks are run. Each has a BenchmarkRSA, or reports its own ratio to RSA.
var suites = []struct{ title, dir, benchmarks string }{
	{"Package cognito: one token", "shared/cognito", "RSA|Verify|Seen|Refuse"},
	{"The authorizer: from event to response", "functions/authorizer", "RSA|Invoke"},
	{"Package routes: the table", "shared/routes", "."},
	{"Package stagepolicy: one policy", "shared/routes/stagepolicy", "."},
	{"Peers: one access token", "bench", "RSA|AccessToken"},
}

func main() {
	root := flag.String("root", "..", "the repository")
	turns := flag.Int("turns", 10, "runs of each benchmark; the figures are medians")
	benchtime := flag.String("benchtime", "150ms", "duration of one run of a benchmark")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root, *turns, *benchtime, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string, turns int, benchtime string, out, progress io.Writer) error {
	if turns < 1 {
		return fmt.Errorf("-turns is %d: use 1 or more", turns)
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(out, "%s/%s, %s, %d processors; medians of %d runs\n", runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), turns)
	for i, s := range suites {
		binary := filepath.Join(dir, fmt.Sprintf("%d.test", i))
		build := command(ctx, filepath.Join(root, s.dir), "go", "test", "-c", "-o", binary, ".")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("%s does not build: %w", s.dir, err)
		}
		var t table
		for turn := range turns {
			fmt.Fprintf(progress, "%s: turn %d of %d\n", s.dir, turn+1, turns)
			bench := command(ctx, filepath.Join(root, s.dir), binary, "-test.run=^$", "-test.bench="+s.benchmarks, "-test.benchtime="+benchtime,
				"-test.benchmem", "-test.cpu=1") // one processor, as Terraform configures functions below 1,769 MB
			output, err := bench.Output()
			if err != nil {
				return fmt.Errorf("%s: %w\n%s", s.dir, err, output)
			}
			if err := t.add(output); err != nil {
				return fmt.Errorf("%s: %w", s.dir, err)
			}
		}
		fmt.Fprintf(out, "\n%s\n", s.title)
		t.print(out)
	}
	return nil
}

// command returns a command that ignores go.work, so that the peers' dependencies do not change the versions that the other
// modules are built with.
func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOWORK=off")
	return c
}

// table holds the results of several runs of the same benchmarks.
type table struct {
	names []string // in the order of the output
	rows  map[string]*row
}

type row struct {
	ns, ratios []float64 // one value per run; ratios are to RSA in the same process
	allocs     float64
}

// add parses the output of one run, in the format of package testing: name, iterations, then values with their units.
func (t *table) add(output []byte) error {
	if t.rows == nil {
		t.rows = make(map[string]*row)
	}
	var rsa float64
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		values := make(map[string]float64)
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("malformed benchmark output: %s", lines.Text())
			}
			values[fields[i+1]] = value
		}
		name := strings.TrimPrefix(fields[0], "Benchmark") // no "-1" suffix: there is one processor
		r := t.rows[name]
		if r == nil {
			r = &row{}
			t.names, t.rows[name] = append(t.names, name), r
		}
		if name == "RSA" {
			rsa = values["ns/op"]
		}
		r.ns, r.allocs = append(r.ns, values["ns/op"]), values["allocs/op"]
		if ratio, ok := values["×RSA"]; ok { // the benchmark measured RSA itself
			r.ratios = append(r.ratios, ratio)
		}
	}
	for _, r := range t.rows {
		if rsa != 0 {
			r.ratios = append(r.ratios, r.ns[len(r.ns)-1]/rsa)
		}
	}
	return lines.Err()
}

func (t *table) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tns\t× RSA\tallocs\t")
	for _, name := range t.names {
		r := t.rows[name]
		ratio := ""
		if len(r.ratios) > 0 {
			ratio = fmt.Sprintf("%.3f", median(r.ratios))
		}
		fmt.Fprintf(w, "%s\t%.0f\t%s\t%.0f\t\n", strings.ReplaceAll(name, "_", " "), median(r.ns), ratio, r.allocs)
	}
	_ = w.Flush()
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }
