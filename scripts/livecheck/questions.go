package livecheck

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// order is what a call tells the authorizer to return; see function.py.
type order struct {
	ID         string      `json:"id"` // makes the token, and with it the key of the cache, unique
	Statements []statement `json:"statements"`
	DenyFrom   int64       `json:"deny_from,omitempty"`   // time in Unix seconds from which a condition denies everything
	Error      string      `json:"error,omitempty"`       // fail with it…
	ErrorUntil int64       `json:"error_until,omitempty"` // …before this time
	Bytes      int         `json:"bytes,omitempty"`       // least size of the result
}

type statement struct {
	Effect      string
	Resource    []string `json:",omitempty"` // {stage} stands for the ARN of the stage
	NotResource []string `json:",omitempty"`
}

var allowAll = []statement{{Effect: "Allow", Resource: []string{"{stage}/*"}}}

// api is one of the two APIs that are asked.
type api struct {
	kind string // REST or HTTP
	url  string // below which the routes are
}

// reply is a response of an API.
type reply struct {
	Status     int    `json:"status"`
	Invocation string `json:"-"` // of the authorizer whose result let the call through
	ARN        string `json:"-"` // of the call, as the authorizer was told
	Body       string `json:"-"`
	CORS       string `json:"-"` // Access-Control-Allow-Origin
}

// prober calls the APIs.
type prober struct {
	secret string
	client *http.Client
	now    func() time.Time
	wait   func(context.Context, time.Duration) error
}

// token returns credentials that carry the order.
func (p *prober) token(o order) (string, error) {
	o.ID = rand.Text()
	text, err := json.Marshal(o)
	return p.secret + "." + base64.URLEncoding.EncodeToString(text), err
}

// call calls a path below /p of an API, which is sent as it is written.
func (p *prober) call(ctx context.Context, at api, path, token string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.url+"/p/", http.NoBody)
	if err != nil {
		return reply{}, err
	}
	req.URL.Opaque = req.URL.EscapedPath() + path // the bytes that are sent
	req.Header.Set("Authorization", token)
	req.Header.Set("Origin", origin)
	resp, err := p.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return reply{}, err
	}
	r := reply{Status: resp.StatusCode, Body: string(body), CORS: resp.Header.Get("Access-Control-Allow-Origin")}
	var echoed struct{ Invocation, ARN string }
	if json.Unmarshal(body, &echoed) == nil {
		r.Invocation, r.ARN = echoed.Invocation, echoed.ARN
	}
	return r, nil
}

// ask makes one call with a token of its own.
func (p *prober) ask(ctx context.Context, at api, path string, o order) (reply, error) {
	token, err := p.token(o)
	if err != nil {
		return reply{}, err
	}
	return p.call(ctx, at, path, token)
}

// readyWithin bounds how long it may take until a new API responds.
const readyWithin = 2 * time.Minute

// ready waits until an API responds as expected, twice in a row.
func (p *prober) ready(ctx context.Context, at api) error {
	const pause = 3 * time.Second
	answered := 0
	var last string
	for waited := time.Duration(0); waited < readyWithin; waited += pause {
		r, err := p.ask(ctx, at, "ready", order{Statements: allowAll})
		switch {
		case err != nil:
			answered, last = 0, err.Error()
		case r.Status != http.StatusOK || r.Invocation == "":
			answered, last = 0, fmt.Sprintf("status %d", r.Status)
		default:
			answered++
		}
		if answered == 2 {
			return nil
		}
		if err := p.wait(ctx, pause); err != nil {
			return err
		}
	}
	return fmt.Errorf("the %s API did not respond as expected within %v: %s", at.kind, readyWithin, last)
}

// Answer is what AWS showed about one question.
type Answer struct {
	Question string   `json:"question"`
	API      string   `json:"api"`
	Answer   string   `json:"answer"` // unknown if AWS did not answer
	Evidence []string `json:"evidence"`
}

