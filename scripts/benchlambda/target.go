package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// target is a function to measure, with its events and results.
type target struct {
	name   string
	zip    string
	env    map[string]string
	events [][]byte // used in turn
	memory int      // MB that the function is told it has
	fill   int      // invocations before a process is measured, which fill its caches and buffers; if 0, 200

	invoked int             // warm invocations so far
	trips   []time.Duration // from sending the event to the response, of the measured ones
	cpu     time.Duration   // of the processes during these
	peak    int64           // maximum resident bytes of a process
	cold    []time.Duration // from starting the process to the first response
	coldCPU []time.Duration // CPU time of the process until then
}

// start returns a new function that has no process yet.
func (s *target) start() (*lambda.Function, error) {
	return lambda.Start(lambda.Options{
		Name: s.name, Zip: s.zip, Env: s.env, Timeout: 10 * time.Second, MaxConcurrency: 1, MemoryMB: s.memory,
	})
}

// coldStart starts a process for a single invocation.
func (s *target) coldStart(ctx context.Context) (err error) {
	f, err := s.start()
	if err != nil {
		return err
	}
	start := time.Now()
	err = invoke(ctx, f, s.events[0], nil)
	s.cold = append(s.cold, time.Since(start))
	if closed := f.Close(); err == nil {
		err = closed
	}
	s.coldCPU = append(s.coldCPU, f.Stats().CPU)
	return err
}

// warmRound measures n warm invocations of a new process.
func (s *target) warmRound(ctx context.Context, n int) (err error) {
	f, err := s.start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := s.warm(ctx, f, cmp.Or(s.fill, 200)); err != nil {
		return err
	}
	before := f.Stats().CPU
	trips, err := s.warm(ctx, f, n)
	if err != nil {
		return err
	}
	after := f.Stats()
	s.trips = append(s.trips, trips...)
	s.cpu += after.CPU - before
	s.peak = max(s.peak, after.PeakMemory)
	return nil
}

// warm invokes the running function n times.
func (s *target) warm(ctx context.Context, f *lambda.Function, n int) (trips []time.Duration, err error) {
	for range n {
		var took time.Duration
		if err := invoke(ctx, f, s.events[s.invoked%len(s.events)], &took); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		s.invoked++
		trips = append(trips, took)
	}
	return trips, nil
}

// invoke invokes a function once. A function error is an error, because it would distort the results.
func invoke(ctx context.Context, f *lambda.Function, event []byte, took *time.Duration) error {
	result, err := f.Invoke(ctx, event)
	if err != nil {
		return err
	}
	if result.FunctionError != "" {
		return fmt.Errorf("function error: %s", result.Payload)
	}
	if took != nil {
		*took = result.Duration
	}
	return nil
}

// typical returns the mean of the samples without the slowest twentieth, which other load on the machine lengthens. Unlike
// percentiles, means of parts add up to the mean of the whole.
func typical(samples []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	sorted = sorted[:len(sorted)-len(sorted)/20]
	var sum time.Duration
	for _, d := range sorted {
		sum += d
	}
	return sum / time.Duration(max(len(sorted), 1))
}

// percentile returns the smallest sample that at least percent % of the samples do not exceed.
func percentile(samples []time.Duration, percent int) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
