package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// subject is one function that is measured, and what it is asked.
type subject struct {
	name   string
	zip    string
	env    map[string]string
	events [][]byte // in turn
	memory int      // MB that it is told it has

	function *lambda.Function // of the warm rounds
	asked    int
	trips    []time.Duration // from handing the event over to the answer
	cold     []time.Duration // from the spawn to the first answer
	coldCPU  []time.Duration // of the whole process until then
}

// start makes a function of its own, without a process as yet.
func (s *subject) start() (*lambda.Function, error) {
	return lambda.Start(lambda.Options{
		Name: s.name, Zip: s.zip, Env: s.env, Timeout: 10 * time.Second, MaxConcurrency: 1, MemoryMB: s.memory,
	})
}

// coldStart runs one process for one invocation.
func (s *subject) coldStart(ctx context.Context) (err error) {
	f, err := s.start()
	if err != nil {
		return err
	}
	began := time.Now()
	err = ask(ctx, f, s.events[0], nil)
	s.cold = append(s.cold, time.Since(began))
	if closed := f.Close(); err == nil {
		err = closed
	}
	s.coldCPU = append(s.coldCPU, f.Stats().CPU)
	return err
}

// warm asks the running function n times.
func (s *subject) warm(ctx context.Context, n int) error {
	for range n {
		var took time.Duration
		if err := ask(ctx, s.function, s.events[s.asked%len(s.events)], &took); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		s.asked++
		s.trips = append(s.trips, took)
	}
	return nil
}

// ask invokes once. An answer that is an error would be a measurement of something else.
func ask(ctx context.Context, f *lambda.Function, event []byte, took *time.Duration) error {
	result, err := f.Invoke(ctx, event)
	if err != nil {
		return err
	}
	if result.FunctionError != "" {
		return fmt.Errorf("it answered with an error: %s", result.Payload)
	}
	if took != nil {
		*took = result.Duration
	}
	return nil
}

// percentile is the smallest sample that so many per cent of the samples do not exceed.
func percentile(samples []time.Duration, percent int) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
