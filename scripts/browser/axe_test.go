package browser

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe are the rules of WCAG 2.2 at level AA, and axe's own good practice.
const axe = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) =>
	({ Passed: r.passes.length, Violations: r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html)) }))`

func TestAxeFindsNoProblemInAnyStateOfThePage(t *testing.T) {
	if os.Getenv("AXE") == "" {
		t.Skip("SKIPPED: accessibility was not checked. It takes AXE=path/to/axe.min.js; `make test-browser` gets it by npm where there is one")
	}
	script, err := os.ReadFile(os.Getenv("AXE"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, nil)
	for name, state := range map[string]func(*testing.T) *tab{
		"nobody signed in": func(t *testing.T) *tab { return s.open(t, s.pages.Same.Address()) },
		"refused":          func(t *testing.T) *tab { return s.open(t, s.pages.Same.Address()+"?code=a&state=b") },
		"a link":           func(t *testing.T) *tab { return s.open(t, s.pages.Same.Address()+"getUser?username=alice") },
		"answers":          s.afterSomeCalls,
		"an internal error": func(t *testing.T) *tab {
			s := start(t, nil)
			b := s.open(t, s.pages.Same.Address())
			if err := s.Gateway.Close(); err != nil {
				t.Fatal(err)
			}
			b.call("getHealth")
			return b
		},
		"the sign-in page": func(t *testing.T) *tab {
			b := s.open(t, s.pages.Same.Address())
			b.do(chromedp.Click(signButton), chromedp.WaitVisible(usernameField))
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := state(t)
			b.until("document.querySelector('#routes:not([hidden]), input[name=username]')")
			eval[any](b, string(script)+"; null")
			for _, l := range looks {
				b.as(l)
				b.clean(l.name)
			}
		})
	}
}

func (b *tab) clean(look string) {
	b.t.Helper()
	result := eval[struct {
		Passed     int
		Violations []string
	}](b, axe)
	for _, v := range result.Violations {
		b.t.Errorf("%s: %s", look, v)
	}
	if result.Passed < 10 {
		b.t.Errorf("%s: axe has checked %d rules only", look, result.Passed)
	}
}

// The check must be able to find a problem.
func TestAxeFindsAProblem(t *testing.T) {
	if os.Getenv("AXE") == "" {
		t.Skip("SKIPPED: see TestAxeFindsNoProblemInAnyStateOfThePage")
	}
	script, err := os.ReadFile(os.Getenv("AXE"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.until("document.querySelector('#routes:not([hidden])')")
	eval[any](b, string(script)+`; document.body.append(document.createElement("button")); null`)
	result := eval[struct{ Violations []string }](b, axe)
	if len(result.Violations) == 0 {
		t.Error("a button without a name passes")
	}
}
