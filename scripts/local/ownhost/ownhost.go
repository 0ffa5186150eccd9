// Package ownhost keeps web pages from reaching a local server under a name of their own (DNS rebinding): a page of
// evil.example whose name is made to resolve to 127.0.0.1 would otherwise be of the same origin as the server.
package ownhost

import (
	"net"
	"net/http"
)

// Only returns a handler that passes on requests whose Host is the address of the listener, or localhost with its port.
// Any other request gets 421 (RFC 9110 section 15.5.20) and the address to use.
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
			http.Error(w, "this server answers to http://"+address.String()+" only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
