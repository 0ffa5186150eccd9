package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// serve serves a handler on loopback until the test ends.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestALinkHighlightsARouteBeforeAndAfterSigningIn(t *testing.T) {
	s := start(t, nil)
	for _, page := range []string{s.pages.Same.Address(), s.pages.Cross.Address()} {
		b := s.open(t, page+"getUser?username=alice")
		for _, when := range []string{"before", "after"} {
			b.until("document.querySelector('#route-getUser[aria-current=true]')")
			if got := eval[string](b, "document.querySelector('#route-getUser input').value"); got != "alice" {
				t.Errorf("%s signing in the parameter is %q", when, got)
			}
			if when == "before" {
				b.signIn(s.person(t, "olivia"))
			}
		}
		if got := eval[string](b, "location.href"); got != page+"getUser?username=alice" {
			t.Errorf("the address is %s", got)
		}
		b.do(chromedp.Click(chromedp.CSS("#route-getUser button")))
		if got := b.answerOf("getUser"); got.Status != "200" || !strings.Contains(got.Body, `"username": "alice"`) {
			t.Errorf("status %s, %s", got.Status, got.Body)
		}
	}
}

func TestALinkToAnUnknownRouteShowsAnError(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address()+"no/such/place")
	b.until("document.querySelector('#problem:not([hidden])')")
	if got := b.problemShown(); !strings.Contains(got, "no route at this address") {
		t.Errorf("the page says %q", got)
	}
}

func TestAParameterCannotLeadToAnotherRoute(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.signIn(s.person(t, "olivia"))
	for _, username := range []string{".", ".."} {
		if got := b.call("getUser", "username", username); got.Status != "none" || !strings.HasPrefix(got.Meaning, "Not sent") {
			t.Errorf("%q: status %s, explained by %q", username, got.Status, got.Meaning)
		}
	}
	for username, address := range map[string]string{"../me": "/api/users/..%2Fme", "a/b?c#d": "/api/users/a%2Fb%3Fc%23d", "$&": "/api/users/%24%26"} {
		if got := b.call("getUser", "username", username); got.Status != "404" && got.Status != "400" {
			t.Errorf("%q: status %s", username, got.Status)
		}
		if b.sent(s.pages.Same.Origin()+address) != 1 {
			t.Errorf("%q was not sent as %s", username, address)
		}
	}
}

func TestThePageWorksWithTheKeyboardOnly(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.until("document.querySelector('#caller button')")
	press := func(key string) { b.do(chromedp.KeyEvent(key)) }
	focused := func() string {
		return eval[string](b, "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
	}
	press(kb.Tab)
	if got := focused(); got != "Sign in" {
		t.Fatalf("the first stop is %q", got)
	}
	if outline := eval[string](b, "getComputedStyle(document.activeElement).outlineStyle"); outline == "none" {
		t.Error("the focus cannot be seen")
	}
	press(kb.Enter)
	b.giveCredentials(s.person(t, "olivia")) // types and presses Enter
	b.until("document.querySelector('#caller strong')?.textContent === 'olivia'")
	for _, want := range []string{"Sign out", "Call GET /health", "Call GET /info"} {
		press(kb.Tab)
		if got := focused(); got != want {
			t.Fatalf("the next stop is %q, not %q", got, want)
		}
	}
	press(kb.Enter)
	if got := b.answerOf("getInfo"); got.Status != "200" {
		t.Errorf("status %s", got.Status)
	}
	if got := focused(); got != "Call GET /info" {
		t.Errorf("after the call the focus is on %q", got)
	}
	if got := eval[string](b, "document.querySelector('[role=status]').textContent"); !strings.HasPrefix(got, "GET /info: 200, after ") {
		t.Errorf("a screen reader is told %q", got)
	}
	press(kb.Tab)
	if got := focused(); got != "Body of the response to GET /info" {
		t.Errorf("the scrollable body must be a tab stop, got %q", got)
	}
}

// All tests of this package depend on the tab's observer.
func TestTheObserverSeesErrorsAndPolicyViolations(t *testing.T) {
	s := start(t, nil)
	elsewhere := serve(t, http.NotFoundHandler())
	for name, c := range map[string]struct{ script, want string }{
		"a script in the page":  {`(() => { const e = document.createElement("script"); e.append("globalThis.ran = true"); document.body.append(e); })()`, "Content-Security-Policy"},
		"a style in the page":   {`document.body.append(Object.assign(document.createElement("style"), { textContent: "p { color: red }" }))`, "Content-Security-Policy"},
		"HTML out of a string":  {`(() => { try { document.body.innerHTML = "<img src=x onerror=alert(1)>"; } catch {} })()`, "Content-Security-Policy"},
		"a foreign address":     {fmt.Sprintf(`fetch(%q).catch(() => {})`, elsewhere), "Content-Security-Policy"},
		"a line on the console": {`console.error("something is wrong")`, "something is wrong"},
		"an exception":          {`setTimeout(() => { throw new Error("nobody catches this") })`, "nobody catches this"},
		"a missing file":        {`fetch("/missing.js")`, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.open(t, s.pages.Same.Address())
			b.until("document.querySelector('#routes:not([hidden])')")
			eval[any](b, c.script+"; null")
			b.waitForProblem(c.want)
			if eval[bool](b, "'ran' in globalThis") {
				t.Error("the script ran")
			}
		})
	}
}
