package local

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// reply is a response whose body was read.
type reply struct {
	status int
	header http.Header
	url    string // after redirects
}

// A client that knows the URL of the API and its client ID finds everything else by HTTP, as the authorization of the Model
// Context Protocol describes it: the challenge of a 401, the metadata of the resource (RFC 9728), those of the authorization
// server, a code with PKCE for this resource (RFC 8707), a token that is bound to it, and the call.
func TestAnMCPClientFindsItsWayToAToken(t *testing.T) {
	const callback = "http://127.0.0.1:33418/callback"
	s, _, _ := start(t, func(o *stack.Options) { o.CallbackURLs = []string{callback} })
	api := s.Gateway.URL()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	send := func(request *http.Request, err error) (reply, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply{response.StatusCode, response.Header, response.Request.URL.String()}, string(body)
	}
	get := func(address string) (reply, string) {
		t.Helper()
		return send(http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
	}
	post := func(address string, form url.Values) (reply, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
		if err == nil {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Origin", s.Cognito.URL())
		}
		return send(request, err)
	}
	decode := func(response reply, body string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(body), into); err != nil || response.status != http.StatusOK {
			t.Fatalf("status %d, %v", response.status, err)
		}
	}

	refused, _ := get(api + "/me")
	challenge := regexp.MustCompile(`^Bearer .*resource_metadata="([^"]+)"`).FindStringSubmatch(refused.header.Get("WWW-Authenticate"))
	if refused.status != http.StatusUnauthorized || challenge == nil {
		t.Fatalf("%d %q", refused.status, refused.header.Get("WWW-Authenticate"))
	}

	var resource struct {
		Resource             string   `json:"resource"`
		AuthorizationServers []string `json:"authorization_servers"`
	}
	response, body := get(challenge[1])
	decode(response, body, &resource)
	if resource.Resource != api || len(resource.AuthorizationServers) != 1 || resource.AuthorizationServers[0] != s.Cognito.Issuer() {
		t.Fatalf("%+v", resource)
	}

	var server struct {
		Authorization string   `json:"authorization_endpoint"`
		Token         string   `json:"token_endpoint"`
		PKCE          []string `json:"code_challenge_methods_supported"`
	}
	response, body = get(resource.AuthorizationServers[0] + "/.well-known/openid-configuration")
	decode(response, body, &server)
	if len(server.PKCE) != 1 || server.PKCE[0] != "S256" {
		t.Fatalf("%+v", server)
	}

	verifier := rand.Text() + rand.Text()
	digest := sha256.Sum256([]byte(verifier))
	response, body = get(server.Authorization + "?" + url.Values{
		"response_type": {"code"}, "client_id": {s.Cognito.WebClientID()}, "redirect_uri": {callback}, "scope": {"openid"}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(digest[:])}, "code_challenge_method": {"S256"}, "resource": {resource.Resource},
	}.Encode())
	person, err := s.Person("alice")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"username": {person.Name}, "password": {person.Password}}
	for _, hidden := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		form.Set(hidden[1], html.UnescapeString(hidden[2]))
	}
	signedIn, _ := post(response.url, form)
	location, err := url.Parse(signedIn.header.Get("Location"))
	if err != nil || location.Query().Get("code") == "" || location.Query().Get("state") != "s" {
		t.Fatalf("signing in at the page: status %d, %v", signedIn.status, err)
	}

	var tokens struct {
		Access string `json:"access_token"`
	}
	response, body = post(server.Token, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {s.Cognito.WebClientID()}, "redirect_uri": {callback},
		"code": {location.Query().Get("code")}, "code_verifier": {verifier}, "resource": {resource.Resource},
	})
	decode(response, body, &tokens)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+tokens.Access)
	if response, body := send(request, nil); response.status != http.StatusOK || !strings.Contains(body, `"username":"alice"`) {
		t.Errorf("status %d", response.status)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(tokens.Access, ".")[1])
	var claims struct {
		Audience string `json:"aud"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Audience != api {
		t.Errorf("the token is bound to %q, want %s", claims.Audience, api)
	}
}
