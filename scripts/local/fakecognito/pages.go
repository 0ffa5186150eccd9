package fakecognito

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed pages/signin.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// page is one step of the sign-in page, or a notice if it has no fields.
type page struct {
	Title      string
	Text       string
	Problem    string // why the previous step failed
	Action     string // URL of the form
	CSRF       string
	Session    string // of the open challenge
	Challenge  string
	Fields     []field
	Button     string
	StyleNonce string
}

type field struct {
	Name, Label, Type, Value, Autocomplete string
	Choices                                []string // if set, radio buttons instead of a text field
}

// write sends the page. Its policy allows the form to be sent to this server and to redirect to the application's origin:
// in Chromium, form-action also applies to redirects.
func (p page) write(w http.ResponseWriter, status int, application string) {
	p.StyleNonce = randomString(22)
	var html bytes.Buffer
	if err := pageTemplate.Execute(&html, p); err != nil {
		http.Error(w, "the page could not be rendered", http.StatusInternalServerError)
		return
	}
	formAction := "'self'"
	if u, err := url.Parse(application); err == nil && u.Host != "" {
		formAction += " " + u.Scheme + "://" + u.Host
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would remove the Origin that sameSite checks
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+p.StyleNonce+"'; form-action "+formAction+
		"; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes()) // fails only if the client is gone
}

// notice sends an error page without links, for cases in which there is no safe URL to redirect to.
func notice(w http.ResponseWriter, text string) {
	page{Title: "Sign-in failed", Text: text}.write(w, http.StatusBadRequest, "")
}
