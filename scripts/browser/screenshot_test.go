package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// look is a combination of window size, device and color scheme.
type look struct {
	name          string
	colours       string // prefers-color-scheme
	width, height int64
	scale         float64
	phone         bool
}

var looks = []look{
	{name: "light", colours: "light", width: 1160, height: 1230, scale: 1.25},
	{name: "dark", colours: "dark", width: 1160, height: 1230, scale: 1.25},
	{name: "phone", colours: "light", width: 390, height: 960, scale: 1.25, phone: true},
	{name: "narrow", colours: "dark", width: 320, height: 568, scale: 1, phone: true}, // WCAG 2.2, 1.4.10 Reflow
}

// as applies a look to the tab.
func (b *tab) as(l look) {
	b.t.Helper()
	options := []chromedp.EmulateViewportOption{chromedp.EmulateScale(l.scale)}
	if l.phone {
		options = append(options, chromedp.EmulateMobile)
	}
	b.do(
		chromedp.EmulateViewport(l.width, l.height, options...),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.colours}},
		}),
	)
}

// afterSomeCalls makes the calls whose responses the screenshots show.
func (s *system) afterSomeCalls(t *testing.T) *tab {
	t.Helper()
	b := s.open(t, s.pages.Same.Address())
	b.signIn(s.person(t, "olivia"))
	b.call("getInfo")
	b.call("listUsers")
	b.call("getUser", "username", "alice")
	return b
}

func TestThePageFitsItsWindow(t *testing.T) {
	b := start(t, nil).afterSomeCalls(t)
	for _, l := range looks {
		b.as(l)
		if wide := eval[bool](b, "document.documentElement.scrollWidth > document.documentElement.clientWidth"); wide {
			t.Errorf("%s, %d pixels wide: the page has to be scrolled sideways", l.name, l.width)
		}
	}
}

// The screenshots of the README and docs/site.md. Times and IDs differ each time, so they are only made with UPDATE_DOCS=1.
func TestScreenshots(t *testing.T) {
	if os.Getenv("UPDATE_DOCS") != "1" {
		t.Skip("made by UPDATE_DOCS=1 make test-browser")
	}
	b := start(t, nil).afterSomeCalls(t)
	for _, l := range looks {
		b.as(l)
		eval[any](b, "scrollTo(0, 0)")
		if l.name == "narrow" {
			continue
		}
		if l.phone {
			eval[any](b, "document.getElementById('route-listUsers').scrollIntoView()")
		}
		picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "docs", "images", "site-"+l.name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