const unknown = "unknown"

// question is one that AWS's documentation leaves open.
type question struct {
	text string
	apis []string // REST, HTTP
	find func(context.Context, *prober, api) (answer string, evidence []string, err error)
}

var both = []string{"REST", "HTTP"}

// questions lists them in the order in which they are asked.
func questions() []question {
	return []question{
		{"Does a time condition end a cached Allow?", both, timeCondition},
		{"What does the error Unauthorized become?", both, func(ctx context.Context, p *prober, at api) (string, []string, error) {
			return errorStatus(ctx, p, at, "Unauthorized")
		}},
		{"Is the error Unauthorized cached?", both, func(ctx context.Context, p *prober, at api) (string, []string, error) {
			return errorCached(ctx, p, at, "Unauthorized")
		}},
		{"Is another error cached?", both, func(ctx context.Context, p *prober, at api) (string, []string, error) {
			return errorCached(ctx, p, at, "Broken")
		}},
		{"Which form of an encoded path is the policy evaluated on?", both, forms("a%41b", map[string]string{"as sent": "a%41b", "decoded": "aAb"})},
		{"… of an encoded slash?", both, forms("a%2Fb", map[string]string{"as sent": "a%2Fb", "decoded": "a/b"})},
		{"… of a path with a slash at its end?", both, forms("a/", map[string]string{"as sent": "a/", "without the slash": "a"})},
		{"… of a path with two slashes?", both, forms("a//b", map[string]string{"as sent": "a//b", "with one slash": "a/b"})},
		{"Do * and ? of a caller arrive as such in the ARN?", both, wildcards},
		{"Is NotResource honoured?", both, notResource},
		{"How large may a result be?", both, resultSize},
		{"What does an implicit denial say?", both, implicitDenial},
		{"Does a refusal carry CORS headers?", []string{"HTTP"}, corsOnRefusal},
	}
}

// Times of the questions that wait: until a condition holds, and how long after that is waited.
const (
	conditionAfter = 15 * time.Second
	margin         = 5 * time.Second
)

// timeCondition lets an Allow be cached together with a Deny from a time on, and calls before and after. The function itself
// allows after that time, so a denial can only come from the cached result.
func timeCondition(ctx context.Context, p *prober, at api) (string, []string, error) {
	end := p.now().Add(conditionAfter).Truncate(time.Second)
	token, err := p.token(order{Statements: allowAll, DenyFrom: end.Unix()})
	if err != nil {
		return "", nil, err
	}
	before, err := p.call(ctx, at, "a", token)
	if err != nil {
		return "", nil, err
	}
	if err := p.wait(ctx, end.Add(margin).Sub(p.now())); err != nil {
		return "", nil, err
	}
	after, err := p.call(ctx, at, "a", token)
	if err != nil {
		return "", nil, err
	}
	evidence := []string{fmt.Sprintf("%d before the time of the Deny, %d after it", before.Status, after.Status)}
	switch {
	case before.Status != http.StatusOK:
		return unknown, append(evidence, "the result with a condition was not accepted before its time"), nil
	case after.Status == http.StatusForbidden:
		return "yes", evidence, nil
	case after.Status != http.StatusOK:
		return unknown, evidence, nil
	case after.Invocation == before.Invocation:
		return "no", append(evidence, "both calls were allowed by the same invocation of the authorizer"), nil
	}
	return unknown, append(evidence, "the authorizer was asked again, so nothing was cached"), nil
}

func errorStatus(ctx context.Context, p *prober, at api, message string) (string, []string, error) {
	r, err := p.ask(ctx, at, "a", order{Error: message, ErrorUntil: p.now().Add(time.Hour).Unix()})
	return fmt.Sprint(r.Status), []string{shortened(r.Body)}, err
}

