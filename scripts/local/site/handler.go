package site

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// handler serves one page.
type handler struct {
	files    fs.FS // of the page; read anew each time, so that an edit shows at the next reload
	contract []byte
	config   Config
	policy   string       // Content-Security-Policy
	api      http.Handler // nil: there is none at this origin
}

// filesOf returns the folder of the page.
func filesOf(root string) fs.FS { return os.DirFS(filepath.Join(root, "functions/api/site")) }

// policyOf returns the Content-Security-Policy: only scripts and styles of the page, none inline; connections only to its own
// origin, managed login and the API.
func policyOf(c Config) (string, error) {
	talks := "'self'"
	for _, address := range []string{c.LoginURL, c.APIURL} {
		u, err := url.Parse(address)
		if err != nil {
			return "", fmt.Errorf("config of the page: %w", err)
		}
		if u.Host != "" {
			talks += " " + u.Scheme + "://" + u.Host
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " + talks +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'", nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.api != nil && strings.HasPrefix(r.URL.Path, apiPrefix+"/") {
		h.api.ServeHTTP(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", h.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer") // the address holds the code, for a moment
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-cache") // names stay the same when content changes
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "this is a page; the API is under "+apiPrefix+"/", http.StatusMethodNotAllowed)
		return
	}
	switch name := path.Base(r.URL.Path); {
	case r.URL.Path == "/config.json":
		header.Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(h.config) // a caller who has disconnected needs no response
	case r.URL.Path == "/contract.json":
		header.Set("Content-Type", "application/json")
		_, _ = w.Write(h.contract)
	case strings.Contains(name, "."):
		http.FileServerFS(h.files).ServeHTTP(w, r)
	default: // a link into the page
		http.ServeFileFS(w, r, h.files, "index.html")
	}
}

const apiPrefix = "/api"

// apiProxy passes /api/x on to the stage as /x, percent-encoding as it was sent, and the response back as it is.
func apiProxy(stage *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			sent := strings.TrimPrefix(r.In.URL.EscapedPath(), apiPrefix)
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = stage.Scheme, stage.Host, stage.Host
			r.Out.URL.Path = stage.Path + strings.TrimPrefix(r.In.URL.Path, apiPrefix)
			r.Out.URL.RawPath = stage.EscapedPath() + sent
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "the API cannot be reached", http.StatusBadGateway)
		},
	}
}
