package fakecognito_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

const (
	callback     = "https://app.example.com/callback?from=cognito"
	logoutTarget = "https://app.example.com/bye"
	pkceVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636, appendix B
)

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// visitor is a browser that keeps cookies and does not follow redirects by itself.
type visitor struct {
	*world
	http *http.Client
}

func (w *world) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func withPages(t *testing.T, o fakecognito.Options) *world {
	o.CallbackURLs, o.LogoutURLs = []string{callback}, []string{logoutTarget}
	return start(t, o)
}

// request returns a valid authorization request with the given changes.
func (w *world) request(changes ...string) url.Values {
	q := url.Values{
		"response_type": {"code"}, "client_id": {w.WebClientID()}, "redirect_uri": {callback}, "scope": {"openid email api/users.read"},
		"state": {"the state & more"}, "nonce": {"the nonce"}, "code_challenge": {s256(pkceVerifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return q
}

// answer is a response that the browser received.
type answer struct {
	status   int
	location *url.URL
	header   http.Header
	page     string
}

func (v *visitor) do(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := v.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, page: string(body), location: &url.URL{}}
	if to := response.Header.Get("Location"); to != "" {
		if a.location, err = request.URL.Parse(to); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func (v *visitor) get(t *testing.T, address string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.do(t, request)
}

func (v *visitor) authorize(t *testing.T, q url.Values) answer {
	t.Helper()
	return v.get(t, v.AuthorizeURL()+"?"+q.Encode())
}

var (
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	action = regexp.MustCompile(`<form method="post" action="([^"]+)">`)
)

// submit fills in and sends the form of a page. The fields are names and values; they override hidden ones.
func (v *visitor) submit(t *testing.T, a answer, pairs ...string) answer {
	t.Helper()
	form := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(a.page, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	to := action.FindStringSubmatch(a.page)
	if to == nil {
		t.Fatalf("status %d, and no form", a.status)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL()+html.UnescapeString(to[1]), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", v.URL())
	return v.do(t, request)
}

// signInPage navigates from the application to the sign-in form.
func (v *visitor) signInPage(t *testing.T, q url.Values) answer {
	t.Helper()
	a := v.authorize(t, q)
	if a.status != http.StatusFound || a.location.Path != "/login" {
		t.Fatalf("status %d to %s, want the sign-in page", a.status, a.location.Path)
	}
	a = v.get(t, a.location.String())
	if a.status != http.StatusOK {
		t.Fatalf("status %d", a.status)
	}
	return a
}

// code returns the code with which the browser is redirected to the application.
func (a answer) code(t *testing.T) string {
	t.Helper()
	q := a.location.Query()
	if a.status != http.StatusFound || !strings.HasPrefix(a.location.String(), "https://app.example.com/callback?") || q.Get("code") == "" {
		t.Fatalf("status %d to %s, error %q; want a redirect with a code", a.status, a.location.Host, q.Get("error"))
	}
	if q.Get("state") != "the state & more" || q.Get("from") != "cognito" {
		t.Errorf("state %q, the callback's own parameter %q", q.Get("state"), q.Get("from"))
	}
	return q.Get("code")
}

func (w *world) exchangeForm(code string, changes ...string) url.Values {
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.WebClientID()}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {pkceVerifier},
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}