// errorCached lets the authorizer fail until a time, and calls again with the same token after it.
func errorCached(ctx context.Context, p *prober, at api, message string) (string, []string, error) {
	end := p.now().Add(margin).Truncate(time.Second)
	token, err := p.token(order{Statements: allowAll, Error: message, ErrorUntil: end.Unix()})
	if err != nil {
		return "", nil, err
	}
	first, err := p.call(ctx, at, "a", token)
	if err != nil {
		return "", nil, err
	}
	if err := p.wait(ctx, end.Add(margin).Sub(p.now())); err != nil {
		return "", nil, err
	}
	second, err := p.call(ctx, at, "a", token)
	if err != nil {
		return "", nil, err
	}
	evidence := []string{fmt.Sprintf("%d while the authorizer fails, %d with the same token when it no longer does", first.Status, second.Status)}
	switch {
	case first.Status == http.StatusOK:
		return unknown, append(evidence, "the error did not refuse the call"), nil
	case second.Status == http.StatusOK:
		return "no", evidence, nil
	case second.Status == first.Status:
		return "yes", evidence, nil
	}
	return unknown, evidence, nil
}

// forms allows one form of a path after the other, and calls the path each time.
func forms(sent string, allowed map[string]string) func(context.Context, *prober, api) (string, []string, error) {
	return func(ctx context.Context, p *prober, at api) (string, []string, error) {
		names := make([]string, 0, len(allowed))
		for name := range allowed {
			names = append(names, name)
		}
		slices.Sort(names)
		var matched, evidence []string
		for _, name := range names {
			r, err := p.ask(ctx, at, sent, order{Statements: []statement{{Effect: "Allow", Resource: []string{"{stage}/GET/p/" + allowed[name]}}}})
			if err != nil {
				return "", nil, err
			}
			evidence = append(evidence, fmt.Sprintf("GET /p/%s with an Allow for /p/%s: %d", sent, allowed[name], r.Status))
			switch r.Status {
			case http.StatusOK:
				matched = append(matched, name)
			case http.StatusForbidden:
			default:
				return unknown, evidence, nil
			}
		}
		if len(matched) == 0 {
			return "neither", evidence, nil
		}
		return strings.Join(matched, " and "), evidence, nil
	}
}

// wildcards sends both, and compares what the authorizer was told.
func wildcards(ctx context.Context, p *prober, at api) (string, []string, error) {
	r, err := p.ask(ctx, at, "a*b%3Fc", order{Statements: allowAll})
	if err != nil {
		return "", nil, err
	}
	_, path, found := strings.Cut(r.ARN, "/p/")
	evidence := []string{fmt.Sprintf("GET /p/a*b%%3Fc: %d, the ARN ends with /p/%s", r.Status, path)}
	switch {
	case r.Status != http.StatusOK || !found:
		return unknown, evidence, nil
	case strings.Contains(path, "*") && strings.Contains(path, "?"):
		return "yes, both", evidence, nil
	case strings.Contains(path, "*"):
		return "* does, ? does not", evidence, nil
	case strings.Contains(path, "?"):
		return "? does, * does not", evidence, nil
	}
	return "no", evidence, nil
}

// notResource denies everything but one path.
func notResource(ctx context.Context, p *prober, at api) (string, []string, error) {
	statements := append(slices.Clone(allowAll), statement{Effect: "Deny", NotResource: []string{"{stage}/GET/p/yes"}})
	named, err := p.ask(ctx, at, "yes", order{Statements: statements})
	if err != nil {
		return "", nil, err
	}
	other, err := p.ask(ctx, at, "no", order{Statements: statements})
	if err != nil {
		return "", nil, err
	}
	evidence := []string{fmt.Sprintf("a Deny for all but /p/yes: %d for /p/yes, %d for /p/no", named.Status, other.Status)}
	switch [2]int{named.Status, other.Status} {
	case [2]int{200, 403}:
		return "yes", evidence, nil
	case [2]int{200, 200}:
		return "no: it is ignored", evidence, nil
	case [2]int{403, 403}:
		return "no: it denies everything", evidence, nil
	case [2]int{500, 500}:
		return "no: the result is refused", evidence, nil
	}
	return unknown, evidence, nil
}

