package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// DemoCommand starts the system, makes calls and checks the responses.
type DemoCommand struct {
	options
	Logs string `enum:"none,json" default:"none" help:"json: show what the functions log, on standard error."`
	JSON bool   `name:"json" help:"Print the results as JSON."`
}

// Help implements kong's HelpProvider.
func (*DemoCommand) Help() string {
	return `The calls follow from the contract: each route without a token, with too few rights and with exactly the rights; and tokens
that must be refused, key rotation, an outage of the key server, and the cache. An echo answers allowed calls. Without
--contract, the sample of the clone is run with its own API. WebSockets are not part of it: see run.

  cognito-authorizer demo --contract openapi.yaml
  cognito-authorizer demo --contract openapi.yaml --json

Exit codes: 0 every response is the expected one, 1 one is not, 2 the command line or a file is wrong.`
}

// origin is the page that calls the API in the demo.
const origin = "https://app.example.com"

// call is one request and the response that is expected.
type call struct {
	what   string
	method string
	path   string
	token  string            // for Authorization: Bearer; empty sends none
	header map[string]string // further headers
	status int               // expected; 0: any of the backend's own
	asked  asked             // whether the authorizer or its cache is expected to decide

	as     *routes.Principal // the caller's rights, if the rule of the route decides
	before func(*call) error // changes something first, if anything
}

// asked is whether the authorizer or its cache decided.
type asked string

const (
	nobody     asked = "not asked" // API Gateway alone
	authorizer asked = "asked"
	cache      asked = "cached" // an earlier result of the authorizer, perhaps for another route
)

// Run starts the stack and makes the calls.
func (d *DemoCommand) Run(ctx context.Context, c cli.Console) error {
	b, err := d.build(ctx, c)
	if err != nil {
		return err
	}
	defer b.cleanup()
	var seen observer
	o := d.stack(b)
	o.TTL, o.AllowedOrigins, o.Observe = gateway.DefaultTTL, []string{origin}, seen.observe
	if d.Logs == "json" {
		o.Log = c.Err
	}
	if !b.sample {
		o.Integration = echo{}
	}
	began := time.Now()
	s, err := stack.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // on an error, which is what is reported then
	c.Note("Cognito, API Gateway and the functions are up after %d ms, on this machine alone.\n", time.Since(began).Milliseconds())

	calls, err := d.calls(ctx, c, s, b)
	if err != nil {
		return err
	}
	report := newReport(c, d.JSON, calls)
	for _, one := range calls {
		if err := report.try(ctx, s, &seen, one); err != nil {
			return err
		}
	}
	if !d.JSON {
		if err := latency(ctx, c.Out, s, &seen, calls); err != nil {
			return err
		}
	}
	if err := report.finish(); err != nil {
		return err
	}
	return s.Close()
}

// calls returns the calls of the sample, if that is what runs, and else those that follow from the contract.
func (d *DemoCommand) calls(ctx context.Context, c cli.Console, s *stack.Stack, b *built) ([]call, error) {
	if !b.sample {
		return derived(ctx, s, probesOf(s.Contract), http.StatusOK)
	}
	calls, err := script(ctx, s)
	if err != nil {
		return nil, err
	}
	if route := disagreement(s.Contract, calls); route != "" {
		c.Note("The calls of the sample no longer fit %s: they are derived from the contract.", route)
		return derived(ctx, s, probesOf(s.Contract), anyOfBackend)
	}
	further, err := perRoute(ctx, s, uncovered(s.Contract, calls), anyOfBackend)
	return append(calls, further...), err
}

// observed is a response without its body.
type observed struct {
	status  int
	header  http.Header
	backend bool // it is the backend's own
}

// anyOfBackend is the expected status where the backend alone decides.
const anyOfBackend = 0

