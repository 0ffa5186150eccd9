package local

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// decisions prints one line for each call: who called what, whether it was allowed or why not, whether the result was
// cached, and how long it took. It learns the reason for a 401 from the authorizer's own log.
type decisions struct {
	out   io.Writer
	paint func(cli.Colour, string) string
	calls chan gateway.Call
	stop  chan struct{} // closed by Close
	done  chan struct{} // closed when all is printed
	other io.Writer     // receives log lines that are not decisions

	stack atomic.Pointer[stack.Stack] // set before the address of the API is printed

	mu      sync.Mutex
	reasons map[string]string // by Lambda's request ID
	news    chan struct{}     // closed and replaced when a reason arrives
}

func newDecisions(c cli.Console) *decisions {
	d := &decisions{out: c.Err, other: c.Err, paint: cli.Paint(c.Err), calls: make(chan gateway.Call, 1024), stop: make(chan struct{}), done: make(chan struct{}),
		reasons: map[string]string{}, news: make(chan struct{})}
	go d.print()
	return d
}

// observe prints a call. If printing is too slow it drops lines, so that the API does not wait.
func (d *decisions) observe(call gateway.Call) {
	select {
	case d.calls <- call:
	default:
	}
}

// Close prints what is left. A call that is observed later is not printed: connections may outlive the gateway a little.
func (d *decisions) Close() {
	close(d.stop)
	<-d.done
}

// Write receives one line of the authorizer's log. It prints lines that are not JSON, and errors.
func (d *decisions) Write(line []byte) (int, error) {
	var l struct {
		ID      string `json:"requestId"`
		Level   string `json:"level"`
		Message string `json:"message"`
		Reason  string `json:"reason"`
		Error   string `json:"error"`
	}
	err := json.Unmarshal(line, &l)
	if err == nil && l.Message == "decision" {
		reason := l.Reason
		if l.Error != "" {
			reason += ": " + l.Error
		}
		d.mu.Lock()
		if len(d.reasons) > 10_000 {
			clear(d.reasons)
		}
		d.reasons[l.ID] = reason
		close(d.news)
		d.news = make(chan struct{})
		d.mu.Unlock()
		return len(line), nil
	}
	if err == nil && l.Level != "ERROR" && l.Level != "WARN" {
		return len(line), nil
	}
	_, _ = d.other.Write(line)
	return len(line), nil
}

// reasonWait bounds the wait for a line of the authorizer's log, which arrives separately from its response.
const reasonWait = 500 * time.Millisecond

func (d *decisions) reason(id string) string {
	timer := time.NewTimer(reasonWait)
	defer timer.Stop()
	for {
		d.mu.Lock()
		reason, known := d.reasons[id]
		delete(d.reasons, id)
		news := d.news
		d.mu.Unlock()
		if known {
			return reason
		}
		select {
		case <-news:
		case <-timer.C:
			return ""
		}
	}
}

func (d *decisions) print() {
	defer close(d.done)
	for {
		select {
		case call := <-d.calls:
			fmt.Fprintln(d.out, d.line(call))
			continue
		default:
		}
		select {
		case call := <-d.calls:
			fmt.Fprintln(d.out, d.line(call))
		case <-d.stop:
			if len(d.calls) == 0 {
				return
			}
		}
	}
}

func (d *decisions) line(call gateway.Call) string {
	s := d.stack.Load()
	colour, outcome := outcomeOf(s, call, d.reason)
	route := strings.TrimPrefix(call.Method+" "+call.Resource, " ") // those of a WebSocket have no method
	if call.Resource == "" {
		route = call.Method + " (no such route)"
	}
	how := ""
	if call.Authorizer.Cached {
		how = "cached"
	}
	took := float64(call.Latency.Microseconds()) / 1000
	return fmt.Sprintf("%s  %-14s %-36s %s %-6s %8s  %s", call.Time.Local().Format(time.TimeOnly), cli.Printable(who(s, call)), cli.Printable(route),
		d.paint(colour, fmt.Sprint(call.Status)), how, describeMillis(took), cli.Printable(outcome))
}

// who names the caller: a person of the pool, or the client.
func who(s *stack.Stack, call gateway.Call) string {
	for _, p := range s.People {
		if p.Sub != "" && p.Sub == call.PrincipalID {
			return p.Name
		}
	}
	switch {
	case call.Identity["clientId"] == s.Cognito.MachineClientID():
		return "machine"
	case call.PrincipalID != "":
		return call.PrincipalID
	}
	return "nobody"
}

// outcomeOf returns what became of a call, and why. reason returns the authorizer's own for an invocation.
func outcomeOf(s *stack.Stack, call gateway.Call, reason func(id string) string) (cli.Colour, string) {
	a := call.Authorizer
	switch {
	case call.Error != "":
		return cli.Red, "allowed, but " + call.Error
	case call.ErrorType == "MISSING_AUTHENTICATION_TOKEN" && call.Resource != "":
		return cli.Red, "refused: the route is authorized by IAM, which is not checked here"
	case call.ErrorType == gateway.OutsideStage:
		return cli.Red, "refused: paths begin with the stage: " + s.Gateway.URL() + "/…"
	case call.ErrorType == "MISSING_AUTHENTICATION_TOKEN":
		return cli.Red, "refused: the contract has no such route"
	case a.Status == 401 && !a.Invoked:
		return cli.Red, "refused: no bearer token"
	case a.Status == 401:
		return cli.Red, withReason("refused: ", reason(a.ID), "the token is not valid")
	case a.Status == 500:
		return cli.Red, withReason("the authorizer failed: ", reason(a.ID), a.Error)
	case call.ErrorType == "ACCESS_DENIED":
		return cli.Red, "denied: " + missing(s, call)
	case call.ErrorType != "":
		return cli.Red, strings.ToLower(strings.ReplaceAll(call.ErrorType, "_", " "))
	case call.Public:
		return cli.Faint, "public"
	}
	return cli.Green, "allowed"
}

func withReason(prefix, reason, otherwise string) string {
	if reason == "" {
		reason = otherwise
	}
	return prefix + reason
}

// missing returns what the caller of a denied call lacks.
func missing(s *stack.Stack, call gateway.Call) string {
	if s.Contract.Table() == nil {
		return "the policy does not allow it"
	}
	route, found := s.Contract.Table().Find(call.Method, call.Resource)
	p := routes.Principal{Scopes: strings.Fields(call.Identity["scopes"]), Groups: strings.Fields(call.Identity["groups"])}
	if found && !route.Rule.Allows(p) { // the context does not have the claims, so they cannot be compared here
		return "needs " + route.Rule.String()
	}
	return "the policy does not allow it"
}
