package ownhost_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
)

func TestOnlyServesLoopbackNamesOfTheListener(t *testing.T) {
	handler := ownhost.Only(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	for host, want := range map[string]int{
		"127.0.0.1:8080":              http.StatusNoContent,
		"localhost:8080":              http.StatusNoContent,
		"[::1]:8080":                  http.StatusNoContent,
		"evil.example:8080":           http.StatusMisdirectedRequest,
		"evil.example":                http.StatusMisdirectedRequest,
		"127.0.0.1":                   http.StatusMisdirectedRequest,
		"127.0.0.1:8081":              http.StatusMisdirectedRequest,
		"localhost.evil.example:8080": http.StatusMisdirectedRequest,
		"":                            http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: got %d, want %d", host, w.Code, want)
		}
	}
}