func (c call) do(ctx context.Context, base string) (observed, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, base+c.path, http.NoBody)
	if err != nil {
		return observed{}, err
	}
	req.Header.Set("Origin", origin)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return observed{}, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return observed{resp.StatusCode, resp.Header, resp.Header.Get("x-amzn-ErrorType") == ""}, err
}

// check compares the response with the expected one. Whatever it is, the page of the allowed origin must be
// able to read it.
func (c call) check(got observed, how asked) (problems []string) {
	switch {
	case c.status == anyOfBackend && !got.backend:
		problems = append(problems, fmt.Sprintf("status %d of API Gateway, expected the backend's own response", got.status))
	case c.status != anyOfBackend && got.status != c.status:
		problems = append(problems, fmt.Sprintf("status %d, expected %d", got.status, c.status))
	}
	if how != c.asked {
		problems = append(problems, fmt.Sprintf("the authorizer: %s, expected: %s", how, c.asked))
	}
	if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != origin && (!got.backend || allowed != "*") {
		problems = append(problems, fmt.Sprintf("Access-Control-Allow-Origin is %q, so a page could not read this response", allowed))
	}
	return problems
}

// latency measures how long responses take, on this machine and with everything on the same processors: with the first call
// whose token the authorizer verified and let through.
func latency(ctx context.Context, out io.Writer, s *stack.Stack, seen *observer, calls []call) error {
	i := slices.IndexFunc(calls, func(c call) bool {
		return c.asked == authorizer && c.before == nil && c.status == http.StatusOK && (c.method == http.MethodGet || s.API == nil)
	})
	if i < 0 {
		return nil
	}
	const rounds = 200
	one := calls[i]
	somebody := s.People[len(s.People)-1].Name // the first may have been signed out
	if fresh, err := s.Cognito.Mint(fakecognito.MintOptions{Username: somebody, Claims: claimsOf(one.as)}); err == nil {
		one.token = fresh // the demo may have rotated the keys since
	}
	var warm, cached []time.Duration
	for range rounds {
		s.Gateway.FlushCache()
		for _, times := range []*[]time.Duration{&warm, &cached} {
			began := time.Now()
			got, err := one.do(ctx, s.Gateway.URL())
			if err != nil {
				return err
			}
			if got.status != http.StatusOK {
				return fmt.Errorf("%s %s answered %d while being measured", one.method, one.path, got.status)
			}
			*times = append(*times, time.Since(began))
		}
	}
	cold := seen.firstInvoked()
	fmt.Fprintf(out, "\nLatency here: %6.2f ms  the authorizer's first call, with its start and the fetch of the keys\n", milliseconds(cold.Authorizer.Latency))
	fmt.Fprintf(out, "              %6.2f ms  a call whose token the authorizer verifies (median of %d, gateway and API included)\n", milliseconds(median(warm)), rounds)
	fmt.Fprintf(out, "              %6.2f ms  a call answered from the cached policy (median of %d)\n", milliseconds(median(cached)), rounds)
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// observer keeps what the gateway reports of the calls.
type observer struct {
	mu      sync.Mutex
	calls   gateway.Call
	invoked *gateway.Call
}

func (o *observer) observe(c gateway.Call) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = c
	if c.Authorizer.Invoked && o.invoked == nil {
		o.invoked = &c
	}
}

// last returns whether the last call invoked the authorizer or used its cache.
func (o *observer) last() asked {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.calls.Authorizer.Invoked:
		return authorizer
	case o.calls.Authorizer.Cached:
		return cache
	}
	return nobody
}

func (o *observer) firstInvoked() gateway.Call {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.invoked == nil {
		return gateway.Call{}
	}
	return *o.invoked
}

var errTampered = errors.New("the token has no third part")

// tampered changes one character in the middle of a part of a token: 0 header, 1 payload, 2 signature.
func tampered(token string, part int) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errTampered
	}
	b := []byte(parts[part])
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	parts[part] = string(b)
	return strings.Join(parts, "."), nil
}
