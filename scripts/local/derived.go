package local

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// derived returns calls that follow from the contract: each route for several callers, and on one of the routes tokens
// that must be refused, key rotation, an outage of the key server, and routes that do not exist. passed is the status
// of a call that reaches the backend.
func derived(ctx context.Context, s *stack.Stack, all probes, passed int) ([]call, error) {
	calls, err := perRoute(ctx, s, all, passed)
	if err != nil {
		return nil, err
	}
	if p, ok := all.tokenProbe(); ok {
		about, err := aboutTokens(s, p, passed)
		if err != nil {
			return nil, err
		}
		calls = append(calls, about...)
	}
	keepAccess(s, calls)
	calls = append(calls, call{what: "a path that the contract does not have", method: http.MethodGet, path: unknownPath(s.Contract), status: http.StatusForbidden, asked: nobody})
	if len(all) == 0 {
		return calls, nil
	}
	preflight := all[0]
	if !slices.ContainsFunc(s.Contract.Routes, func(r contractjson.Route) bool {
		return r.Template == preflight.Template && (r.Method == http.MethodOptions || r.Method == contractjson.AnyMethod)
	}) {
		calls = append(calls, call{what: "a browser's preflight, which never carries a token", method: http.MethodOptions, path: preflight.path, status: http.StatusNoContent, asked: nobody,
			header: map[string]string{"Access-Control-Request-Method": preflight.method, "Access-Control-Request-Headers": "authorization"}})
	}
	return calls, nil
}

// keepAccess makes each call after one that may change something forget what has been revoked: a backend that signs callers
// out, as the sample does, revokes tokens that later calls use.
func keepAccess(s *stack.Stack, calls []call) {
	changed := false
	for i, one := range calls {
		if changed {
			calls[i].before = func(c *call) error {
				s.Revoked.Clear()
				if one.before == nil {
					return nil
				}
				return one.before(c)
			}
		}
		changed = changed || one.method != http.MethodGet
	}
}

// tokenProbe returns a route that needs a token, one for any valid token if there is one.
func (all probes) tokenProbe() (probe, bool) {
	needsToken := func(p probe) bool { return p.Access == contractjson.Token }
	if p, ok := all.example(func(p probe) bool { return needsToken(p) && p.opens(routes.Principal{}) }); ok {
		return p, true
	}
	if p, ok := all.example(needsToken); ok {
		return p, true
	}
	i := slices.IndexFunc(all, needsToken)
	if i < 0 {
		return probe{}, false
	}
	return all[i], true
}

// unknownPath returns a path that no route serves, not even one for the rest of a path.
func unknownPath(c *contractjson.Contract) string {
	path := "/there-is-no-such-path"
	for c.Table() != nil {
		if _, found := c.Table().Match(http.MethodGet, path); !found || len(path) > 1000 {
			break
		}
		path += "/there-is-no-such-path"
	}
	return path
}

// perRoute returns, for each route, calls without a token, with too few rights, and with exactly the rights.
func perRoute(ctx context.Context, s *stack.Stack, all probes, passed int) ([]call, error) {
	wallet := tokenWallet{s: s, tokens: map[string]string{}}
	results := resultModel{perRoute: s.Contract.PerRoute, seen: map[string]bool{}}
	var calls []call
	for _, p := range all {
		add := func(what string, status int, how asked, token string, as *routes.Principal) {
			calls = append(calls, call{what: what, method: p.method, path: p.path, token: token, status: status, asked: how, as: as})
		}
		switch p.Access {
		case contractjson.Public:
			add("a public route needs no token", passed, nobody, "", nil)
			continue
		case contractjson.IAM:
			add("a route for IAM, without a signature", http.StatusForbidden, nobody, "", nil)
			continue
		}
		add("no token", http.StatusUnauthorized, nobody, "", nil)
		for _, group := range []struct {
			who    []variant
			status int
		}{{p.tooFew(), http.StatusForbidden}, {p.exact(), passed}} {
			for _, who := range group.who {
				token, err := wallet.token(ctx, who.Principal)
				if err != nil {
					return nil, err
				}
				add(who.what, group.status, results.asked(token, p), token, &who.Principal)
			}
		}
	}
	return calls, nil
}

// resultModel knows which results the gateway has cached.
type resultModel struct {
	perRoute bool
	seen     map[string]bool
}

func (m resultModel) asked(token string, p probe) asked {
	key := token
	if m.perRoute {
		key += " " + p.method + " " + p.Template
	}
	if m.seen[key] {
		return cache
	}
	m.seen[key] = true
	return authorizer
}

// tokenWallet gets one token for each kind of caller.
type tokenWallet struct {
	s      *stack.Stack
	tokens map[string]string
}

// token returns a token of the pool with exactly these rights: the machine client's where it asks for scopes alone, a
// person's where somebody is in these groups, and else one that the pool signs for the purpose.
func (w tokenWallet) token(ctx context.Context, who routes.Principal) (string, error) {
	key := callerKey(who)
	if known := w.tokens[key]; known != "" {
		return known, nil
	}
	token, err := w.fresh(ctx, who)
	w.tokens[key] = token
	return token, err
}

