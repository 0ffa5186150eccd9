package cognito_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func TestScopes(t *testing.T) {
	r := newRig(t)
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf("s%d", i)
	}
	for name, want := range map[string][]string{
		"read": {"read"}, "read read:all": {"read", "read:all"}, "api/users.read openid": {"api/users.read", "openid"},
		"Read READ read": {"Read", "READ", "read"}, strings.Join(many[:100], " "): many[:100], "!#[]~": {"!#[]~"},
	} {
		t.Run("accepted: "+name[:min(len(name), 20)], func(t *testing.T) {
			claims := r.mustVerify(t, r.pool.AccessToken(t, claim("scope", name)))
			if !slices.Equal(claims.Scopes, want) {
				t.Errorf("got %q", claims.Scopes)
			}
		})
	}
	if claims := r.mustVerify(t, r.pool.AccessToken(t, without("scope"))); len(claims.Scopes) != 0 {
		t.Errorf("scopes out of nowhere: %q", claims.Scopes)
	}
	if claims := r.mustVerify(t, r.pool.IDToken(t, claim("scope", "api/users.read"))); len(claims.Scopes) != 0 {
		t.Errorf("an ID token grants %q", claims.Scopes)
	}
	k := newKit(t)
	thousand := strings.TrimSpace(strings.Repeat("abc ", 1000))
	for name, value := range map[string]any{
		"empty": "", "a space": " ", "null": nil, "an array": []string{"read"}, "a number": 1, "an object": map[string]any{"read": true},
		"with a tab": "read\twrite", "with a line feed": "read\nwrite", "with two spaces": "read  write", "with a space before": " read",
		"with a space behind": "read ", "with a quote": `re"ad`, "with a backslash": `re\ad`, "not ASCII": "lire\u00e9", "with a no-break space": "a\u00a0b",
		"with a control character": "a\x7fb", "101 scopes": strings.Join(many, " "), "a thousand scopes": thousand,
	} {
		k.access("scope "+name, cognito.ErrScope, claim("scope", value))
	}
	k.run()
}

func TestGroups(t *testing.T) {
	r := newRig(t)
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf("g%d", i)
	}
	for name, groups := range map[string][]string{
		"one": {"admins"}, "several": {"admins", "owners"}, "none": {}, "with a comma": {"a,b"}, "like a scope": {"api/users.read"},
		"not ASCII": {"администраторы", "管理者"}, "128 characters": {strings.Repeat("é", 128)}, "a hundred": many[:100], "brackets": {"[admins]"},
	} {
		t.Run("accepted: "+name, func(t *testing.T) {
			for _, token := range []cognito.Token{r.pool.AccessToken(t, cognitotest.Groups(groups...)), r.pool.IDToken(t, cognitotest.Groups(groups...))} {
				claims := r.mustVerify(t, token)
				if !slices.Equal(claims.Groups, groups) {
					t.Errorf("got %q", claims.Groups)
				}
				if slices.Contains(claims.Scopes, "api/users.read") {
					t.Error("a group became a scope")
				}
			}
		})
	}
	if claims := r.mustVerify(t, r.pool.AccessToken(t)); len(claims.Groups) != 0 {
		t.Errorf("groups out of nowhere: %q", claims.Groups)
	}
	k := newKit(t)
	for name, value := range map[string]any{
		"a string": "admins", "null": nil, "a number": 1, "true": true, "an object": map[string]any{"admins": true}, "numbers": []int{1},
		"null inside": []any{nil}, "nested": []any{[]string{"admins"}}, "an object inside": []any{map[string]any{}}, "mixed": []any{"admins", 1},
		"with a space": []string{"site admins"}, "with a tab": []string{"a\tb"}, "with a line feed": []string{"a\nb"}, "with a no-break space": []string{"a\u00a0b"},
		"with an ideographic space": []string{"a\u3000b"}, "with an invisible character": []string{"ad\u200bmins"}, "with a bidirectional control": []string{"\u202esnimda"},
		"with a NUL": []string{"a\x00"}, "empty": []string{""}, "129 characters": []string{strings.Repeat("g", 129)}, "101 of them": many,
	} {
		k.both("groups "+name, cognito.ErrGroups, claim("cognito:groups", value))
	}
	k.run()
}

