package local

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
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
	done  chan struct{}
	other io.Writer // receives log lines that are no decision

	stack *stack.Stack // set before the first call

	mu      sync.Mutex
	reasons map[string]string // by Lambda's request ID
	news    chan struct{}     // closed and replaced when a reason arrives
}

func newDecisions(c cli.Console) *decisions {
	d := &decisions{out: c.Err, other: c.Err, paint: cli.Paint(c.Err), calls: make(chan gateway.Call, 1024), done: make(chan struct{}),
		reasons: map[string]string{}, news: make(chan struct{})}
	go d.print()
	return d
}

// observe takes a call. When lines cannot be printed fast enough, some are left out: the API does not wait.
func (d *decisions) observe(call gateway.Call) {
	select {
	case d.calls <- call:
	default:
	}
}

// Close prints what is left. No call may be observed after it.
func (d *decisions) Close() {
	close(d.calls)
	<-d.done
}

// Write takes one line of the authorizer's log. Lines that are not JSON, and errors, are passed on.
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

// reasonWait bounds the wait for a line of the authorizer's log, which comes by another way than its answer.
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
	for call := range d.calls {
		fmt.Fprintln(d.out, cli.Printable(d.line(call)))
	}
}

func (d *decisions) line(call gateway.Call) string {
	colour, verdict := d.verdict(call)
	route := call.Method + " " + call.Resource
	if call.Resource == "" {
		route = call.Method + " (no such route)"
	}
	how := ""
	if call.Authorizer.Cached {
		how = "cached"
	}
	took := float64(call.Latency.Microseconds()) / 1000
	return fmt.Sprintf("%s  %-14s %-36s %s %-6s %8s  %s", call.Time.Local().Format(time.TimeOnly), d.who(call), route,
		d.paint(colour, fmt.Sprint(call.Status)), how, describeMillis(took), verdict)
}

// who names the caller: a person of the pool, or the client.
func (d *decisions) who(call gateway.Call) string {
	for _, p := range d.stack.People {
		if p.Sub != "" && p.Sub == call.PrincipalID {
			return p.Name
		}
	}
	switch {
	case call.Identity["clientId"] == d.stack.Cognito.MachineClientID():
		return "machine"
	case call.PrincipalID != "":
		return call.PrincipalID
	}
	return "nobody"
}

func (d *decisions) verdict(call gateway.Call) (cli.Colour, string) {
	a := call.Authorizer
	switch {
	case call.Error != "":
		return cli.Red, "allowed, but " + call.Error
	case call.ErrorType == "MISSING_AUTHENTICATION_TOKEN" && call.Resource != "":
		return cli.Red, "refused: the route is authorized by IAM, which is not checked here"
	case call.ErrorType == "MISSING_AUTHENTICATION_TOKEN":
		return cli.Red, "refused: the contract has no such route"
	case a.Status == 401 && !a.Invoked:
		return cli.Red, "refused: no bearer token"
	case a.Status == 401:
		return cli.Red, withReason("refused: ", d.reason(a.ID), "the token is not valid")
	case a.Status == 500:
		return cli.Red, withReason("the authorizer failed: ", d.reason(a.ID), a.Error)
	case call.ErrorType == "ACCESS_DENIED":
		return cli.Red, "denied: " + d.missing(call)
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
func (d *decisions) missing(call gateway.Call) string {
	if d.stack.Contract.Table() == nil {
		return "the policy does not allow it"
	}
	p := routes.Principal{Scopes: strings.Fields(call.Identity["scopes"]), Groups: strings.Fields(call.Identity["groups"])}
	if decision := d.stack.Contract.Table().Decide(p, call.Method, call.Resource); !decision.Allowed {
		return decision.Reason
	}
	return "the policy does not allow it"
}
