package main

import (
	"context"
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

	function *lambda.Function // for warm invocations
	invoked  int              // warm invocations so far
	trips    []time.Duration  // from sending the event to the response
	cold     []time.Duration  // from starting the process to the first response
	coldCPU  []time.Duration  // CPU time of the process until then
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

// warm invokes the running function n times.
func (s *target) warm(ctx context.Context, n int) error {
	for range n {
		var took time.Duration
		if err := invoke(ctx, s.function, s.events[s.invoked%len(s.events)], &took); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		s.invoked++
		s.trips = append(s.trips, took)
	}
	return nil
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

// percentile returns the smallest sample that at least percent % of the samples do not exceed.
func percentile(samples []time.Duration, percent int) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