func TestSomebodyMustBeNamed(t *testing.T) {
	k := newKit(t)
	k.access("sub missing", cognito.ErrSubject, without("sub"))
	k.id("sub missing", cognito.ErrSubject, without("sub"))
	k.machine("sub missing", nil, without("sub"))
	k.machine("as it is", nil)
	k.machine("of a client that is not accepted", cognito.ErrClient, claim("client_id", "other"), claim("sub", "other"))
	for name, value := range map[string]any{
		"empty": "", "null": nil, "a number": 1, "an array": []string{"x"}, "an object": map[string]any{}, "true": true, "with a line feed": "a\nb",
		"with a space": "a b", "with a NUL": "a\x00", "with an escape sequence": "\x1b[2J", "129 characters": strings.Repeat("x", 129),
		"invisible": "\u200b", "one kilobyte": strings.Repeat("x", 1000),
	} {
		k.both("sub "+name, cognito.ErrSubject, claim("sub", value))
		k.machine("sub "+name, cognito.ErrSubject, claim("sub", value))
		k.access("username "+name, cognito.ErrSubject, claim("username", value))
		k.id("cognito:username "+name, cognito.ErrSubject, claim("cognito:username", value))
		k.both("jti "+name, cognito.ErrSubject, claim("jti", value))
		k.both("origin_jti "+name, cognito.ErrSubject, claim("origin_jti", value))
	}
	k.both("origin_jti, event_id, version and jti missing, as elsewhere than in Cognito", nil, without("origin_jti", "event_id", "version", "jti"))
	k.access("a federated user", nil, claim("username", "Google_1234567890"))
	k.run()
}

func TestTheClaimsOfAVerifiedToken(t *testing.T) {
	r := newRig(t)
	now := r.clock.Now()
	key := r.pool.Keys()

	access := r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Scopes("openid", "api/users.read"), cognitotest.Groups("admins"), claim("jti", "t1")))
	want := cognito.Claims{
		Issuer: r.pool.Issuer(), Subject: cognitotest.Subject, ClientID: cognitotest.WebClient, Username: cognitotest.Username,
		Use: cognito.AccessToken, Scopes: []string{"openid", "api/users.read"}, Groups: []string{"admins"},
		ExpiresAt: now.Add(time.Hour), IssuedAt: now, AuthTime: now, SessionID: cognitotest.Session, TokenID: "t1",
		KeyID: key[0].ID, KeyOrigin: jwks.OriginFetch,
	}
	if !reflect.DeepEqual(visible(access), visible(want)) {
		t.Errorf("access token:\n got %v\nwant %v", visible(access), visible(want))
	}

	id := r.mustVerify(t, r.pool.IDToken(t, claim("jti", "t2")))
	want.Use, want.Scopes, want.Groups, want.TokenID = cognito.IDToken, nil, nil, "t2"
	want.KeyID, want.KeyOrigin = key[1].ID, jwks.OriginCache
	if !reflect.DeepEqual(visible(id), visible(want)) {
		t.Errorf("ID token:\n got %v\nwant %v", visible(id), visible(want))
	}
	if key[0].ID == key[1].ID || key[0].Private.Equal(key[1].Private) {
		t.Error("the pool signs both kinds with one key")
	}

	machine := r.mustVerify(t, r.pool.MachineToken(t, without("sub")))
	if machine.Principal() != cognitotest.MachineClient || machine.Username != "" {
		t.Errorf("machine token: %v", visible(machine))
	}
	wantIdentity := identity.Identity{
		Subject: cognitotest.MachineClient, ClientID: cognitotest.MachineClient, Scopes: []string{"api/users.read"},
		TokenUse: "access", ExpiresAt: now.Add(time.Hour),
	}
	if got := machine.Identity(); !reflect.DeepEqual(got, wantIdentity) || !got.IsMachine() {
		t.Errorf("got %+v\nwant %+v", got, wantIdentity)
	}
	if got := access.Identity(); got.IsMachine() || got.Username != cognitotest.Username || got.SessionID != cognitotest.Session {
		t.Errorf("got %+v", got)
	}
	if access.Principal() != cognitotest.Subject {
		t.Errorf("principal %q", access.Principal())
	}
	_, payload, _ := parts(t, r.pool.AccessToken(t, claim("jti", "t3"), claim("event_id", "e")))
	if got := r.mustVerify(t, r.pool.AccessToken(t, claim("jti", "t3"), claim("event_id", "e"))).Raw(); string(got) != string(payload) {
		t.Error("Raw is not the payload")
	}
}

// visible returns the exported fields of c, because printing c shows few of them.
func visible(c cognito.Claims) []any {
	return []any{
		c.Issuer, c.Subject, c.ClientID, c.Username, c.Use, c.Scopes, c.Groups, c.ExpiresAt, c.IssuedAt, c.AuthTime,
		c.SessionID, c.TokenID, c.KeyID, c.KeyOrigin,
	}
}
