package cognitotest

import (
	"bytes"
	"compress/gzip"
	"net"
	"net/http"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// Fault is what a pool's key server does instead of serving its key set. release is closed by [Pool.Heal] and at the end of the
// test.
type Fault = fakepool.Fault

// Status returns a fault that responds with a status and, unless retryAfter is 0, with a Retry-After of so many seconds.
func Status(code, retryAfter int) Fault { return fakepool.Status(code, retryAfter) }

// Body returns a fault that responds with 200 and any body: garbage, an empty set, a set that is too large, …
func Body(body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		_, _ = w.Write([]byte(body))
	}
}

// Redirect returns a fault that redirects the client.
func Redirect(code int, to string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) { http.Redirect(w, r, to, code) }
}

// Hang returns a fault that does not respond until it is released or the client gives up. Once released, it responds with 503.
func Hang() Fault {
	return func(w http.ResponseWriter, r *http.Request, release <-chan struct{}) {
		wait(r, release)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// SlowBody returns a fault that starts a response and then stalls like [Hang].
func SlowBody() Fault {
	return func(w http.ResponseWriter, r *http.Request, release <-chan struct{}) {
		_, _ = w.Write([]byte(`{"keys":[`))
		_ = http.NewResponseController(w).Flush()
		wait(r, release)
	}
}

// EndlessBody returns a fault that sends white space, which JSON allows between tokens, for as long as the client reads.
func EndlessBody() Fault {
	return func(w http.ResponseWriter, r *http.Request, release <-chan struct{}) {
		space := []byte(strings.Repeat(" ", 4096))
		for {
			select {
			case <-release:
				return
			default:
				if _, err := w.Write(space); err != nil {
					return
				}
			}
		}
	}
}

// GzipBomb returns a fault that responds with a few compressed bytes that decompress to size bytes.
func GzipBomb(size int) Fault {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte(" "), size))
	_ = z.Close()
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}
}

// Reset returns a fault that resets the connection without a response.
func Reset() Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // RST instead of FIN
		}
		_ = conn.Close()
	}
}

func wait(r *http.Request, release <-chan struct{}) {
	select {
	case <-release:
	case <-r.Context().Done():
	}
}

// Held returns a fault for a single request: it closes arrived when the request arrives, and responds with body once proceed is
// closed.
func Held(arrived chan<- struct{}, proceed <-chan struct{}, body []byte) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
		close(arrived)
		wait(r, proceed)
		_, _ = w.Write(body)
	}
}