func (w tokenWallet) fresh(ctx context.Context, who routes.Principal) (string, error) {
	if len(who.Claims) > 0 || !who.AuthTime.IsZero() {
		return w.s.Cognito.Mint(fakecognito.MintOptions{Username: w.s.People[0].Name, Claims: claimsOf(&who)})
	}
	if len(who.Scopes) > 0 && len(who.Groups) == 0 {
		return w.s.MachineToken(ctx, who.Scopes...)
	}
	if len(who.Scopes) == 0 {
		for _, p := range w.s.People {
			if slices.Equal(p.Groups, who.Groups) || len(p.Groups)+len(who.Groups) == 0 {
				tokens, err := w.s.SignIn(ctx, p)
				return tokens.Access, err
			}
		}
	}
	return w.s.Cognito.Mint(fakecognito.MintOptions{Username: w.s.People[0].Name, Claims: claimsOf(&who)})
}

// claimsOf returns the claims that give a token these rights, and no other.
func claimsOf(who *routes.Principal) map[string]any {
	if who == nil {
		return nil
	}
	claims := map[string]any{"scope": nil, "cognito:groups": nil} // nil removes a claim
	if len(who.Scopes) > 0 {
		claims["scope"] = strings.Join(who.Scopes, " ")
	}
	if len(who.Groups) > 0 {
		claims["cognito:groups"] = who.Groups
	}
	for name, values := range who.Claims {
		claims[name] = values
		if len(values) == 1 {
			claims[name] = values[0]
		}
	}
	if age := who.Now.Sub(who.AuthTime); age > 0 && !who.AuthTime.IsZero() {
		claims["auth_time"] = time.Now().Add(-age).Unix()
	}
	return claims
}

// aboutTokens returns calls of one route with tokens that differ from a valid one in one respect.
func aboutTokens(s *stack.Stack, p probe, passed int) ([]call, error) {
	who := p.exact()[0].Principal
	before := nobody // a TOKEN authorizer has a validation expression before it
	if s.Type == gateway.Request {
		before = authorizer
	}
	var problems []error
	mint := func(o fakecognito.MintOptions, further map[string]any) string {
		o.Username, o.Claims = s.People[0].Name, claimsOf(&who)
		for name, value := range further {
			o.Claims[name] = value
		}
		token, err := s.Cognito.Mint(o)
		problems = append(problems, err)
		return token
	}
	valid := mint(fakecognito.MintOptions{}, nil)
	spare := mint(fakecognito.MintOptions{}, map[string]any{"jti": "spare"})
	changed := func(part int) string {
		token, err := tampered(valid, part)
		problems = append(problems, err)
		return token
	}
	refused := func(what, token string, how asked) call {
		return call{what: what, method: p.method, path: p.path, token: token, status: http.StatusUnauthorized, asked: how}
	}
	basic := refused("a user name and password", "", before)
	basic.header = map[string]string{"Authorization": "Basic YTpi"}
	rotated := call{what: "a token signed with a new key, just after key rotation", method: p.method, path: p.path, status: passed, asked: authorizer, as: &who,
		before: func(c *call) (err error) {
			if err = s.Cognito.Rotate(); err == nil {
				c.token, err = s.Cognito.Mint(fakecognito.MintOptions{Username: s.People[0].Name, Claims: claimsOf(&who)})
			}
			return err
		}}
	outage := call{what: "the key server is down: cached keys are used", method: p.method, path: p.path, token: spare, status: passed, asked: authorizer, as: &who,
		before: func(*call) error {
			s.Cognito.SetFaults(fakecognito.Faults{KeysDown: true})
			return nil
		}}
	calls := []call{
		refused("not a token", "junk", before),
		basic,
		refused("three meaningless segments", "a.b.c", authorizer),
		refused("an ID token instead of an access token", mint(fakecognito.MintOptions{ID: true}, nil), authorizer),
		refused("an expired token", mint(fakecognito.MintOptions{IssuedAt: time.Now().Add(-2 * time.Hour)}, nil), authorizer),
		refused("a token of another user pool", mint(fakecognito.MintOptions{}, map[string]any{"iss": s.Cognito.URL() + "/eu-west-1_Somebody1"}), authorizer),
		refused("a token of another client", mint(fakecognito.MintOptions{}, map[string]any{"client_id": "somebodyelse"}), authorizer),
		refused("a changed payload", changed(1), authorizer),
		refused("a changed signature", changed(2), authorizer),
		refused("alg none, no signature", mint(fakecognito.MintOptions{Signature: fakecognito.Unsigned}, nil), before),
		refused("HS256 with the public key as its secret", mint(fakecognito.MintOptions{Signature: fakecognito.SignedWithPublicKey}, nil), authorizer),
		refused("a stranger's key under the pool's key ID", mint(fakecognito.MintOptions{Signature: fakecognito.SignedByStranger}, nil), authorizer),
		rotated,
		refused("an unknown key ID", mint(fakecognito.MintOptions{Signature: fakecognito.SignedWithUnknownKey}, nil), authorizer),
		outage,
		{what: "the same token again: the cached result is used", method: p.method, path: p.path, token: spare, status: passed, asked: cache, as: &who},
	}
	return calls, errors.Join(problems...)
}
