package browser

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

func TestASignInLeavesNoSecretsInThePage(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address()+"getMe?x=1")
	b.signIn(s.person(t, "alice"))
	for what, expression := range map[string]string{
		"sessionStorage": "JSON.stringify(sessionStorage)",
		"localStorage":   "JSON.stringify(localStorage)",
	} {
		if got := eval[string](b, expression); got != "{}" {
			t.Errorf("%s has %d characters", what, len(got))
		}
	}
	if got := eval[string](b, "document.cookie"); got != "" {
		t.Error("there is a cookie that a script can read")
	}
	if got, want := eval[string](b, "location.href"), s.pages.Same.Address()+"getMe?x=1"; got != want {
		t.Errorf("the sign-in led back to %s, it began at %s", got, want)
	}
}

func TestAReloadDropsTheTokensAndTheNextSignInNeedsNoPassword(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.signIn(s.person(t, "alice"))
	b.do(chromedp.Reload())
	b.until("document.querySelector('#caller button')?.textContent === 'Sign in'")
	b.do(chromedp.Click(signButton), chromedp.WaitVisible(chromedp.CSS("#caller p span")))
	b.until("document.querySelector('#caller strong')?.textContent === 'alice'")
}

func TestASignInThatThisPageDidNotStartIsIgnored(t *testing.T) {
	s := start(t, nil)
	for name, begin := range map[string]bool{"without a sign-in": false, "during another sign-in": true} {
		for _, query := range []string{"?code=7d1c3fbb-1f5e-4a8f-9a0d-0a5d5f1f2b11&state=wrong", "?code=7d1c3fbb-1f5e-4a8f-9a0d-0a5d5f1f2b11", "?error=access_denied&state=wrong"} {
			t.Run(name+", "+query, func(t *testing.T) {
				b := s.open(t, s.pages.Same.Address())
				if begin {
					b.do(chromedp.Click(signButton), chromedp.WaitVisible(usernameField))
				}
				b.do(chromedp.Navigate(s.pages.Same.Address() + query))
				b.until("document.querySelector('#problem:not([hidden])')")
				if got := b.problemShown(); !strings.Contains(got, "not started on this page") {
					t.Errorf("the page says %q", got)
				}
				if got := eval[string](b, "location.href"); got != s.pages.Same.Address() {
					t.Errorf("the address is still %s", got)
				}
				if got := eval[string](b, "JSON.stringify(sessionStorage)"); got != "{}" {
					t.Error("the sign-in that was begun can still be completed")
				}
				if sent := b.sent(s.Cognito.TokenURL()); sent != 0 {
					t.Errorf("%d codes were sent to the token endpoint", sent)
				}
				if got := eval[string](b, "document.querySelector('#caller button').textContent"); got != "Sign in" {
					t.Error("somebody is signed in")
				}
			})
		}
	}
}

func TestAnIDTokenOfAnotherSignInIsIgnored(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.intercept("*/oauth2/authorize?*", fetch.RequestStageRequest, func(ctx context.Context, target *chromedp.Target, p *fetch.EventRequestPaused) error {
		u, err := url.Parse(p.Request.URL)
		if err != nil {
			return err
		}
		q := u.Query()
		q.Set("nonce", "of-another-sign-in")
		u.RawQuery = q.Encode()
		_, err = cdp.Call(ctx, target, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: p.RequestID, URL: u.String()})
		return err
	})
	b.do(chromedp.Click(signButton))
	b.giveCredentials(s.person(t, "alice"))
	if got := b.problemShown(); !strings.Contains(got, "another sign-in") {
		t.Errorf("the page says %q", got)
	}
	if got := eval[string](b, "document.querySelector('#caller button').textContent"); got != "Sign in" {
		t.Error("somebody is signed in")
	}
}

