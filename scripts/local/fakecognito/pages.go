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

// page is one step of the sign-in page, or a notice when it has no fields.
type page struct {
	Title      string
	Text       string
	Problem    string // why the step before was refused
	Action     string // where the form goes
	CSRF       string
	Session    string // of the challenge that is open
	Challenge  string
	Fields     []field
	Button     string
	StyleNonce string
}

type field struct {
	Name, Label, Type, Value, Autocomplete string
	Choices                                []string // radio buttons instead of a text field
}

// write sends the page. The browser may send its form here, and follow the redirect that comes of it to
// the application's origin: form-action covers redirects in Chromium.
func (p page) write(w http.ResponseWriter, status int, application string) {
	p.StyleNonce = randomString(22)
	var html bytes.Buffer
	if err := pageTemplate.Execute(&html, p); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
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
	h.Set("Referrer-Policy", "same-origin") // not no-referrer, which would take away the Origin that the form's check reads
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+p.StyleNonce+"'; form-action "+formAction+
		"; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes()) // a caller who left needs no answer
}

// notice is a page that says what is wrong and leads nowhere: there is no address to send the browser to
// that is known to be the application's.
func notice(w http.ResponseWriter, text string) {
	page{Title: "This sign-in cannot go on", Text: text}.write(w, http.StatusBadRequest, "")
}
