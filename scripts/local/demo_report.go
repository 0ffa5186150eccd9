package local

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// demoReport prints the results of the demo.
type demoReport struct {
	console cli.Console
	paint   func(cli.Colour, string) string
	asJSON  bool
	widths  [2]int // of what is checked and of the call

	Passed  int          `json:"passed"`
	Failed  int          `json:"failed"`
	Results []demoResult `json:"results"`
}

type demoResult struct {
	What       string   `json:"check"`
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Expected   string   `json:"expected"`
	Actual     int      `json:"actual"`
	Millis     float64  `json:"ms"`
	Authorizer asked    `json:"authorizer"`
	Problems   []string `json:"problems,omitempty"`
}

func newReport(c cli.Console, asJSON bool, calls []call) *demoReport {
	r := &demoReport{console: c, paint: cli.Paint(c.Out), asJSON: asJSON, Results: []demoResult{}, widths: [2]int{62, 24}}
	for _, one := range calls {
		r.widths[0] = max(r.widths[0], min(len([]rune(one.what)), 90))
		r.widths[1] = max(r.widths[1], min(len(one.method)+1+len(one.path), 60))
	}
	if !asJSON {
		fmt.Fprintf(c.Out, "   %-*s %-*s %8s %7s %8s  %s\n", r.widths[0], "check", r.widths[1], "call", "expected", "actual", "ms", "authorizer")
	}
	return r
}

// try makes one call and prints a line about it.
func (r *demoReport) try(ctx context.Context, s *stack.Stack, seen *observer, c call) error {
	if c.before != nil {
		if err := c.before(&c); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	began := time.Now()
	got, err := c.do(ctx, s.Gateway.URL())
	if err != nil {
		return fmt.Errorf("%s: %w", c.what, err)
	}
	took := time.Since(began)
	how := seen.last()
	result := demoResult{c.what, c.method, c.path, "allowed", got.status, milliseconds(took), how, c.check(got, how)}
	if c.status != anyOfBackend {
		result.Expected = strconv.Itoa(c.status)
	}
	r.Results = append(r.Results, result)
	mark := r.paint(cli.Green, "✓")
	if len(result.Problems) > 0 {
		r.Failed++
		mark = r.paint(cli.Red, "✗")
	} else {
		r.Passed++
	}
	if r.asJSON {
		return nil
	}
	fmt.Fprintf(r.console.Out, "%s  %-*s %-*s %8s %7d %8.2f  %s\n", mark, r.widths[0], c.what, r.widths[1], c.method+" "+c.path,
		result.Expected, got.status, result.Millis, how)
	for _, p := range result.Problems {
		fmt.Fprintf(r.console.Out, "   %s\n", r.paint(cli.Red, p))
	}
	return nil
}

// finish prints the summary.
func (r *demoReport) finish() error {
	if r.asJSON {
		if err := json.NewEncoder(r.console.Out).Encode(r); err != nil {
			return err
		}
	}
	if r.Failed > 0 {
		return fmt.Errorf("%d of %d responses were not as expected", r.Failed, len(r.Results))
	}
	if !r.asJSON {
		fmt.Fprintf(r.console.Out, "\n%s\n", r.paint(cli.Green, fmt.Sprintf("All %d responses were as expected.", len(r.Results))))
	}
	return nil
}
