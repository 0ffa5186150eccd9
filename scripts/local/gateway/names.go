package gateway

import (
	"bytes"
	"net"
	"net/textproto"
	"strings"
	"sync"
)

// API Gateway hands header names on as the client spelled them, and an authorizer that looks for one spelling
// only fails in production. net/http keeps no spelling. So the bytes of a connection are kept as they come in,
// and the names are read from there once net/http has accepted a request.

// header is one header line.
type header struct{ name, value string }

// recordingListener returns connections whose header names can be asked for.
type recordingListener struct{ net.Listener }

// Accept waits for the next connection.
func (l recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &recordingConn{Conn: conn}, nil
}

// recordingConn stores what was read until it is retrieved. That is a few kilobytes at most: net/http limits the head of a
// request and how far it reads ahead, and bodies are skipped.
type recordingConn struct {
	net.Conn
	mu   sync.Mutex
	read []byte // from the beginning of a request's head
	skip int64  // bytes of a body still to come, before that
}

// Read reads and remembers.
func (c *recordingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = append(c.read, p[:n]...)
	c.passOver()
	return n, err
}

// CloseWrite lets net/http end a connection so that a response sent while the client still writes is not lost.
func (c *recordingConn) CloseWrite() error {
	if conn, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return conn.CloseWrite()
	}
	return nil
}

// passOver drops what is known to be body.
func (c *recordingConn) passOver() {
	n := min(c.skip, int64(len(c.read)))
	c.read = c.read[n:]
	c.skip -= n
}

// names returns the header names of the request that has just come in, in their order and spelling, and passes
// over its body of bodyLen bytes. To be called once for each request.
func (c *recordingConn) names(bodyLen int64) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	rest := bytes.TrimLeft(c.read, "\r\n") // net/http lets stray line ends pass before a request
	for first := true; ; first = false {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		rest = after
		if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 || !found {
			break
		}
		name, _, hasColon := bytes.Cut(line, []byte(":"))
		if !first && hasColon && !bytes.HasPrefix(name, []byte(" ")) && !bytes.HasPrefix(name, []byte("\t")) { // not the request line, not the rest of a folded one
			names = append(names, string(bytes.TrimSpace(name)))
		}
	}
	c.read = bytes.Clone(rest)
	c.skip = bodyLen
	c.passOver()
	return names
}

// asSent joins the names as sent with the values that net/http read. A name that net/http dropped, such as
// Transfer-Encoding, is left out; a value without a name keeps net/http's spelling.
func asSent(names []string, values map[string][]string) []header {
	var list []header
	used := map[string]int{}
	for _, name := range names {
		key := textproto.CanonicalMIMEHeaderKey(name)
		if i := used[key]; i < len(values[key]) {
			list = append(list, header{name, values[key][i]})
			used[key]++
		}
	}
	for key, all := range values {
		for _, value := range all[used[key]:] {
			list = append(list, header{key, value})
		}
	}
	return list
}

// get finds a header whatever its spelling. Of several, the last one counts, as in API Gateway's own maps.
func get(headers []header, name string) string {
	for i := len(headers) - 1; i >= 0; i-- {
		if strings.EqualFold(headers[i].name, name) {
			return headers[i].value
		}
	}
	return ""
}
