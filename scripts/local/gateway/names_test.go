package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// client speaks HTTP by hand on one connection, since net/http's would spell the names its own way.
type client struct {
	net.Conn
	read *bufio.Reader
	host string
}

func dial(t *testing.T, s *stack) *client {
	t.Helper()
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{conn, bufio.NewReader(conn), u.Host}
}

// send writes requests, in which the host h stands for the gateway's own address.
func (c *client) send(lines string) (int, error) {
	return io.WriteString(c, strings.NewReplacer(": h\r\n", ": "+c.host+"\r\n").Replace(lines))
}

// receive reads one answer; wasClosed reports whether the gateway ends the connection after it.
func (c *client) receive(t *testing.T) (r reply, wasClosed bool) {
	t.Helper()
	resp, err := http.ReadResponse(c.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: string(body)}, resp.Close
}

func TestHeaderNamesArriveAsTheyWereSent(t *testing.T) {
	s := start(t, nil)
	c := dial(t, s)
	body := "X-Not-A-Header: 1\r\n\r\nGET /v1/pets HTTP/1.1\r\n" // a body that looks like the next request
	for _, tt := range []struct {
		name  string
		lines string
		want  map[string][]string
	}{
		{"lower case, as HTTP/2 clients write", "GET /v1/pets HTTP/1.1\r\nhost: h\r\nauthorization: Bearer allow\r\nx-custom: 1\r\n\r\n",
			map[string][]string{"host": {c.host}, "authorization": {"Bearer allow"}, "x-custom": {"1"}}},
		{"mixed case on the same connection", "GET /v1/pets HTTP/1.1\r\nHOST: h\r\nAuThOrIzAtIoN: Bearer allow\r\ntEsT-HEADeR: aValUE\r\n\r\n",
			map[string][]string{"HOST": {c.host}, "AuThOrIzAtIoN": {"Bearer allow"}, "tEsT-HEADeR": {"aValUE"}}},
		{"a request with a body", "POST /v1/pets HTTP/1.1\r\nHost: h\r\nauthorization: Bearer allow\r\ncontent-length: " + strconv.Itoa(len(body)) + "\r\nX-a: 1\r\n\r\n" + body,
			map[string][]string{"Host": {c.host}, "authorization": {"Bearer allow"}, "X-a": {"1"}}},
		{"one after the request with a body", "GET /v1/pets HTTP/1.1\r\nHost: h\r\nAUTHORIZATION: Bearer allow\r\nX-b: 2\r\nX-B: 3\r\nX-b: 4\r\n\r\n",
			map[string][]string{"Host": {c.host}, "AUTHORIZATION": {"Bearer allow"}, "X-b": {"2", "4"}, "X-B": {"3"}}},
		{"headers of the connection are dropped", "GET /v1/pets HTTP/1.1\r\nHost: h\r\nauthorization: Bearer allow\r\nConnection: keep-alive\r\nTE: gzip\r\nExpect: 100-continue\r\n\r\n",
			map[string][]string{"Host": {c.host}, "authorization": {"Bearer allow"}}},
		{"what API Gateway adds goes before what was sent", "GET /v1/pets HTTP/1.1\r\nHost: h\r\nauthorization: Bearer allow\r\nx-forwarded-proto: ftp\r\n\r\n",
			map[string][]string{"Host": {c.host}, "authorization": {"Bearer allow"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := c.send(tt.lines); err != nil {
				t.Fatal(err)
			}
			r, _ := c.receive(t)
			got := r.event(t).MultiValueHeaders
			for _, added := range []string{"X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"} {
				if len(got[added]) != 1 {
					t.Errorf("%s: %q", added, got[added])
				}
				delete(got, added)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestRequestsSentTogetherKeepTheirOwnNames(t *testing.T) {
	s := start(t, nil)
	c := dial(t, s)
	one := "POST /v1/pets HTTP/1.1\r\nHost: h\r\nauthorization: Bearer allow\r\nx-one: 1\r\nContent-Length: 3\r\n\r\nabc"
	two := "\r\n\r\nGET /v1/pets HTTP/1.1\r\nHost: h\r\nAUTHORIZATION: Bearer allow\r\nX-TWO: 2\r\n\r\n" // after a POST, stray line ends are tolerated
	if _, err := c.send(one + two); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"x-one", "X-TWO"} {
		r, _ := c.receive(t)
		if headers := r.event(t).Headers; headers[want] == "" {
			t.Errorf("no %s in %q", want, headers)
		}
	}
}

// The end of such a body cannot be found from outside of net/http, so the names of a request after it could not either.
func TestAConnectionEndsAfterABodyOfUnknownLength(t *testing.T) {
	s := start(t, nil)
	c := dial(t, s)
	if _, err := c.send("POST /v1/pets HTTP/1.1\r\nHost: h\r\nauthorization: Bearer allow\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r, wasClosed := c.receive(t)
	if e := r.event(t); e.Body != "abc" || e.Headers["authorization"] == "" {
		t.Errorf("body %q, headers %q", e.Body, e.Headers)
	}
	if !wasClosed {
		t.Error("the connection was kept")
	}
}

func TestTheLastOfSeveralTokensCounts(t *testing.T) {
	s := start(t, nil)
	c := dial(t, s)
	if _, err := c.send("GET /v1/pets HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer allow\r\nauthorization: Bearer deny\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r, _ := c.receive(t)
	explicitDeny.check(t, r)
}

func TestAPathOutsideTheStage(t *testing.T) {
	s := start(t, nil)
	for name, target := range map[string]string{
		"an asterisk": "*", "another stage": "/v2/pets", "a longer stage": "/v1x/pets",
		"no stage": "/", "two slashes": "//v1/pets",
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s)
			method := "GET"
			if target == "*" {
				method = "OPTIONS"
			}
			if _, err := c.send(method + " " + target + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer allow\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			r, _ := c.receive(t)
			if r.status != http.StatusForbidden || !strings.Contains(r.body, "Forbidden") {
				t.Errorf("got %d %s", r.status, r.body)
			}
		})
	}
}

func TestAnotherHostIsRefused(t *testing.T) { // as a page sends it whose name was made to resolve to this machine
	s := start(t, nil)
	for name, request := range map[string]string{
		"in the header":  "GET /v1/pets HTTP/1.1\r\nHost: other.example\r\nAuthorization: Bearer allow\r\n\r\n",
		"in a whole URL": "GET http://other.example/v1/pets HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer allow\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s)
			if _, err := c.send(request); err != nil {
				t.Fatal(err)
			}
			if r, _ := c.receive(t); r.status != http.StatusMisdirectedRequest {
				t.Errorf("got %d %s", r.status, r.body)
			}
		})
	}
}
