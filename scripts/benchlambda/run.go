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

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// rounds is the number of turns in which the functions are measured alternately, each time in a new process: so other load on
// the machine affects all of them alike, as does the processor that a process happens to get.
const rounds = 40

// run measures everything and prints the results.
func run(ctx context.Context, o options, out, progress io.Writer) error {
	if _, err := os.Stat(filepath.Join(o.Root, bundle.Contract)); err != nil {
		return fmt.Errorf("%s is not this repository (no %s): run this in the root of the repository or set --root", o.Root, bundle.Contract)
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
	authorizer, err := buildAuthorizer(ctx, o.Root, dir)
	if err != nil {
		return err
	}
	nop, err := buildBaseline(ctx, o.Root, dir, "nop")
	if err != nil {
		return err
	}
	reader, err := buildBaseline(ctx, o.Root, dir, "reader")
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
	empty := &target{name: "nop", zip: nop, events: events[:1], memory: o.Memory}
	unseen := &target{name: "unseen", zip: authorizer.Path, env: seeded, events: events, memory: o.Memory}
	seen := &target{name: "seen", zip: authorizer.Path, env: seeded, events: events[:1], memory: o.Memory}
	table, err := startTable()
	if err != nil {
		return err
	}
	defer func() { _ = table.Close() }()
	revocable := &target{name: "unseen-with-table", zip: authorizer.Path, env: withTable(table, seeded), events: events, memory: o.Memory}
	verifying := &target{name: "verify", zip: reader, env: seeded, events: events, memory: o.Memory}
	reading := &target{name: "verify-and-read", zip: reader, env: withRead(table.URL(), seeded), events: events, memory: o.Memory}
	targets := []*target{empty, unseen, seen, revocable, verifying, reading}
	cold := []*target{empty, unseen}
	if o.Node {
		node, err := newNode(ctx, dir, seeded, events, o.Memory)
		if err != nil {
			return fmt.Errorf("--node: %w", err)
		}
		targets, cold = append(targets, node), append(cold, node)
	} else {
		fmt.Fprintln(progress, "SKIPPED: aws-jwt-verify on Node.js: use --node to measure it")
	}

	fmt.Fprintf(out, "%s/%s, %s, %d processors; functions of %d MB; authorizer.zip for this machine: %.2f MiB\n",
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), o.Memory, float64(authorizer.Size)/(1<<20))

	fmt.Fprintf(progress, "cold starts, %d of each\n", o.Cold)
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
	fetching, err := tls.targets(o, authorizer.Path, pool)
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "cold starts with a key fetch over TLS, %d of each\n", o.Cold)
	for range o.Cold {
		for _, s := range append([]*target{empty}, fetching...) {
			if err := s.coldStart(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	printCold(out, fmt.Sprintf("Spawn to first answer, keys fetched over TLS, %v away", tlsLatency), append([]*target{empty}, fetching...))

	fmt.Fprintf(progress, "warm invocations, %d of each\n", o.Invocations)
	if err := warmRounds(ctx, o, targets, out); err != nil {
		return err
	}
	printRevocation(out, verifying, reading, unseen, revocable)
	if o.Soak == 0 {
		return nil
	}
	fmt.Fprintf(progress, "memory, up to %d invocations\n", o.Soak)
	return soak(ctx, o, unseen, out)
}

// asDeployed adds the settings that terraform/modules/function sets.
func asDeployed(memory int, settings map[string]string) map[string]string {
	settings["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
	if memory <= 1769 {
		settings["GOMAXPROCS"] = "1"
	}
	return settings
}

// warmRounds measures warm invocations of the functions in turns.
func warmRounds(ctx context.Context, o options, targets []*target, out io.Writer) error {
	for range rounds {
		for _, s := range targets {
			if err := s.warmRound(ctx, o.Invocations/rounds); err != nil {
				return err
			}
		}
	}
	printWarm(out, targets)
	return nil
}

// soak measures the memory of one process over many invocations, none of whose tokens is cached.
func soak(ctx context.Context, o options, s *target, out io.Writer) (err error) {
	function, err := s.start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, function.Close()) }()
	var lines []string
	done := 0
	for _, mark := range []int{100, 10_000, o.Soak} {
		if mark > o.Soak || mark <= done {
			continue
		}
		if _, err := s.warm(ctx, function, mark-done); err != nil {
			return err
		}
		done = mark
		lines = append(lines, fmt.Sprintf("%d: %.1f MiB", mark, float64(function.Stats().PeakMemory)/(1<<20)))
	}
	fmt.Fprintf(out, "\nPeak resident memory by number of invocations: %s\n", strings.Join(lines, ", "))
	return nil
}
