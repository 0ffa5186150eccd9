package token

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// The printed command is run with the real curl. While curl waits for the answer, the arguments of every
// process on this machine are searched for the token.
func TestTheCurlCommandWorksAndShowsTheTokenToNobody(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIPPED: curl is not installed, so nothing here shows that the command works")
	}
	w := newWorld(t, fakecognito.Options{})
	var authorization, path string
	var searched int
	var found []string
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		authorization, path = r.Header.Get("Authorization"), r.URL.String()
		token := []byte(authorization[len("Bearer "):])
		processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Error(err)
		}
		for _, name := range processes {
			arguments, err := os.ReadFile(name)
			if err != nil {
				continue // it has just ended
			}
			if bytes.Contains(arguments, []byte(r.Host)) {
				searched++ // curl itself
			}
			if bytes.Contains(arguments, token) {
				found = append(found, name)
			}
		}
		rw.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(api.Close)

	script := w.run(password, "login", alice, "--password-stdin", "--output", "curl", "--url", api.URL+"/info?name=O'Brien&x=$HOME").ok()
	out := inShell(t, script)
	if !bytes.HasPrefix([]byte(out), []byte("HTTP/1.1 418")) {
		t.Errorf("curl printed %q", out)
	}
	if path != "/info?name=O'Brien&x=$HOME" {
		t.Errorf("curl asked for %s", path)
	}
	w.isTokenOf(authorization[len("Bearer "):], alice, "access")
	if searched == 0 || len(found) > 0 {
		t.Errorf("%d processes are curl; the token is in the arguments of %v", searched, found)
	}
}
