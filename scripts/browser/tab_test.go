package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// tab is a browser tab with its own profile.
type tab struct {
	t   *testing.T
	ctx context.Context

	noted chan struct{} // signals a new problem; buffered

	mu       sync.Mutex
	problems []string           // console errors and violations of the Content-Security-Policy
	blocked  []string           // messages about responses that a script may not read (CORS)
	requests []*network.Request // all requests of the page
	refusals []string           // URLs for which the test expects a status of 400 or more
}

// open opens a tab and navigates to an address.
func (s *system) open(t *testing.T, address string) *tab {
	t.Helper()
	b := &tab{t: t, noted: make(chan struct{}, 1), refusals: []string{s.Gateway.URL() + "/", s.pages.Same.Origin() + "/api/"}}
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.observe))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, command(audits.Enable, cdp.Empty{})); err != nil { // without a timeout, which would close the tab
		t.Fatal(err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		for _, problem := range b.takeProblems() {
			t.Error(problem)
		}
	})
	b.do(chromedp.Navigate(address))
	return b
}

// observe handles the events of the tab.
func (b *tab) observe(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	problem := func(format string, args ...any) {
		b.problems = append(b.problems, fmt.Sprintf(format, args...))
		select {
		case b.noted <- struct{}{}:
		default:
		}
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request)
	case *runtime.EventExceptionThrown:
		problem("exception on the page: %s %s", e.ExceptionDetails.Text, describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if slices.Contains([]runtime.ConsoleAPICalledType{runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert}, e.Type) {
			problem("console.%s: %v", e.Type, describe(e.Args...))
		}
	case *log.EventEntryAdded:
		switch {
		case e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning:
		case strings.Contains(e.Entry.Text, "CORS policy"):
			b.blocked = append(b.blocked, e.Entry.Text)
		case e.Entry.Source == log.EntrySourceNetwork && slices.ContainsFunc(b.refusals, func(p string) bool { return strings.HasPrefix(e.Entry.URL, p) }):
			// the browser logs each such status, whatever the page does with it
		default:
			problem("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			details, _ := json.Marshal(e.Issue.Details.ContentSecurityPolicyIssueDetails)
			problem("Content-Security-Policy: %s", details)
		}
	}
}

func describe(objects ...*runtime.RemoteObject) string {
	var words []string
	for _, o := range objects {
		if o != nil {
			words = append(words, o.Description+strings.Trim(string(o.Value), `"`))
		}
	}
	return strings.Join(words, " ")
}

// takeProblems returns and clears the problems so far.
func (b *tab) takeProblems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.problems = nil }()
	return b.problems
}

// waitForProblem waits for a problem that contains these words.
func (b *tab) waitForProblem(words string) {
	b.t.Helper()
	var seen []string
	for !slices.ContainsFunc(seen, func(problem string) bool { return strings.Contains(problem, words) }) {
		select {
		case <-b.noted:
			seen = append(seen, b.takeProblems()...)
		case <-b.ctx.Done():
			b.t.Fatalf("no problem says %q: %q", words, seen)
		}
	}
	eval[any](b, "null") // related events arrive before this response
	b.takeProblems()
}

// sent counts the requests to addresses with this prefix, without preflight requests.
func (b *tab) sent(prefix string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	count := 0
	for _, r := range b.requests {
		if strings.HasPrefix(r.URL, prefix) && r.Method != http.MethodOptions {
			count++
		}
	}
	return count
}

// command returns an action for a command of the DevTools protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

// do performs actions.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for i, step := range steps {
		if err := chromedp.Do(b.ctx, step); err != nil {
			b.t.Fatalf("step %d of %d: %v\nproblems: %q\nthe page says:\n%s", i+1, len(steps), err, b.takeProblems(), b.text())
		}
	}
}

// text returns the text of the page for failure messages. The page may have changed since the failure.
func (b *tab) text() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), patience/10)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	return text
}

// eval evaluates an expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits until an expression is true in the page. It evaluates the expression whenever the page changes.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise((done) => {
			const look = () => { if (%s) { observer.disconnect(); done(true); } };
			const observer = new MutationObserver(look);
			observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
			look();
		})`, expression), chromedp.EvalAwaitPromise))
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", expression, err)
		}
		return nil
	}))
}

const (
	signButton    = chromedp.CSS("#caller button")
	usernameField = chromedp.CSS("input[name=username]")
	passwordField = chromedp.CSS("input[name=password]")
)

// signIn signs somebody in through the page and the sign-in page.
func (b *tab) signIn(p stack.Person) {
	b.t.Helper()
	b.do(chromedp.Click(signButton))
	b.giveCredentials(p)
	b.until(fmt.Sprintf("document.querySelector('#caller strong')?.textContent === %q", p.Name))
}

// giveCredentials fills in the sign-in page and waits for the redirect back.
func (b *tab) giveCredentials(p stack.Person) {
	b.t.Helper()
	b.do(
		chromedp.WaitVisible(usernameField),
		chromedp.SendKeys(usernameField, p.Name),
		chromedp.SendKeys(passwordField, p.Password+"\r"),
		chromedp.WaitVisible(chromedp.CSS("#routes")),
	)
}

// answer is what the page shows for one call.
type answer struct {
	Status  string // "none" if there was no response
	Meaning string
	Body    string
}

// call calls a route with the page's button. Parameters are names and values.
func (b *tab) call(operation string, parameters ...string) answer {
	b.t.Helper()
	route := "#route-" + operation
	for i := 0; i < len(parameters); i += 2 {
		eval[any](b, fmt.Sprintf("document.querySelector('%s input[name=%s]').select()", route, parameters[i])) // so that typing replaces the value
		b.do(chromedp.KeyEvent(parameters[i+1]))
	}
	eval[any](b, fmt.Sprintf("document.querySelector('%s .answer')?.setAttribute('data-old', '')", route))
	b.do(chromedp.Click(chromedp.CSS(route + " button")))
	return b.answerOf(operation)
}

// answerOf waits for the response to the last call.
func (b *tab) answerOf(operation string) answer {
	b.t.Helper()
	route := "#route-" + operation
	b.until(fmt.Sprintf("document.querySelector('%s .answer:not([data-old])')", route))
	return eval[answer](b, fmt.Sprintf(`(() => {
		const text = (selector) => document.querySelector('%s ' + selector)?.textContent ?? '';
		return { Status: text('.outcome .code'), Meaning: text('.meaning'), Body: text('pre') };
	})()`, route))
}

// problemShown returns the text of the page's alert, empty if there is none.
func (b *tab) problemShown() string {
	b.t.Helper()
	return eval[string](b, "document.querySelector('#problem:not([hidden])')?.textContent ?? ''")
}
