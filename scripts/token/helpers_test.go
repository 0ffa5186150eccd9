package token

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// recorded is a call that passed through a recorder.
type recorded struct {
	*http.Request
	body string
}

// recorder passes calls on to the pool and remembers them. A call of refuse is answered with
// UnknownOperationException instead, as by a server that does not know it.
func recorder(t *testing.T, to string, refuse ...string) (address string, seen func() []recorded) {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	var calls []recorded
	proxy := httputil.NewSingleHostReverseProxy(target)
	transport := &http.Transport{} // not the shared one, which may hold a connection to a pool of old on the same port
	proxy.Transport = transport
	t.Cleanup(transport.CloseIdleConnections)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		lock.Lock()
		calls = append(calls, recorded{r.Clone(t.Context()), string(body)})
		lock.Unlock()
		for _, operation := range refuse {
			if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) {
				refuseCall(w, "UnknownOperationException")
				return
			}
		}
		r.Host = target.Host // as a client of the pool sends it
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []recorded {
		lock.Lock()
		defer lock.Unlock()
		return calls
	}
}

// refuseCall answers with an error as the AWS JSON protocol carries it.
func refuseCall(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	io.WriteString(w, `{"__type":"`+code+`","message":"no"}`)
}

// inShell runs a script that the tool printed.
func inShell(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func filesBelow(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// hasNoSecretIn insists on files below the folder, and that they hold none of these.
func (w *world) hasNoSecretIn(folder string, secrets ...string) {
	w.t.Helper()
	files := filesBelow(w.t, folder)
	if len(files) == 0 {
		w.t.Error("nothing was saved")
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(content), secret) {
				w.t.Errorf("%s holds a secret that it need not hold", file)
			}
		}
	}
}
