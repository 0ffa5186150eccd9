package contract

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// meaning is the meaning of the names that security lists contain for a scheme.
type meaning int

const (
	unsupported meaning = iota // cannot be checked
	allScopes                  // scopes, all of them required
	anyScope                   // scopes, one of them suffices, as in API Gateway's own authorizers
	allGroups                  // Cognito groups, all of them required
	claimValues                // values of a claim, all of them required; none: the claim is there
	pathOwner                  // path parameters that equal a claim
	signInAge                  // no names: the sign-in is recent
	anyToken                   // no names
	usageKey                   // API Gateway checks the key itself
	iam                        // API Gateway checks the signature itself
)

// isToken reports whether the scheme denotes the token that the authorizer verifies.
func (m meaning) isToken() bool {
	return m != unsupported && m != usageKey && m != iam
}

// scheme is an interpreted security scheme.
type scheme struct {
	name    string
	at      position
	meaning meaning
	reason  string   // of unsupported: "is of type mutualTLS"
	wayOut  string   // of unsupported
	claim   string   // of claimValues and pathOwner
	maxAge  int64    // of signInAge, in seconds
	pools   []string // identifies the issuer of the tokens; empty if the scheme does not specify it
	out     map[string]any

	used    bool
	firstAt position // where it is used first
	usedBy  []string // routes
}

// maxSchemes bounds the comparison of the schemes with each other.
const maxSchemes = 256

func (c *compiler) readSchemes() {
	n := c.root.path("components", "securitySchemes")
	if c.swagger {
		n = c.root.get("securityDefinitions")
	}
	if n == nil {
		return
	}
	if n.kind != object {
		c.refuse("scheme", n.at, "", fmt.Sprintf("the security schemes are %s, not an object", n.kind), "")
		return
	}
	if len(n.members) > maxSchemes {
		c.refuse("too-large", n.at, "", fmt.Sprintf("the document declares more than %d security schemes", maxSchemes), "Remove those that no operation names")
		return
	}
	for _, m := range n.members {
		if strings.HasPrefix(m.name, "x-") && m.value.kind != object {
			continue // an extension; an object is a scheme, since the keys are names: x-api-key is a usual one
		}
		c.schemes[m.name] = c.readScheme(m)
	}
}

const claimWayOut = "If it stands for the token of the user pool, write x-authorizer-token: true at the scheme (an overlay will do)"

func (c *compiler) readScheme(m member) *scheme {
	s := &scheme{name: m.name, at: m.at, out: map[string]any{}}
	n, err := c.resolve(m.value)
	if err != nil {
		s.reason = "cannot be read: " + err.Error()
		s.wayOut = "Write the scheme into the document"
		return s
	}
	if n.kind != object {
		c.refuse("scheme", m.at, "", fmt.Sprintf("the security scheme %s is %s, not an object", short(m.name), n.kind), "")
		return s
	}
	for _, inner := range n.members {
		c.checkOwn(inner, "", "scheme")
		if isGatewayExtension(inner.name) && inner.name != extAuthtype && inner.name != extAuthorizer {
			c.refuse("extension", inner.at, "", fmt.Sprintf("%s has no meaning at a security scheme", inner.name), "Remove it")
		}
	}
	kind, authtype, authorizer := n.get("type").text(), strings.ToLower(n.get(extAuthtype).text()), n.get(extAuthorizer)
	authorizerType := strings.ToLower(authorizer.get("type").text())
	s.pools = poolsOf(n)
	s.out["type"] = kind
	switch {
	case kind == "oauth2" || kind == "openIdConnect":
		s.meaning = allScopes
		if authorizerType == "jwt" || authorizerType == "cognito_user_pools" || authtype == "cognito_user_pools" {
			s.meaning = anyScope
		}
		c.carryScheme(s, n)
	case kind == "http" && strings.EqualFold(n.get("scheme").text(), "bearer"):
		s.meaning = allGroups
		s.out["scheme"] = "bearer"
	case kind == "apiKey" && authtype == "awssigv4":
		s.meaning = iam
		s.out["name"], s.out["in"], s.out[extAuthtype] = "Authorization", "header", "awsSigv4"
	case kind == "apiKey" && (authtype == "cognito_user_pools" || authorizerType == "cognito_user_pools" || authorizerType == "jwt"):
		s.meaning = anyScope
		s.out["name"], s.out["in"] = n.get("name").text(), n.get("in").text()
	case kind == "apiKey" && authtype == "" && authorizer == nil && n.get("in").text() == "header" && strings.EqualFold(n.get("name").text(), "x-api-key"):
		s.meaning = usageKey
		s.out["name"], s.out["in"] = "x-api-key", "header"
	case kind == "http" || c.swagger && kind == "basic":
		s.reason, s.wayOut = fmt.Sprintf("is of type http with scheme %s, which is not a token", short(n.get("scheme").text())), "Use http with scheme bearer"
		if kind == "basic" {
			s.reason = "is of type basic, which is not a token"
		}
	case kind == "apiKey" && (authtype != "" || authorizer != nil):
		s.reason, s.wayOut = "is another authorizer of API Gateway", claimWayOut
	case kind == "apiKey":
		s.reason, s.wayOut = fmt.Sprintf("is an API key in the %s %s, which the authorizer cannot check", n.get("in").text(), short(n.get("name").text())), claimWayOut
	case kind == "":
		s.reason, s.wayOut = "has no type", "Give it one: openIdConnect or oauth2 for scopes, http with scheme bearer for groups"
	default:
		s.reason, s.wayOut = fmt.Sprintf("is of type %s, which the authorizer cannot check", short(kind)), "Use a scheme of type openIdConnect or oauth2 for scopes, or http with scheme bearer for groups"
	}
	c.readMeaning(s, n, s.meaning == allGroups)
	if s.meaning == anyToken && kind == "apiKey" {
		s.out["name"], s.out["in"] = n.get("name").text(), n.get("in").text()
	}
	if pool := n.get("x-authorizer-pool"); pool != nil {
		if pool.text() == "" {
			c.refuse("scheme", pool.at, "", "x-authorizer-pool is not a name", "Write the same name at all schemes of one user pool")
		}
		s.pools = append(s.pools, "pool "+pool.text())
	}
	if authorizer != nil && s.meaning.isToken() {
		c.note("own-authorizer", m.at, "", extAuthorizer+" is replaced by this authorizer", "")
	}
	return s
}

