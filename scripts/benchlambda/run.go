package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
)

// rounds is in how many turns the functions are measured, one after the other: what else the machine does then
// falls on all of them alike.
const rounds = 20

// run measures everything and prints it.
func run(ctx context.Context, o options, out, progress io.Writer) error {
	if _, err := os.Stat(filepath.Join(o.Root, bundle.Contract)); err != nil {
		return fmt.Errorf("%s is not this repository (there is no %s in it): run it from the repository's root, or name that by --root", o.Root, bundle.Contract)
	}
	if o.Cold < 1 || o.Invocations < rounds || o.Soak < 0 {
		return fmt.Errorf("--cold must be at least 1, --invocations at least %d, --soak not negative", rounds)
	}
	dir, err := os.MkdirTemp("", "benchlambda-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(progress, "building the zips")
	authorizer, nop, err := buildZips(ctx, o.Root, dir)
	if err != nil {
		return err
	}
	pool, err := fakecognito.Start(fakecognito.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	keys, err := keySet(pool)
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "signing %d tokens\n", unseenTokens)
	events, err := newEvents(o.Root, pool, pool.Issuer(), unseenTokens)
	if err != nil {
		return err
	}
	seeded := asDeployed(o.Memory, map[string]string{
		"ISSUERS": pool.Issuer(), "CLIENT_IDS": pool.MachineClientID(), "JWKS": string(keys),
	})
	empty := &subject{name: "nop", zip: nop, events: events[:1], memory: o.Memory}
	unseen := &subject{name: "unseen", zip: authorizer.Path, env: seeded, events: events, memory: o.Memory}
	seen := &subject{name: "seen", zip: authorizer.Path, env: seeded, events: events[:1], memory: o.Memory}
	subjects := []*subject{empty, unseen, seen}
	if o.Node {
		node, err := newNode(ctx, dir, seeded, events, o.Memory)
		if err != nil {
			return fmt.Errorf("--node: %w", err)
		}
		subjects = append(subjects, node)
	} else {
		fmt.Fprintln(progress, "SKIPPED: aws-jwt-verify on Node; --node measures it")
	}

	fmt.Fprintf(out, "%s/%s, %s, %d processors; functions of %d MB; authorizer.zip for this machine: %.2f MiB\n",
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), o.Memory, float64(authorizer.Size)/(1<<20))

	fmt.Fprintf(progress, "cold starts, %d of each\n", o.Cold)
	cold := []*subject{empty, unseen}
	cold = append(cold, subjects[3:]...)
	for range o.Cold {
		for _, s := range cold {
			if err := s.coldStart(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	printCold(out, "Spawn to first answer, keys seeded", cold)

	tls, err := newTLS(dir, keys)
	if err != nil {
		return err
	}
	defer tls.close()
	fetching, err := tls.subjects(o, authorizer.Path, pool)
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "cold starts with a key fetch over TLS, %d of each\n", o.Cold)
	for range o.Cold {
		for _, s := range append([]*subject{empty}, fetching...) {
			if err := s.coldStart(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	printCold(out, fmt.Sprintf("Spawn to first answer, keys fetched over TLS, %v away", tlsLatency), append([]*subject{empty}, fetching...))

	fmt.Fprintf(progress, "warm invocations, %d of each\n", o.Invocations)
	if err := warmRounds(ctx, o, subjects, out); err != nil {
		return err
	}
	if o.Soak == 0 {
		return nil
	}
	fmt.Fprintf(progress, "memory, up to %d invocations\n", o.Soak)
	return soak(ctx, o, unseen, out)
}

// asDeployed adds to settings what Terraform sets by itself, see terraform/modules/function.
func asDeployed(memory int, settings map[string]string) map[string]string {
	settings["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
	if memory <= 1769 {
		settings["GOMAXPROCS"] = "1"
	}
	return settings
}

// warmRounds measures the functions in turns.
func warmRounds(ctx context.Context, o options, subjects []*subject, out io.Writer) (err error) {
	cpu := make(map[*subject]time.Duration)
	for _, s := range subjects {
		if s.function, err = s.start(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.function.Close()) }()
		if err := s.warm(ctx, 200); err != nil { // until caches and buffers have their size
			return err
		}
		s.trips = nil
		cpu[s] = s.function.Stats().CPU
	}
	for range rounds {
		for _, s := range subjects {
			if err := s.warm(ctx, o.Invocations/rounds); err != nil {
				return err
			}
		}
	}
	for _, s := range subjects {
		cpu[s] = (s.function.Stats().CPU - cpu[s]) / time.Duration(len(s.trips))
	}
	printWarm(out, subjects, cpu)
	return nil
}

// soak looks at the memory of one process as it goes on, every token being one that was not seen before.
func soak(ctx context.Context, o options, s *subject, out io.Writer) (err error) {
	if s.function, err = s.start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.function.Close()) }()
	var lines []string
	asked := 0
	for _, mark := range []int{100, 10_000, o.Soak} {
		if mark > o.Soak || mark <= asked {
			continue
		}
		if err := s.warm(ctx, mark-asked); err != nil {
			return err
		}
		asked = mark
		lines = append(lines, fmt.Sprintf("%d: %.1f MiB", mark, float64(s.function.Stats().PeakMemory)/(1<<20)))
	}
	fmt.Fprintf(out, "\nPeak resident memory after so many invocations: %s\n", strings.Join(lines, ", "))
	return nil
}