func TestAnExpiredTokenIsRenewedOnceForAllCalls(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Cross.Address())
	b.instead(s.expired(t, "alice"))
	b.signIn(s.person(t, "alice"))
	before := b.sent(s.Cognito.TokenURL())
	eval[any](b, "['getInfo', 'getMe', 'listUsers'].forEach((id) => document.querySelector(`#route-${id} button`).click())")
	for operation, status := range map[string]string{"getInfo": "200", "getMe": "200", "listUsers": "403"} {
		if got := b.answerOf(operation); got.Status != status {
			t.Errorf("%s: status %s, expected %s", operation, got.Status, status)
		}
	}
	if renewals := b.sent(s.Cognito.TokenURL()) - before; renewals != 1 {
		t.Errorf("the token was renewed %d times for three calls", renewals)
	}
	if calls := b.sent(s.Gateway.URL() + "/me"); calls != 2 {
		t.Errorf("GET /me was called %d times: once with the old token, once with the new one is right", calls)
	}
}

func TestATokenIsRenewedShortlyBeforeItExpires(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.signIn(s.person(t, "alice"))
	b.call("getMe")
	before := b.sent(s.Cognito.TokenURL())
	if before != 1 {
		t.Fatalf("%d requests to the token endpoint at first, 1 is right", before)
	}
	eval[any](b, "globalThis.now = Date.now; Date.now = () => now() + 3571_000;") // 29 s before the token expires
	for range 2 {
		if got := b.call("getMe"); got.Status != "200" {
			t.Errorf("status %s", got.Status)
		}
		eval[any](b, "Date.now = now")
	}
	if renewals := b.sent(s.Cognito.TokenURL()) - before; renewals != 1 {
		t.Errorf("%d renewals, 1 is right", renewals)
	}
	if calls := b.sent(s.pages.Same.Origin() + "/api/me"); calls != 3 {
		t.Errorf("GET /me was called %d times, 3 is right: no call was refused first", calls)
	}
}

func TestASessionThatCannotBeRenewedNeedsANewSignIn(t *testing.T) {
	s := start(t, nil)
	oscar := s.open(t, s.pages.Same.Address())
	oscar.signIn(s.person(t, "oscar"))

	b := s.open(t, s.pages.Same.Address())
	b.refusals = append(b.refusals, s.Cognito.TokenURL())
	b.instead(s.expired(t, "alice"))
	b.signIn(s.person(t, "alice"))
	b.call("getHealth")

	if got := oscar.call("signOutUser", "username", "alice"); got.Status != "204" {
		t.Fatalf("oscar could not sign alice out: status %s", got.Status)
	}
	if got := b.call("getMe"); got.Status != "401" || !strings.HasPrefix(got.Meaning, "Sign in again") {
		t.Errorf("status %s, explained by %q", got.Status, got.Meaning)
	}
	if got := eval[string](b, "document.querySelector('#caller button').textContent"); got != "Sign in" {
		t.Error("the page does not offer to sign in")
	}
	if eval[bool](b, "!!document.querySelector('#route-getHealth .answer')") {
		t.Error("answers to alice are still on the page")
	}
	s.Revoked.Clear() // a sign-in within the second of a sign-out would be refused
	b.signIn(s.person(t, "alice"))
	if got := b.call("getMe"); got.Status != "200" {
		t.Errorf("after signing in again: status %s", got.Status)
	}
}

func TestASessionSurvivesAnUnresponsivePool(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.instead(s.expired(t, "alice"))
	b.signIn(s.person(t, "alice"))

	b.refusals = append(b.refusals, s.Cognito.TokenURL())
	b.do(command(network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: s.Cognito.TokenURL(), Block: true}}}))
	if got := b.call("getMe"); got.Status != "401" || !strings.HasPrefix(got.Meaning, "Try later") {
		t.Errorf("status %s, explained by %q", got.Status, got.Meaning)
	}
	b.do(command(network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{}}))
	if got := b.call("getMe"); got.Status != "200" {
		t.Errorf("once it answers again: status %s", got.Status)
	}
}

