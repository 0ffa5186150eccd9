package cognitotest

import (
	"bytes"
	"compress/gzip"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Fault is what a pool's key server answers instead of its key set. release is closed by [Pool.Heal] and when
// the test ends.
type Fault func(w http.ResponseWriter, r *http.Request, release <-chan struct{})

// Status answers with a status, an error document and, if retryAfter is not zero, a Retry-After in seconds.
func Status(code, retryAfter int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		if retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(`{"message":"no"}`))
	}
}

// Body answers 200 with any body: garbage, an empty set, a set that is too large, …
func Body(body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		_, _ = w.Write([]byte(body))
	}
}

// Redirect sends the client elsewhere.
func Redirect(code int, to string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) { http.Redirect(w, r, to, code) }
}

// Hang answers nothing until it is released or the client gives up. Once released, it answers 503.
func Hang() Fault {
	return func(w http.ResponseWriter, r *http.Request, release <-chan struct{}) {
		wait(r, release)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// SlowBody begins an answer and then stalls as Hang does.
func SlowBody() Fault {
	return func(w http.ResponseWriter, r *http.Request, release <-chan struct{}) {
		_, _ = w.Write([]byte(`{"keys":[`))
		_ = http.NewResponseController(w).Flush()
		wait(r, release)
	}
}

// EndlessBody sends white space, which JSON allows anywhere, for as long as the client reads.
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

// GzipBomb answers with few bytes that unpack to many.
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

// Reset breaks the connection off without an answer.
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

// Held tells by closing arrived that a request has come, and answers it with body once answer is closed. It
// is for one request.
func Held(arrived chan<- struct{}, answer <-chan struct{}, body []byte) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
		close(arrived)
		wait(r, answer)
		_, _ = w.Write(body)
	}
}
