// Command benchlambda measures authorizer.zip behind a Runtime API on this machine, relative to an empty handler in the same run:
// cold starts, warm round trips, CPU time, memory, and the first key fetch over TLS. docs/performance.md explains the figures.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
)

type options struct {
	Root        string `help:"The repository." type:"existingdir" default:"." placeholder:"DIR"`
	Cold        int    `help:"Cold starts of each function." default:"40" placeholder:"N"`
	Invocations int    `help:"Warm invocations of each function." default:"10000" placeholder:"N"`
	Soak        int    `help:"Invocations of the memory test; 0 skips it." default:"100000" placeholder:"N"`
	Memory      int    `help:"Memory in MB that the functions are told they have." default:"256" placeholder:"MB"`
	Node        bool   `help:"Also measure aws-jwt-verify on Node.js, which npm downloads."`
}

func main() {
	var opts options
	kong.Parse(&opts,
		kong.Name("benchlambda"),
		kong.Description(`Measures authorizer.zip behind a Lambda Runtime API on this machine, relative to an empty handler.

Examples:
  go run ./scripts/benchlambda
  go run ./scripts/benchlambda --invocations 2000 --soak 0
  go run ./scripts/benchlambda --node`),
		kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, opts, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "benchlambda:", err)
		os.Exit(1)
	}
}
