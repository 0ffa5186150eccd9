// Package ownhost protects a local server against DNS rebinding: if evil.example resolves to 127.0.0.1, its pages have the same
// origin as the server and could read its responses.
package ownhost

import (
	"net"
	"net/http"
)

// Only returns a handler that passes requests to next if their Host is the address of the listener, or a loopback name with its
// port. Any other request gets 421 (RFC 9110 section 15.5.20) and the address to use.
func Only(address net.Addr, next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(address.String())
	accepted := map[string]bool{
		address.String():                    true,
		net.JoinHostPort("localhost", port): true,
		net.JoinHostPort("127.0.0.1", port): true,
		net.JoinHostPort("::1", port):       true,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !accepted[r.Host] {
			http.Error(w, "wrong host: use http://"+address.String(), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
