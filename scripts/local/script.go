package local

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// script lists the calls of the demo in their order, which matters: a result is cached from its first call on.
func script(ctx context.Context, s *stack.Stack) ([]call, error) {
	m, err := mintTokens(ctx, s)
	if err != nil {
		return nil, err
	}
	get, post := http.MethodGet, http.MethodPost
	rotate := func(c *call) error {
		if err := s.Cognito.Rotate(); err != nil {
			return err
		}
		tokens, err := signIn(ctx, s, "alice")
		c.token = tokens.Access
		return err
	}
	keysDown := func(*call) error {
		s.Cognito.SetFaults(fakecognito.Faults{KeysDown: true})
		return nil
	}
	emptyCache := func(*call) error {
		s.Gateway.FlushCache()
		return nil
	}
	alice := &routes.Principal{Claims: map[string][]string{"username": {"alice"}}}
	olivia, oscar := &routes.Principal{Groups: []string{"admins"}}, &routes.Principal{Groups: []string{"owners"}}
	machine := &routes.Principal{Scopes: []string{"api/users.read"}}
	return []call{
		{what: "a public route needs no token", method: get, path: "/health", status: 200, asked: nobody},
		{what: "no token", method: get, path: "/me", status: 401, asked: nobody},
		{what: "not a token", method: get, path: "/me", token: "junk", status: 401, asked: nobody},
		{what: "a user name and password", method: get, path: "/me", header: map[string]string{"Authorization": "Basic YTpi"}, status: 401, asked: nobody},
		{what: "three meaningless segments", method: get, path: "/me", token: "a.b.c", status: 401, asked: authorizer},

		{what: "alice, who is in no group", method: get, path: "/me", token: m.alice.Access, as: alice, status: 200, asked: authorizer},
		{what: "alice on a second route, from the cached policy", method: get, path: "/info", token: m.alice.Access, as: alice, status: 200, asked: cache},
		{what: "alice without the required scope", method: get, path: "/users", token: m.alice.Access, as: alice, status: 403, asked: cache},
		{what: "alice reads her own profile", method: get, path: "/users/alice", token: m.alice.Access, as: alice, status: 200, asked: cache},
		{what: "alice reads somebody else's profile", method: get, path: "/users/olivia", token: m.alice.Access, as: alice, status: 403, asked: cache},
		{what: "olivia, an admin, reads alice's profile", method: get, path: "/users/alice", token: m.olivia.Access, as: olivia, status: 200, asked: authorizer},
		{what: "olivia without the required scope", method: get, path: "/users", token: m.olivia.Access, as: olivia, status: 403, asked: cache},
		{what: "olivia signs alice out: admins need a scope as well", method: post, path: "/users/alice/sign-out", token: m.olivia.Access, as: olivia, status: 403, asked: cache},
		{what: "a machine client with the scope api/users.read", method: get, path: "/users", token: m.machine, as: machine, status: 200, asked: authorizer},
		{what: "the machine reads alice's profile", method: get, path: "/users/alice", token: m.machine, as: machine, status: 200, asked: cache},
		{what: "the machine signs alice out", method: post, path: "/users/alice/sign-out", token: m.machine, as: machine, status: 403, asked: cache},

		{what: "alice's ID token instead of her access token", method: get, path: "/me", token: m.alice.ID, status: 401, asked: authorizer},
		{what: "an expired token", method: get, path: "/me", token: m.expired, status: 401, asked: authorizer},
		{what: "a token of another user pool", method: get, path: "/me", token: m.otherPool, status: 401, asked: authorizer},
		{what: "a token of another client", method: get, path: "/me", token: m.otherClient, status: 401, asked: authorizer},
		{what: "a changed payload", method: get, path: "/me", token: m.payload, status: 401, asked: authorizer},
		{what: "a changed signature", method: get, path: "/me", token: m.signature, status: 401, asked: authorizer},
		{what: "alg none, no signature", method: get, path: "/me", token: m.unsigned, status: 401, asked: nobody},
		{what: "HS256 with the public key as its secret", method: get, path: "/me", token: m.hmac, status: 401, asked: authorizer},
		{what: "a stranger's key under the pool's key ID", method: get, path: "/me", token: m.stranger, status: 401, asked: authorizer},

		{what: "a token signed with a new key, just after key rotation", method: get, path: "/me", as: alice, status: 200, asked: authorizer, before: rotate},
		{what: "an unknown key ID", method: get, path: "/me", token: m.unknownKey, status: 401, asked: authorizer},
		{what: "the key server is down: cached keys are used", method: get, path: "/me", token: m.spare, as: alice, status: 200, asked: authorizer, before: keysDown},

		{what: "oscar, an owner, signs alice out", method: post, path: "/users/alice/sign-out", token: m.oscar.Access, as: oscar, status: 204, asked: authorizer},
		{what: "a token of alice that has been revoked", method: get, path: "/me", token: m.revoked, status: 401, asked: authorizer},

		{what: "olivia signs out of one of two sessions", method: post, path: "/sign-out", token: m.olivia.Access, as: olivia, status: 204, asked: cache},
		{what: "her next call: the cached result is replayed", method: get, path: "/me", token: m.olivia.Access, as: olivia, status: 200, asked: cache},
		{what: "the same with an empty cache, as after revoke --flush", method: get, path: "/me", token: m.olivia.Access, status: 401, asked: authorizer, before: emptyCache},
		{what: "olivia signs out everywhere, in her other session", method: post, path: "/sign-out/everywhere", token: m.elsewhere, as: olivia, status: 204, asked: authorizer},
		{what: "her next call, with an empty cache", method: get, path: "/me", token: m.elsewhere, status: 401, asked: authorizer, before: emptyCache},

		{what: "a route that does not exist", method: get, path: "/secrets", token: m.olivia.Access, status: 403, asked: nobody},
		{what: "a method that the route does not have", method: http.MethodDelete, path: "/me", token: m.olivia.Access, status: 403, asked: nobody},
		{what: "a browser's preflight, which never carries a token", method: http.MethodOptions, path: "/users", status: 204, asked: nobody,
			header: map[string]string{"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}},
	}, nil
}

// disagreement returns a route for which the script expects something else than the contract says; empty if there is none.
// The sample may change, and then its script may not fit any more.
func disagreement(c *contractjson.Contract, calls []call) string {
	for _, one := range calls {
		route, found := routes.Route{}, false
		if c.Table() != nil {
			route, found = c.Table().Match(one.method, one.path)
		}
		expected := one.as == nil || found && c.Table().DecideCall(*one.as, one.method, one.path).Allowed == (one.status != http.StatusForbidden)
		switch {
		case one.method == http.MethodOptions:
		case one.status == http.StatusForbidden && one.as == nil: // a route that must not exist
			expected = !found
		case one.as == nil && one.status == http.StatusUnauthorized:
			expected = found && !route.Rule.Public
		case one.as == nil:
			expected = found && route.Rule.Public
		}
		if !expected {
			return one.method + " " + one.path
		}
	}
	return ""
}

// uncovered returns the routes that no call of the script is for.
func uncovered(c *contractjson.Contract, calls []call) probes {
	return slices.DeleteFunc(probesOf(c), func(p probe) bool {
		return slices.ContainsFunc(calls, func(one call) bool {
			if p.Access == contractjson.IAM {
				return false
			}
			r, found := c.Table().Match(one.method, one.path)
			return found && r.Method == p.Method && r.Template == p.Template
		})
	})
}

// minted are the tokens of the demo: first those that people and machines get, then those that nobody should.
type minted struct {
	alice, olivia, oscar stack.Tokens
	machine              string
	spare, revoked       string // further tokens of alice
	elsewhere            string // a further token of olivia

	expired, otherPool, otherClient, payload, signature, unsigned, hmac, stranger, unknownKey string
}

func mintTokens(ctx context.Context, s *stack.Stack) (m minted, err error) {
	for name, tokens := range map[string]*stack.Tokens{"alice": &m.alice, "olivia": &m.olivia, "oscar": &m.oscar} {
		if *tokens, err = signIn(ctx, s, name); err != nil {
			return m, err
		}
	}
	if m.machine, err = s.MachineToken(ctx, "api/users.read"); err != nil {
		return m, err
	}
	for further, name := range map[*string]string{&m.spare: "alice", &m.revoked: "alice", &m.elsewhere: "olivia"} {
		tokens, err := signIn(ctx, s, name)
		if err != nil {
			return m, err
		}
		*further = tokens.Access
	}
	for _, hostile := range []struct {
		token *string
		by    fakecognito.MintOptions
	}{
		{&m.expired, fakecognito.MintOptions{IssuedAt: time.Now().Add(-2 * time.Hour)}},
		{&m.otherPool, fakecognito.MintOptions{Claims: map[string]any{"iss": s.Cognito.URL() + "/eu-west-1_Somebody1"}}},
		{&m.otherClient, fakecognito.MintOptions{Claims: map[string]any{"client_id": "somebodyelse"}}},
		{&m.unsigned, fakecognito.MintOptions{Signature: fakecognito.Unsigned}},
		{&m.hmac, fakecognito.MintOptions{Signature: fakecognito.SignedWithPublicKey}},
		{&m.stranger, fakecognito.MintOptions{Signature: fakecognito.SignedByStranger}},
		{&m.unknownKey, fakecognito.MintOptions{Signature: fakecognito.SignedWithUnknownKey}},
	} {
		hostile.by.Username = "alice"
		if *hostile.token, err = s.Cognito.Mint(hostile.by); err != nil {
			return m, err
		}
	}
	if m.payload, err = tampered(m.olivia.Access, 1); err != nil {
		return m, err
	}
	m.signature, err = tampered(m.olivia.Access, 2)
	return m, err
}

func signIn(ctx context.Context, s *stack.Stack, name string) (stack.Tokens, error) {
	person, err := s.Person(name)
	if err != nil {
		return stack.Tokens{}, err
	}
	return s.SignIn(ctx, person)
}
