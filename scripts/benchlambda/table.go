package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// printCold prints cold starts, relative to the first target.
func printCold(out io.Writer, title string, targets []*target) {
	fmt.Fprintf(out, "\n%s (%d cold starts of each)\n", title, len(targets[0].cold))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tp50 ms\t× nop\tmin ms\tp90 ms\tCPU p50 ms\t")
	base := percentile(targets[0].cold, 50)
	for _, s := range targets {
		p50 := percentile(s.cold, 50)
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", s.name, ms(p50), ratio(p50, base),
			ms(percentile(s.cold, 0)), ms(percentile(s.cold, 90)), ms(percentile(s.coldCPU, 50)))
		s.cold, s.coldCPU = nil, nil
	}
	_ = w.Flush()
}

// printWarm prints warm invocations, relative to the first target.
func printWarm(out io.Writer, targets []*target) {
	fmt.Fprintf(out, "\nWarm round trip (%d invocations of each, in %d turns)\n", len(targets[0].trips), rounds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tp50 µs\t× nop\tp90 µs\tp99 µs\tCPU µs\t× nop\tpeak MiB\t")
	base := percentile(targets[0].trips, 50)
	for _, s := range targets {
		p50 := percentile(s.trips, 50)
		fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t%.2f\t%.1f\t\n", s.name, us(p50), ratio(p50, base),
			us(percentile(s.trips, 90)), us(percentile(s.trips, 99)), us(s.cpu)/float64(len(s.trips)), ratio(s.cpu, targets[0].cpu),
			float64(s.peak)/(1<<20))
	}
	_ = w.Flush()
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

func ratio(d, base time.Duration) float64 { return float64(d) / float64(base) }
