package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// identitySource is one place of a request that says who calls, written as method.request.header.Authorization.
type identitySource struct {
	expression string
	read       func(*request) string // empty: it is missing
}

// parseSource reads the expressions that need no stage variables and no custom domain.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
func parseSource(expression string, g *Gateway) (identitySource, error) {
	if source, ok := requestSource("method.", expression); ok {
		return source, nil
	}
	contexts := map[string]func(*request) string{
		"context.accountId":         func(*request) string { return accountID },
		"context.apiId":             func(*request) string { return apiID },
		"context.domainName":        func(r *request) string { return r.host },
		"context.httpMethod":        func(r *request) string { return r.method },
		"context.identity.sourceIp": func(r *request) string { return r.sourceIP },
		"context.path":              func(r *request) string { return "/" + g.options.Stage + r.path },
		"context.resourcePath":      func(r *request) string { return r.route.template },
		"context.stage":             func(*request) string { return g.options.Stage },
	}
	if read, ok := contexts[expression]; ok {
		return identitySource{expression, read}, nil
	}
	return identitySource{}, fmt.Errorf("identity source %q: it must be method.request.header.NAME, method.request.querystring.NAME "+
		"or one of context.accountId, apiId, domainName, httpMethod, identity.sourceIp, path, resourcePath and stage", expression)
}

// requestSource parses the expressions that read the request itself. They begin with method. for a REST API, with route. for
// a WebSocket API.
func requestSource(prefix, expression string) (identitySource, bool) {
	if name, ok := strings.CutPrefix(expression, prefix+"request.header."); ok && name != "" {
		return identitySource{expression, func(r *request) string { return get(r.headers, name) }}, true
	}
	if name, ok := strings.CutPrefix(expression, prefix+"request.querystring."); ok && name != "" {
		return identitySource{expression, func(r *request) string { return last(r.query[name]) }}, true
	}
	return identitySource{}, false
}

// identify reads all sources. ok is false when one of them is missing or empty.
func identify(sources []identitySource, r *request) (values []string, ok bool) {
	for _, s := range sources {
		values = append(values, s.read(r))
	}
	return values, !slices.Contains(values, "")
}

// cacheKey returns the key of a cached result: a hash of the stage and the values of all identity sources. Hashing keeps tokens
// out of memory, and each part has its length, so that different lists have different keys.
func cacheKey(stage string, values []string) [sha256.Size]byte {
	h := sha256.New()
	for _, v := range append([]string{stage}, values...) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(v))) // a hash never returns an error
		h.Write([]byte(v))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// last returns the last of several values, which API Gateway uses where it passes only one.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}
