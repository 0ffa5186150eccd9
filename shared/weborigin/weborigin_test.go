package weborigin_test

import (
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/weborigin"
)

func TestOriginsThatBrowsersSendAreAccepted(t *testing.T) {
	for _, origin := range []string{
		"https://app.example.com", "https://app.example.com:8443", "https://192.168.10.3:8100", "https://localhost",
		"http://localhost", "http://localhost:8080", "http://app.localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080",
		"capacitor://localhost", "ionic://localhost", "tauri://localhost", "https://xn--bcher-kva.example",
	} {
		if err := weborigin.Check(origin); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestRefusedOriginsComeWithAdvice(t *testing.T) {
	for origin, want := range map[string]string{
		"http://192.168.10.3:8100":      "serve the page over https",
		"http://app.example.com":        "serve the page over https",
		"http://localhost.example.com":  "serve the page over https",
		"http://128.0.0.1":              "serve the page over https",
		"https://app.example.com:443":   "write https://app.example.com",
		"http://localhost:80":           "write http://localhost",
		"http://[::1]:80":               "write http://[::1]",
		"chrome-extension://abc":        "capacitor://localhost",
		"myapp://localhost":             "capacitor://localhost",
		"ftp://app.example.com":         "capacitor://localhost",
		"capacitor://app.example.com":   "capacitor://localhost",
		"HTTPS://app.example.com":       "capacitor://localhost",
		"*":                             "not an exact origin",
		"":                              "not an exact origin",
		"null":                          "not an exact origin",
		"https://*.example.com":         "not an exact origin",
		"app.example.com":               "not an exact origin",
		"https://app.example.com/":      "not an exact origin",
		"https://app.example.com/x":     "not an exact origin",
		"https://app.example.com?x":     "not an exact origin",
		"https://app.example.com#x":     "not an exact origin",
		"https://App.example.com":       "not an exact origin",
		"https://me@app.example.com":    "not an exact origin",
		"https://bücher.example":        "not an exact origin",
		"https://":                      "not an exact origin",
		"https://app.example.com:":      "not an exact origin",
		"https://app.example.com:0":     "not an exact origin",
		"https://app.example.com:080":   "not an exact origin",
		"https://app.example.com:65536": "not an exact origin",
		"https://app..example.com":      "not an exact origin",
		"https://app.example.com\n":     "not an exact origin",
		"https://-app.example.com":      "not an exact origin",
	} {
		if err := weborigin.Check(origin); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", origin, err, want)
		}
	}
}
