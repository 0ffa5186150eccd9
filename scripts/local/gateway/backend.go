package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// identityPrefix begins the names of the headers that describe the caller to a backend.
const identityPrefix = "X-Identity-"

// IdentityHeader returns the header in which a backend finds a value of the authorizer's context: X-Identity-Client-Id
// for clientId. A deployed HTTP integration gets the same by mapping integration.request.header.X-Identity-Client-Id to
// context.authorizer.clientId.
func IdentityHeader(key string) string {
	var name strings.Builder
	for i, r := range key {
		switch {
		case unicode.IsUpper(r) && i > 0:
			name.WriteByte('-')
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = '-'
		}
		name.WriteRune(r)
	}
	return http.CanonicalHeaderKey(identityPrefix + name.String())
}

// isIdentity reports whether a backend could mistake a client's header for one of the gateway's. Many servers make no
// difference between - and _.
func isIdentity(name string) bool {
	return strings.HasPrefix(strings.ReplaceAll(strings.ToLower(name), "_", "-"), strings.ToLower(identityPrefix))
}

// backendClient calls backends. Redirects are the client's to follow.
var backendClient = http.Client{
	Transport:     &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 16, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// forward hands the request to the backend, as an HTTP proxy integration does, and returns the backend's response.
func (g *Gateway) forward(ctx context.Context, req *request, v *authorizerResult, call *Call) (response, *gatewayResponse) {
	ctx, cancel := context.WithTimeout(ctx, g.options.IntegrationTimeout)
	defer cancel()
	begin := time.Now()
	defer func() { call.IntegrationLatency = time.Since(begin) }()
	out, err := g.backendRequest(ctx, req, v)
	if err != nil {
		call.Error = err.Error()
		return response{}, responseIntegrationError
	}
	answer, err := backendClient.Do(out)
	if err != nil {
		if failed := (*url.Error)(nil); errors.As(err, &failed) { // it repeats the address, and with it the query
			err = failed.Err
		}
		call.Error = fmt.Sprintf("the backend %s does not answer: %v", g.options.Backend.Host, err)
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			return response{}, responseIntegrationTimeout
		}
		return response{}, responseNetworkError
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	switch {
	case err != nil:
		call.Error = "the backend's response broke off"
		return response{}, responseNetworkError
	case len(body) > maxBody:
		call.Error = "the backend's response is over 10 MB"
		return response{}, responseIntegrationError
	}
	call.IntegrationStatus = answer.StatusCode
	resp := response{status: answer.StatusCode, body: body}
	for name, values := range answer.Header {
		if slices.Contains(dropped, strings.ToLower(name)) {
			continue
		}
		for _, value := range values {
			resp.headers = append(resp.headers, header{name, value})
		}
	}
	return resp, nil
}

// backendRequest is the request with its path and query as they were sent, without the stage, and with headers for the
// caller in place of those that the client sent.
func (g *Gateway) backendRequest(ctx context.Context, req *request, v *authorizerResult) (*http.Request, error) {
	b := g.options.Backend
	out, err := http.NewRequestWithContext(ctx, req.method, b.String(), strings.NewReader(string(req.body)))
	if err != nil {
		return nil, err
	}
	out.URL = &url.URL{Scheme: b.Scheme, Host: b.Host, Opaque: strings.TrimSuffix(b.EscapedPath(), "/") + req.path, RawQuery: req.rawQuery}
	out.Header = http.Header{}
	for _, h := range req.forwarded() {
		if !isIdentity(h.name) && !strings.EqualFold(h.name, "Host") {
			out.Header.Add(h.name, h.value)
		}
	}
	if v == nil {
		return out, nil
	}
	for key, value := range v.context {
		if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
			return nil, fmt.Errorf("the authorizer's %s cannot be a header", key)
		}
		out.Header.Set(IdentityHeader(key), value)
	}
	return out, nil
}