func TestSignOutEndsTheSessionHereAndAtManagedLogin(t *testing.T) {
	s := start(t, nil)
	b := s.open(t, s.pages.Same.Address())
	b.signIn(s.person(t, "alice"))
	b.call("getMe")
	if _, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(signButton))); err != nil {
		t.Fatal(err)
	}
	b.until("document.querySelector('#caller button')?.textContent === 'Sign in'")
	if got := eval[string](b, "location.href"); got != s.pages.Same.Address() {
		t.Errorf("signing out led to %s", got)
	}
	if b.sent(s.Cognito.URL()+"/oauth2/revoke") != 1 {
		t.Error("the refresh token was not revoked")
	}
	if b.sent(s.Cognito.URL()+"/logout") != 1 {
		t.Error("managed login was not told")
	}
	if b.sent(s.pages.Same.Origin()+"/api/sign-out") != 1 || len(s.Revoked.Items()) != 1 {
		t.Errorf("the access token was not revoked: the table holds %v", s.Revoked.Items())
	}
	if eval[bool](b, "!!document.querySelector('.answer')") {
		t.Error("an answer to alice is still on the page")
	}
	b.signIn(s.person(t, "oscar")) // the sign-in page asks again, so that somebody else can sign in
	if got := b.call("getMe"); !strings.Contains(got.Body, "oscar") {
		t.Errorf("GET /me says %s", got.Body)
	}
}

// A sign-out reaches the API: the next call is refused, also with the token that the refresh token still gets.
func TestAfterSigningOutOfTheAPITheNextCallIsRefused(t *testing.T) {
	s := start(t, nil)
	here, elsewhere := s.open(t, s.pages.Same.Address()), s.open(t, s.pages.Cross.Address())
	for _, b := range []*tab{here, elsewhere} {
		b.refusals = append(b.refusals, s.Cognito.TokenURL())
		b.signIn(s.person(t, "alice"))
	}
	refused := func(b *tab) {
		t.Helper()
		s.Gateway.FlushCache() // as revoke --flush does; otherwise the cached result would be replayed until its TTL ends
		if got := b.call("getMe"); got.Status != "401" || !strings.HasPrefix(got.Meaning, "Sign in again") {
			t.Errorf("status %s, explained by %q", got.Status, got.Meaning)
		}
	}
	if got := here.call("signOut"); got.Status != "204" {
		t.Fatalf("POST /sign-out: status %s", got.Status)
	}
	refused(here)
	if got := elsewhere.call("getMe"); got.Status != "200" {
		t.Errorf("the other session ended as well: status %s", got.Status)
	}
	if got := elsewhere.call("signOutEverywhere"); got.Status != "204" {
		t.Fatalf("POST /sign-out/everywhere: status %s", got.Status)
	}
	refused(elsewhere)
}

// A REST API answers 403, not 401, from a cached result that has ended with its token, and says when in the body.
func TestA403IsRenewedIfTheTokenHasExpired(t *testing.T) {
	s := start(t, nil)
	for expiresAt, want := range map[string]struct {
		status   string
		renewals int
	}{"2026-01-01T00:00:00Z": {"200", 1}, "2999-01-01T00:00:00Z": {"403", 0}, "": {"403", 0}} {
		b := s.open(t, s.pages.Same.Address())
		b.signIn(s.person(t, "alice"))
		before := b.sent(s.Cognito.TokenURL())
		eval[any](b, fmt.Sprintf(`globalThis.realFetch = fetch;
			globalThis.fetch = (...call) => {
				if (!call[0].endsWith("/me")) return realFetch(...call);
				globalThis.fetch = realFetch;
				return Promise.resolve(new Response(JSON.stringify({ message: "denied", expiresAt: %q }), { status: 403 }));
			}; null`, expiresAt))
		if got := b.call("getMe"); got.Status != want.status {
			t.Errorf("%q: status %s, expected %s", expiresAt, got.Status, want.status)
		}
		if renewals := b.sent(s.Cognito.TokenURL()) - before; renewals != want.renewals {
			t.Errorf("%q: %d renewals", expiresAt, renewals)
		}
	}
}

// expired returns a token that expired an hour ago.
func (s *system) expired(t *testing.T, name string) string {
	t.Helper()
	token, err := s.Cognito.Mint(fakecognito.MintOptions{Username: name, IssuedAt: time.Now().Add(-2 * time.Hour)})
	if err != nil {
		t.Fatal(fmt.Errorf("minting: %w", err))
	}
	return token
}