// sizes are those of the results that are tried, in bytes. 8 KB is the quota.
var sizes = []int{7 << 10, 8<<10 - 100, 8<<10 + 100, 9 << 10, 16 << 10, 64 << 10, 256 << 10}

func resultSize(ctx context.Context, p *prober, at api) (string, []string, error) {
	var evidence []string
	largest := 0
	for _, size := range sizes {
		r, err := p.ask(ctx, at, "a", order{Statements: allowAll, Bytes: size})
		if err != nil {
			return "", nil, err
		}
		evidence = append(evidence, fmt.Sprintf("%d bytes: %d", size, r.Status))
		if r.Status != http.StatusOK {
			if largest == 0 {
				return unknown, evidence, nil
			}
			return fmt.Sprintf("at least %d bytes, less than %d", largest, size), evidence, nil
		}
		largest = size
	}
	return fmt.Sprintf("at least %d bytes", largest), evidence, nil
}

func implicitDenial(ctx context.Context, p *prober, at api) (string, []string, error) {
	r, err := p.ask(ctx, at, "a", order{Statements: []statement{{Effect: "Allow", Resource: []string{"{stage}/GET/p/b"}}}})
	if err != nil {
		return "", nil, err
	}
	if r.Status != http.StatusForbidden {
		return unknown, []string{fmt.Sprintf("status %d", r.Status)}, nil
	}
	return shortened(r.Body), []string{fmt.Sprintf("status %d", r.Status)}, nil
}

func corsOnRefusal(ctx context.Context, p *prober, at api) (string, []string, error) {
	r, err := p.ask(ctx, at, "a", order{Statements: []statement{{Effect: "Deny", Resource: []string{"{stage}/*"}}}})
	if err != nil {
		return "", nil, err
	}
	evidence := []string{fmt.Sprintf("%d with Access-Control-Allow-Origin %q for the origin %s", r.Status, r.CORS, origin)}
	switch {
	case r.Status == http.StatusOK:
		return unknown, evidence, nil
	case r.CORS == "":
		return "no", evidence, nil
	}
	return "yes", evidence, nil
}

// shortened returns a body as evidence.
func shortened(body string) string {
	body = strings.TrimSpace(body)
	if len(body) > 200 {
		return strings.ToValidUTF8(body[:200], "") + "…"
	}
	return body
}

// interview asks all questions. A question that fails has the answer unknown, with the reason. The error is that of ctx.
func (p *prober) interview(ctx context.Context, apis []api, report func(Answer)) ([]Answer, error) {
	unready := map[string]error{}
	for _, at := range apis {
		unready[at.kind] = p.ready(ctx, at)
	}
	var all []Answer
	for _, q := range questions() {
		for _, at := range apis {
			if !slices.Contains(q.apis, at.kind) {
				continue
			}
			a := Answer{Question: q.text, API: at.kind, Evidence: []string{}}
			err := unready[at.kind]
			if err == nil {
				a.Answer, a.Evidence, err = q.find(ctx, p, at)
			}
			if err != nil {
				a.Answer, a.Evidence = unknown, append(a.Evidence, err.Error())
			}
			if err := ctx.Err(); err != nil {
				return all, err
			}
			all = append(all, a)
			report(a)
		}
	}
	return all, nil
}

// unanswered returns every question with the answer unknown, for one reason.
func unanswered(apis []string, reason string) (all []Answer) {
	for _, q := range questions() {
		for _, kind := range apis {
			if slices.Contains(q.apis, kind) {
				all = append(all, Answer{Question: q.text, API: kind, Answer: unknown, Evidence: []string{reason}})
			}
		}
	}
	return all
}
