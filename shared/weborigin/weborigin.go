// Package weborigin defines which web origins may be allowed to call an API (CORS). Terraform checks the same rule at plan time,
// so that a deployed function never fails to start because of an origin.
package weborigin

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// exact matches an origin as browsers send it (RFC 6454 section 6.2): lower case, ASCII, no path, no wildcard. Capacitor, Ionic
// and Tauri apps send one fixed origin each.
var exact = regexp.MustCompile(`^((https|http)://` + host + `(:` + port + `)?|(capacitor|ionic|tauri)://localhost)$`)

const (
	label = `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`
	host  = `(` + label + `(\.` + label + `)*|\[::1\])`
	port  = `([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])`
)

// Check returns an error unless origin can be allowed: https, http on a loopback host (localhost, *.localhost, 127.0.0.0/8,
// [::1]), or one of the fixed app origins. The error says what to write instead.
//
// Origins are compared byte by byte, so an origin that no browser sends would never match. Check refuses it instead.
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
		return fmt.Errorf("%q: plain http is only allowed for loopback hosts (localhost, 127.0.0.1, [::1]): serve the page over https, even during development", origin)
	}
	return nil
}

func loopback(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || net.ParseIP(name).IsLoopback()
}
