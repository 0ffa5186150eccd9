package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Limits of API Gateway in bytes.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
const (
	maxHeaders   = 10240    // request line and headers together
	maxBody      = 10 << 20 // payload
	maxMethodARN = 1600
)

// request is one call as it came in, and what was found out about it so far.
type request struct {
	id         string // x-amzn-RequestId
	extendedID string // x-amz-apigw-id
	traceID    string
	received   time.Time

	method string // after X-HTTP-Method-Override
	path   string // as sent, without the stage
	route  *route
	values map[string]string // of the path parameters, as sent

	headers  []header   // as sent, without those that concern the connection alone
	query    url.Values // decoded
	rawQuery string     // as sent
	body     []byte
	host     string
	protocol string
	sourceIP string
}

// dropped are the headers that concern one connection only, or that API Gateway consumes.
var dropped = []string{"connection", "content-length", "expect", "keep-alive", "max-forwards", "proxy-authenticate",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "www-authenticate", "x-http-method-override"}

type connKey struct{}

// newRequest reads the head of a request.
func newRequest(r *http.Request, now time.Time) *request {
	req := &request{
		id: newUUID(), extendedID: randomHex(8) + "=", received: now,
		traceID: fmt.Sprintf("Root=1-%08x-%s", now.Unix(), randomHex(12)),
		method:  r.Method, host: r.Host, protocol: r.Proto,
	}
	if override := r.Header.Get("X-HTTP-Method-Override"); override != "" {
		req.method = strings.ToUpper(override) // API Gateway does so, which it lists among its known issues
	}
	req.sourceIP, _, _ = net.SplitHostPort(r.RemoteAddr)
	rawPath, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	req.path = rawPath
	req.rawQuery = rawQuery
	req.query, _ = url.ParseQuery(rawQuery) // pairs that cannot be decoded are left out

	values := map[string][]string{"Host": {r.Host}} // net/http keeps it apart
	for name, all := range r.Header {
		values[name] = all
	}
	var names []string
	if conn, ok := r.Context().Value(connKey{}).(*recordingConn); ok {
		names = conn.names(max(r.ContentLength, 0))
	}
	req.headers = slices.DeleteFunc(asSent(names, values), func(h header) bool {
		return slices.Contains(dropped, strings.ToLower(h.name))
	})
	return req
}

// headerSize returns the size that counts towards maxHeaders.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto)
	for name, all := range r.Header {
		for _, value := range all {
			size += len(name) + len(value)
		}
	}
	return size + len("Host") + len(r.Host)
}

var errBodyTooLarge = errors.New("the body is over the limit")

// readBody reads the body whole.
func (req *request) readBody(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errBodyTooLarge
	}
	req.body = body
	return err
}

// forwarded returns the headers that API Gateway adds.
func (req *request) forwarded() []header {
	via := req.sourceIP
	if before := get(req.headers, "X-Forwarded-For"); before != "" {
		via = before + ", " + via
	}
	added := []header{{"X-Amzn-Trace-Id", req.traceID}, {"X-Forwarded-For", via}, {"X-Forwarded-Port", "443"}, {"X-Forwarded-Proto", "https"}}
	kept := slices.DeleteFunc(slices.Clone(req.headers), func(h header) bool {
		return slices.ContainsFunc(added, func(a header) bool { return strings.EqualFold(a.name, h.name) })
	})
	return append(kept, added...)
}

// withConn lets newRequest find the connection.
func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: it would end the program
	return hex.EncodeToString(b)
}

// newUUID returns a version 4 UUID.
func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
