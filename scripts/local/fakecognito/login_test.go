package fakecognito_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	v := w.visitor(t)
	page := v.signInPage(t, w.request())
	good := []string{"username", "alice", "password", alicesPassword}
	refused := func(t *testing.T, a answer) {
		t.Helper()
		if a.status != http.StatusBadRequest || a.header.Get("Location") != "" || !strings.Contains(a.page, "did not come from this page") {
			t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
		}
	}
	t.Run("another token", func(t *testing.T) { refused(t, v.submit(t, page, append(good, "_csrf", strings.Repeat("a", 40))...)) })
	t.Run("no token", func(t *testing.T) { refused(t, v.submit(t, page, append(good, "_csrf", "")...)) })
	t.Run("no cookie", func(t *testing.T) { refused(t, w.visitor(t).submit(t, page, good...)) })
	t.Run("another origin", func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL()+"/login?"+w.request().Encode(),
			strings.NewReader(url.Values{"username": {"alice"}, "password": {alicesPassword}, "_csrf": {hidden.FindStringSubmatch(page.page)[2]}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", "https://evil.example.com")
		refused(t, v.do(t, request))
	})
	t.Run("the page's own token is accepted", func(t *testing.T) { v.submit(t, page, good...).code(t) })
}

func TestThePageIsSafeAndAccessible(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	v := w.visitor(t)
	const hostile = `"><script>alert(1)</script>`
	page := v.signInPage(t, w.request("login_hint", hostile, "state", hostile))
	page = v.submit(t, page, "username", hostile, "password", "x")
	if strings.Contains(page.page, "<script") {
		t.Error("input is in the page without escaping")
	}
	for _, want := range []string{
		`<html lang="en">`, `<label for="field-0">`, `id="field-0"`, `autocomplete="username"`, `<label for="field-1">`, `id="field-1"`,
		`autocomplete="current-password"`, `type="password"`, `role="alert"`, `name="viewport"`, `aria-describedby="problem"`,
	} {
		if !strings.Contains(page.page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	policy := page.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "form-action 'self' https://app.example.com;", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("Content-Security-Policy has no %s: %s", want, policy)
		}
	}
	if page.header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be cached")
	}
	for _, cookie := range page.header.Values("Set-Cookie") {
		if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
			t.Error("a cookie is not HttpOnly or not SameSite")
		}
	}
}

func TestChallengesAtThePage(t *testing.T) {
	t.Run("a temporary password and a required attribute", func(t *testing.T) {
		w := withPages(t, fakecognito.Options{RequiredAttributes: []string{"given_name"}})
		w.add(fakecognito.User{Username: "bob", Password: alicesPassword, Status: fakecognito.UserForceChangePassword})
		v := w.visitor(t)
		page := v.submit(t, v.signInPage(t, w.request()), "username", "bob", "password", alicesPassword)
		if page.status != http.StatusOK || !strings.Contains(page.page, "Choose a new password") || !strings.Contains(page.page, `name="userAttributes.given_name"`) {
			t.Fatalf("status %d", page.status)
		}
		page = v.submit(t, page, "NEW_PASSWORD", "weak", "userAttributes.given_name", "Bob")
		if page.status != http.StatusBadRequest || !strings.Contains(page.page, "Password not long enough") {
			t.Fatalf("status %d", page.status)
		}
		v.submit(t, page, "NEW_PASSWORD", newPassword, "userAttributes.given_name", "Bob").code(t)
		w.signIn("bob", newPassword)
	})
	t.Run("a code from an authenticator app", func(t *testing.T) {
		w := withPages(t, fakecognito.Options{})
		secret := w.setUpApp(t)
		v := w.visitor(t)
		page := v.submit(t, v.signInPage(t, w.request()), "username", "alice", "password", alicesPassword)
		if !strings.Contains(page.page, `autocomplete="one-time-code"`) {
			t.Fatalf("status %d, and no field for the code", page.status)
		}
		page = v.submit(t, page, "SOFTWARE_TOKEN_MFA_CODE", flip(w.totp(t, secret)))
		if !strings.Contains(page.page, "Invalid code received for user") {
			t.Fatalf("status %d", page.status)
		}
		session := hidden.FindAllStringSubmatch(page.page, -1)[1][2]
		_, err := w.respond("SOFTWARE_TOKEN_MFA", &session, "SOFTWARE_TOKEN_MFA_CODE", w.totp(t, secret))
		wantError(t, err, "NotAuthorizedException", "Invalid session for the user.") // the API rejects the page's session
		v.submit(t, page, "SOFTWARE_TOKEN_MFA_CODE", w.totp(t, secret)).code(t)
	})
	t.Run("the page rejects a session of the API", func(t *testing.T) {
		w := withPages(t, fakecognito.Options{})
		secret := w.setUpApp(t)
		challenge, err := w.passwordAuth("alice", alicesPassword)
		if err != nil {
			t.Fatal(err)
		}
		v := w.visitor(t)
		page := v.submit(t, v.signInPage(t, w.request()), "session", *challenge.Session, "challenge", "SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", w.totp(t, secret))
		if page.status != http.StatusBadRequest || page.header.Get("Location") != "" {
			t.Errorf("status %d", page.status)
		}
	})
}

func TestSignedInBrowser(t *testing.T) {
	w := withPages(t, fakecognito.Options{})
	signedIn := func(t *testing.T) *visitor {
		v := w.visitor(t)
		v.submit(t, v.signInPage(t, w.request()), "username", "alice", "password", alicesPassword).code(t)
		return v
	}
	t.Run("is not asked again, also with prompt=none", func(t *testing.T) {
		signedIn(t).authorize(t, w.request("prompt", "none")).code(t)
	})
	t.Run("is asked again with prompt=login", func(t *testing.T) {
		signedIn(t).signInPage(t, w.request("prompt", "login"))
	})
	t.Run("is asked again after an hour", func(t *testing.T) {
		v := signedIn(t)
		w.pass(time.Hour)
		v.signInPage(t, w.request())
	})
	t.Run("is asked again after signing out", func(t *testing.T) {
		v := signedIn(t)
		jar := v.http.Jar
		a := v.get(t, v.URL()+"/logout?"+url.Values{"client_id": {w.WebClientID()}, "logout_uri": {logoutTarget}}.Encode())
		if a.status != http.StatusFound || a.location.String() != logoutTarget {
			t.Fatalf("status %d to %s", a.status, a.location)
		}
		here, err := url.Parse(v.URL() + "/oauth2/authorize")
		if err != nil {
			t.Fatal(err)
		}
		if left := jar.Cookies(here); len(left) != 0 {
			t.Errorf("%d cookies left", len(left))
		}
		v.signInPage(t, w.request())
	})
	t.Run("is not redirected to an unregistered logout_uri", func(t *testing.T) {
		v := signedIn(t)
		a := v.get(t, v.URL()+"/logout?"+url.Values{"client_id": {w.WebClientID()}, "logout_uri": {"https://evil.example.com/"}}.Encode())
		if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
			t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
		}
	})
	t.Run("cannot use a code after the user was signed out", func(t *testing.T) {
		code := signedIn(t).authorize(t, w.request()).code(t)
		signOut(t, w, "alice")
		if got := w.post(t, "/oauth2/token", "", "", w.exchangeForm(code)); got.Error != "invalid_grant" {
			t.Errorf("error %q", got.Error)
		}
	})
	t.Run("is asked again after an administrator signed the user out", func(t *testing.T) {
		v := signedIn(t)
		signOut(t, w, "alice")
		v.signInPage(t, w.request())
	})
}
