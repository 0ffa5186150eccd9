package fakecognito

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const csrfCookie = "XSRF-TOKEN"

// serveLoginPage serves GET /login, to which /oauth2/authorize redirects.
func (s *Server) serveLoginPage(w http.ResponseWriter, r *http.Request) {
	a, err := s.pool.parseAuthorization(r.URL.Query())
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	s.writePage(w, r, a, passwordPage(r.URL.Query().Get("login_hint")), http.StatusOK)
}

// writePage sends a page whose form contains the value of a cookie. Other sites can make a browser send a form, but can neither read
// nor set this cookie (CSRF).
func (s *Server) writePage(w http.ResponseWriter, r *http.Request, a authorization, p page, status int) {
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || len(cookie.Value) < 20 {
		cookie = &http.Cookie{Value: randomString(40)}
	}
	p.CSRF, p.Action = cookie.Value, "/login?"+a.query
	http.SetCookie(w, &http.Cookie{Name: csrfCookie, Value: cookie.Value, Path: "/login", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	p.write(w, status, a.redirectURI)
}

// serveLogin serves POST /login: a password, or the answer to a challenge.
func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request) {
	a, err := s.pool.parseAuthorization(r.URL.Query())
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	form, err := readForm(w, r)
	if err != nil {
		notice(w, "The form could not be read.")
		return
	}
	if !s.sameSite(r, form) {
		notice(w, "The form did not come from this page, or the page is outdated. Go back to the application and sign in again.")
		return
	}
	var next page
	var code, cookie string
	_, err = s.pool.do(func() (any, error) {
		u, challenge, err := s.pool.loginStep(a.client, form)
		if err != nil || u == nil {
			next = challenge
			return nil, err
		}
		var b *browser
		b, cookie = s.pool.rememberBrowser(u)
		code = s.pool.newCode(a, b)
		return nil, nil
	})
	var refusal *apiError
	switch {
	case errors.As(err, &refusal):
		next.Problem = refusal.Message
		s.writePage(w, r, a, next, http.StatusBadRequest)
	case err != nil:
		a.refuse(w, r, err)
	case code == "":
		s.writePage(w, r, a, next, http.StatusOK)
	default:
		http.SetCookie(w, &http.Cookie{
			Name: browserCookie, Value: cookie, Path: "/", MaxAge: int(browserValidity.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
		a.redirect(w, r, url.Values{"code": {code}})
	}
}

// sameSite reports whether a form comes from this server's own page.
func (s *Server) sameSite(r *http.Request, form url.Values) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return false
	}
	cookie, err := r.Cookie(csrfCookie)
	return err == nil && cookie.Value != "" && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(form.Get("_csrf"))) == 1
}

// loginStep processes one form. It returns the user if the sign-in is complete, and otherwise the page to show next. With an error
// that page repeats the failed step.
func (p *pool) loginStep(c *client, form url.Values) (*user, page, error) {
	a := &attempt{flow: "HOSTED", typed: strings.TrimSpace(form.Get("username")), client: c, hosted: true}
	again := passwordPage(a.typed)
	var out any
	var err error
	if session := form.Get("session"); session == "" {
		a.user = p.find(a.typed)
		out, err = p.checkPasswordOf(a, form.Get("password"))
	} else {
		name := form.Get("challenge")
		a, err = p.open(session, name)
		if err == nil && (!a.hosted || a.client != c) {
			err = notAuthorized("Invalid session for the user.")
		}
		if err != nil {
			return nil, again, err // start over
		}
		again = a.page()
		answer := answerTo(name)
		if answer == nil {
			return nil, again, invalidParameter("This page cannot answer the challenge %s.", name)
		}
		out, err = answer(p, a, a.responses(form))
		if a.answered {
			again = passwordPage(a.typed) // the challenge accepts no further answer
		}
	}
	if err != nil {
		return nil, again, err
	}
	challenge, ok := out.(authOutput)
	if !ok {
		return nil, again, errors.New("unexpected output of a sign-in step")
	}
	if challenge.ChallengeName == "" {
		return a.user, page{}, nil
	}
	opened, err := p.open(challenge.Session, challenge.ChallengeName)
	if err != nil {
		return nil, again, err
	}
	opened.parameters = challenge.ChallengeParameters
	return nil, opened.page(), nil
}

// responses returns the challenge responses from the form of a challenge's page.
func (a *attempt) responses(form url.Values) map[string]string {
	m := map[string]string{}
	for _, f := range a.page().Fields {
		m[f.Name] = form.Get(f.Name)
	}
	return m
}

func passwordPage(username string) page {
	return page{
		Title: "Sign in",
		Fields: []field{
			{Name: "username", Label: "User name or e-mail address", Type: "text", Value: username, Autocomplete: "username"},
			{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password"},
		},
		Button: "Sign in",
	}
}

// page returns the page that asks for the answer to the open challenge.
func (a *attempt) page() page {
	p := page{Session: a.session, Challenge: a.challenge, Button: "Continue"}
	code := func(text string) page {
		p.Title, p.Text = "Enter your code", text
		p.Fields = []field{{Name: a.challenge + "_CODE", Label: "Code", Type: "text", Autocomplete: "one-time-code"}}
		return p
	}
	switch a.challenge {
	case factorTOTP:
		return code("Your authenticator app shows the code.")
	case factorSMS, factorEmail:
		return code("The code was sent to " + a.parameters["CODE_DELIVERY_DESTINATION"] + ".")
	case "SELECT_MFA_TYPE":
		p.Title = "Choose how to get your code"
		p.Fields = []field{{Name: "ANSWER", Label: "Second factor", Choices: a.choices}}
	case "NEW_PASSWORD_REQUIRED":
		p.Title, p.Text = "Choose a new password", "Your password was temporary."
		p.Fields = []field{{Name: "NEW_PASSWORD", Label: "New password", Type: "password", Autocomplete: "new-password"}}
		var missing []string
		_ = json.Unmarshal([]byte(a.parameters["requiredAttributes"]), &missing) // written by askForNewPassword
		for _, name := range missing {
			label := strings.ReplaceAll(strings.TrimPrefix(name, userAttributePrefix), "_", " ")
			p.Fields = append(p.Fields, field{Name: name, Label: label, Type: "text", Autocomplete: "on"})
		}
	default:
		p.Title = "One more step is needed"
		p.Text = "This page does not support it (" + a.challenge + "). Sign in through the API once to set up an authenticator app."
	}
	return p
}

// serveLogout serves GET /logout. It signs the browser out of the sign-in page and revokes no token.
func (s *Server) serveLogout(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c := s.pool.clientByID(q.Get("client_id"))
	target := q.Get("logout_uri")
	switch {
	case c == nil:
		notice(w, "The application is unknown.")
		return
	case target == "" && slices.Contains(c.callbacks, q.Get("redirect_uri")):
		target = "/oauth2/authorize?" + q.Encode() // sign out, then sign in again
	case !slices.Contains(c.logouts, target):
		notice(w, "The logout_uri is not registered.")
		return
	}
	if cookie, err := r.Cookie(browserCookie); err == nil {
		s.pool.forgetBrowser(cookie.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: browserCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusFound)
}