// carryScheme keeps the parts of an OAuth scheme that valid OpenAPI requires.
func (c *compiler) carryScheme(s *scheme, n *node) {
	if address := n.get("openIdConnectUrl"); address != nil {
		s.out["openIdConnectUrl"] = address.text()
	}
	if s.out["type"] != "oauth2" {
		return
	}
	flows := map[string]any{}
	for name, flow := range flowsOf(n) {
		kept := map[string]any{"scopes": map[string]any{}}
		for _, key := range []string{"authorizationUrl", "tokenUrl", "refreshUrl"} {
			if address := flow.get(key).text(); address != "" {
				kept[key] = address
			}
		}
		flows[name] = kept
	}
	s.out["flows"] = flows
}

// flowsOf returns the OAuth flows of a scheme, by their names in OpenAPI 3. Swagger has one flow, next to the type.
func flowsOf(n *node) map[string]*node {
	all := map[string]*node{}
	if flow := n.get("flow").text(); flow != "" {
		name := map[string]string{"application": "clientCredentials", "accessCode": "authorizationCode"}[flow]
		if name == "" {
			name = flow
		}
		all[name] = n
	}
	if flows := n.get("flows"); flows.is(object) {
		for _, m := range flows.members {
			if !strings.HasPrefix(m.name, "x-") && m.value.is(object) {
				all[m.name] = m.value
			}
		}
	}
	return all
}

// poolsOf returns what identifies the issuer of a scheme's tokens: the origins of its URLs and, for Cognito, whose issuers share an
// origin, the pool.
func poolsOf(n *node) []string {
	var all []string
	add := func(address string) {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return
		}
		id := strings.ToLower(u.Host)
		if strings.HasPrefix(id, "cognito-idp.") {
			pool, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
			id += "/" + pool
		}
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	add(n.get("openIdConnectUrl").text())
	for _, flow := range flowsOf(n) {
		add(flow.get("authorizationUrl").text())
		add(flow.get("tokenUrl").text())
	}
	authorizer := n.get(extAuthorizer)
	add(authorizer.path("jwtConfiguration", "issuer").text())
	if arns := authorizer.get("providerARNs"); arns.is(list) {
		for _, arn := range arns.items {
			if parts := strings.Split(arn.text(), ":"); len(parts) == 6 {
				add("https://cognito-idp." + parts[3] + ".amazonaws.com/" + strings.TrimPrefix(parts[5], "userpool/"))
			}
		}
	}
	slices.Sort(all)
	return all
}

// checkPools refuses schemes with different issuers. The authorizer accepts tokens of every configured pool on every route, so a route
// cannot require a particular one.
func (c *compiler) checkPools() {
	var first *scheme
	var same []string // identifies the issuer of the first scheme and of those that share an identifier with it
	waiting := slices.DeleteFunc(slices.Clone(c.used), func(s *scheme) bool { return len(s.pools) == 0 })
	for more := true; more; {
		more = false
		waiting = slices.DeleteFunc(waiting, func(s *scheme) bool {
			shares := first == nil || slices.ContainsFunc(s.pools, func(p string) bool { return slices.Contains(same, p) })
			if shares {
				if first == nil {
					first = s
				}
				same, more = append(same, s.pools...), true
			}
			return shares
		})
	}
	for _, s := range waiting {
		for _, route := range s.usedBy {
			c.refuse("two-pools", s.firstAt, route, fmt.Sprintf("the scheme %q names another provider of tokens (%s) than %q does (%s), and the authorizer cannot tell their tokens apart",
				s.name, s.pools[0], first.name, first.pools[0]),
				"If both are one user pool, write x-authorizer-pool: NAME with the same name at both schemes; if not, use one of them")
		}
	}
}
