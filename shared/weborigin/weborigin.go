// Package weborigin holds the rule for the web origins that may call an API across origins. Terraform applies the same
// rule at plan (terraform/), so that no deployed function refuses to start over an origin.
package weborigin

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// exact is what a browser sends as Origin (RFC 6454 section 6.2): lower case, ASCII, no path, no wildcard. The apps of
// Capacitor, Ionic and Tauri all send one fixed origin each.
var exact = regexp.MustCompile(`^((https|http)://` + host + `(:` + port + `)?|(capacitor|ionic|tauri)://localhost)$`)

const (
	label = `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`
	host  = `(` + label + `(\.` + label + `)*|\[::1\])`
	port  = `([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])`
)

// Check returns an error unless origin can be allowed: https, http on a loopback host (localhost, *.localhost, 127.0.0.0/8,
// [::1]), or one of the fixed app origins. The error says what to write instead.
//
// Origins are compared byte by byte, so an origin that no browser sends would never match, and is refused here.
func Check(origin string) error {
	if !exact.MatchString(origin) {
		if scheme, _, found := strings.Cut(origin, "://"); found && scheme != "https" && scheme != "http" && scheme != "" {
			return fmt.Errorf("%q: serve the app from https, capacitor://localhost, ionic://localhost or tauri://localhost", origin)
		}
		return fmt.Errorf("%q is not an exact origin, such as https://app.example.com (lower case, no path, no wildcard, other scripts in punycode)", origin)
	}
	u, err := url.Parse(origin)
	if err != nil {
		return fmt.Errorf("%q is not an origin: %w", origin, err)
	}
	switch {
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return fmt.Errorf("%q: browsers leave out the default port: write %s://%s", origin, u.Scheme, strings.TrimSuffix(u.Host, ":"+u.Port()))
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("%q: plain http is for loopback alone (localhost, 127.0.0.1, [::1]): serve the page over https, also during development on another device", origin)
	}
	return nil
}

func loopback(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || net.ParseIP(name).IsLoopback()
}
