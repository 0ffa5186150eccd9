package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// DemoCommand starts the system, makes the calls of the script and checks the responses.
type DemoCommand struct {
	options
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
	status int
	asked  asked // how the authorizer comes into it

	before func(*call) error // changes something first, if anything
}

// asked says who answered for the token.
type asked string

const (
	nobody     asked = "not asked" // API Gateway alone
	authorizer asked = "asked"
	cache      asked = "cached" // an earlier answer of the authorizer, perhaps given for another route
)

// Run starts the stack and makes the calls.
func (d *DemoCommand) Run(ctx context.Context, c cli.Console) error {
	dir, cleanup, err := d.zips(ctx, c)
	if err != nil {
		return err
	}
	defer cleanup()

	var seen observer
	options := stack.Options{
		Zips: dir, TTL: gateway.DefaultTTL, AllowedOrigins: []string{origin}, Observe: seen.observe,
	}
	if d.Logs {
		options.Log = os.Stderr
	}
	began := time.Now()
	s, err := stack.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // on an error, which is what is told then
	c.Note("Cognito, API Gateway and the two functions are up after %d ms, on this machine alone.\n", time.Since(began).Milliseconds())

	calls, err := script(ctx, s)
	if err != nil {
		return err
	}
	failed := 0
	paint := cli.Paint(c.Out)
	fmt.Fprintf(c.Out, "   %-62s %-24s %8s %7s %8s  %s\n", "check", "call", "expected", "actual", "ms", "authorizer")
	for _, one := range calls {
		right, err := try(ctx, c.Out, s, &seen, one, paint)
		if err != nil {
			return err
		}
		if !right {
			failed++
		}
	}
	fmt.Fprintln(c.Out)
	if err := latency(ctx, c.Out, s, &seen); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d responses were not as expected", failed, len(calls))
	}
	fmt.Fprintf(c.Out, "\n%s\n", paint(cli.Green, fmt.Sprintf("All %d responses were as expected.", len(calls))))
	return s.Close()
}

// try makes one call and prints a line about it.
func try(ctx context.Context, out io.Writer, s *stack.Stack, seen *observer, c call, paint func(cli.Colour, string) string) (bool, error) {
	if c.before != nil {
		if err := c.before(&c); err != nil {
			return false, fmt.Errorf("%s: %w", c.what, err)
		}
	}
	began := time.Now()
	got, err := c.do(ctx, s.Gateway.URL())
	if err != nil {
		return false, fmt.Errorf("%s: %w", c.what, err)
	}
	took := time.Since(began)
	how := seen.last()
	problems := c.check(got, how)
	mark := paint(cli.Green, "✓")
	if len(problems) > 0 {
		mark = paint(cli.Red, "✗")
	}
	fmt.Fprintf(out, "%s  %-62s %-24s %8d %7d %8.2f  %s\n", mark, c.what, c.method+" "+c.path, c.status, got.status,
		float64(took.Microseconds())/1000, how)
	for _, p := range problems {
		fmt.Fprintf(out, "   %s\n", paint(cli.Red, p))
	}
	return len(problems) == 0, nil
}

// answer is what came back, without its body.
type answer struct {
	status int
	header http.Header
}

func (c call) do(ctx context.Context, base string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, base+c.path, http.NoBody)
	if err != nil {
		return answer{}, err
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
		return answer{}, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return answer{resp.StatusCode, resp.Header}, err
}

// check compares the response with the expected one. Whatever it is, the page of the allowed origin must be
// able to read it.
func (c call) check(got answer, how asked) (problems []string) {
	if got.status != c.status {
		problems = append(problems, fmt.Sprintf("status %d, expected %d", got.status, c.status))
	}
	if how != c.asked {
		problems = append(problems, fmt.Sprintf("the authorizer: %s, expected: %s", how, c.asked))
	}
	if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != origin {
		problems = append(problems, fmt.Sprintf("Access-Control-Allow-Origin is %q, so a page could not read this answer", allowed))
	}
	return problems
}

// latency measures the ways to an answer, on this machine and with everything on the same processors.
func latency(ctx context.Context, out io.Writer, s *stack.Stack, seen *observer) error {
	alice, err := s.Person("alice")
	if err != nil {
		return err
	}
	tokens, err := s.SignIn(ctx, alice)
	if err != nil {
		return err
	}
	const rounds = 200
	me := call{method: http.MethodGet, path: "/me", token: tokens.Access}
	var cold gateway.Call
	var warm, cached []time.Duration
	for range rounds {
		s.Gateway.FlushCache()
		for _, times := range []*[]time.Duration{&warm, &cached} {
			began := time.Now()
			got, err := me.do(ctx, s.Gateway.URL())
			if err != nil {
				return err
			}
			if got.status != http.StatusOK {
				return fmt.Errorf("GET /me answered %d while being measured", got.status)
			}
			*times = append(*times, time.Since(began))
		}
	}
	cold = seen.firstInvoked()
	fmt.Fprintf(out, "Latency here: %6.2f ms  the authorizer's first call, with its start and the fetch of the keys\n", milliseconds(cold.Authorizer.Latency))
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

// last says who answered for the token of the last call.
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

// tampered changes one letter in the middle of a part of a token: 0 header, 1 payload, 2 signature.
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
