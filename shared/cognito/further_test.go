package cognito_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func withClaims(names ...string) func(*cognito.Config) {
	return func(c *cognito.Config) { c.Claims = names }
}

func withGroupsClaims(names ...string) func(*cognito.Config) {
	return func(c *cognito.Config) { c.GroupsClaims = names }
}

func TestTheValuesOfFurtherClaims(t *testing.T) {
	r := newRig(t, withClaims("custom:x"))
	hundred := make([]string, 100)
	for i := range hundred {
		hundred[i] = fmt.Sprint(i)
	}
	for name, tt := range map[string]struct {
		value  any
		want   []string
		scalar bool
	}{
		"a string":            {"a b", []string{"a b"}, true},
		"an empty string":     {"", []string{""}, true},
		"a number":            {7, []string{"7"}, true},
		"a negative number":   {-7, []string{"-7"}, true},
		"true":                {true, []string{"true"}, true},
		"false":               {false, []string{"false"}, true},
		"a list":              {[]any{"a", 7, true}, []string{"a", "7", "true"}, false},
		"a list of one":       {[]string{"a"}, []string{"a"}, false},
		"an empty list":       {[]string{}, nil, false},
		"a hundred values":    {hundred, hundred, false},
		"too many values":     {append(slices.Clone(hundred), "x"), nil, false},
		"null":                {nil, nil, false},
		"an object":           {map[string]any{"a": "b"}, nil, false},
		"a fraction":          {1.5, nil, false},
		"a number too large":  {1e30, nil, false},
		"null in a list":      {[]any{"a", nil}, nil, false},
		"a list in a list":    {[]any{"a", []string{"b"}}, nil, false},
		"an object in a list": {[]any{map[string]any{}}, nil, false},
		"a fraction in one":   {[]any{"a", 1.5}, nil, false},
		"text of a list":      {"[a, b]", []string{"[a, b]"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, token := range []cognito.Token{r.pool.AccessToken(t, claim("custom:x", tt.value)), r.pool.IDToken(t, claim("custom:x", tt.value)), r.pool.MachineToken(t, claim("custom:x", tt.value))} {
				claims := r.mustVerify(t, token)
				value, scalar, found := claims.Scalar("custom:x")
				if got := claims.Values("custom:x"); !slices.Equal(got, tt.want) || scalar != tt.scalar || !found || scalar && value != tt.want[0] {
					t.Errorf("got %q, %q, %v, %v", got, value, scalar, found)
				}
			}
		})
	}
}

func TestFurtherClaimsMayBeOnesThatTheVerifierUses(t *testing.T) {
	r := newRig(t, withClaims("sub", "iss", "cognito:groups", "username", "exp", "aud", "custom:absent"))
	claims := r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Groups("a", "b"), claim("exp", r.clock.Now().Unix()+60)))
	for name, want := range map[string][]string{
		"sub": {cognitotest.Subject}, "iss": {r.pool.Issuer()}, "cognito:groups": {"a", "b"}, "username": {cognitotest.Username},
		"exp": {fmt.Sprint(r.clock.Now().Unix() + 60)}, "aud": nil, "custom:absent": nil, "jti": nil,
	} {
		if got := claims.Values(name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if _, _, found := claims.Scalar("custom:absent"); found {
		t.Error("an absent claim was found")
	}
	if got := (cognito.Claims{}).Values("sub"); got != nil {
		t.Errorf("the zero value has %q", got)
	}
}

func TestNamesOfFurtherClaimsAreComparedExactly(t *testing.T) {
	r := newRig(t, withClaims("custom:plan"))
	claims := r.mustVerify(t, r.pool.AccessToken(t, claim("custom:Plan", "pro"), claim("custom:plan ", "pro"), claim("plan", "pro"), claim("custom:plan\u0000", "pro"),
		claim("nested", map[string]any{"custom:plan": "pro"})))
	if got := claims.Values("custom:plan"); got != nil {
		t.Errorf("got %q", got)
	}
	k := newKit(t)
	k.access("a further claim twice", cognito.ErrPayload, cognitotest.RawPayload(`{"custom:plan":"free","custom:plan":"pro"}`))
	k.run()
}

func TestCachedTokensKeepTheirFurtherClaimsAndGroups(t *testing.T) {
	r := newRig(t, remembering(8), withClaims("custom:x"), withGroupsClaims("roles"))
	token := r.pool.AccessToken(t, claim("custom:x", []string{"a", "b"}), claim("roles", []string{"admins", "a b"}))
	for range 3 {
		claims := r.mustVerify(t, token)
		if !slices.Equal(claims.Values("custom:x"), []string{"a", "b"}) || !slices.Equal(claims.Groups, []string{"admins"}) ||
			!slices.Equal(claims.UnusableGroups, []cognito.UnusableGroups{{Claim: "roles", Count: 1}}) {
			t.Errorf("got %q, %q, %v", claims.Values("custom:x"), claims.Groups, claims.UnusableGroups)
		}
		claims.Groups[0] = "changed by a caller"
	}
}

func TestGroupsFromOtherClaims(t *testing.T) {
	r := newRig(t)
	both := []string{"cognito:groups", "custom:groups"}
	hundred := make([]string, 100)
	for i := range hundred {
		hundred[i] = fmt.Sprint(i)
	}
	for name, tt := range map[string]struct {
		claims   []string
		value    any
		want     []string
		unusable int
	}{
		"in addition":                     {both, []string{"staff"}, []string{"admins", "staff"}, 0},
		"instead":                         {both[1:], []string{"staff"}, []string{"staff"}, 0},
		"the other order":                 {[]string{"custom:groups", "cognito:groups"}, []string{"staff"}, []string{"staff", "admins"}, 0},
		"the same group in both":          {both, []string{"admins", "staff", "staff"}, []string{"admins", "staff"}, 0},
		"the text form of a list":         {both[1:], "[staff, sales,  x y, a]", []string{"staff", "sales", "a"}, 1},
		"the text form of one":            {both[1:], "[staff]", []string{"staff"}, 0},
		"the text form of none":           {both[1:], "[]", nil, 0},
		"text without brackets":           {both[1:], "staff", []string{"staff"}, 0},
		"text with a comma":               {both[1:], "staff,sales", []string{"staff,sales"}, 0},
		"text with one bracket":           {both[1:], "[staff", []string{"[staff"}, 0},
		"text of several words":           {both[1:], "site admins", nil, 1},
		"empty text":                      {both[1:], "", nil, 0},
		"an empty name in the text form":  {both[1:], "[staff, , sales]", []string{"staff", "sales"}, 1},
		"a tab in the text form":          {both[1:], "[staff,\tsales]", []string{"staff"}, 1},
		"a nested text form":              {both[1:], "[[staff], sales]", []string{"[staff]", "sales"}, 0},
		"no group":                        {both[1:], []string{}, nil, 0},
		"a name with a space":             {both[1:], []string{"site admins", "staff"}, []string{"staff"}, 1},
		"an invisible character":          {both[1:], []string{"ad\u200bmins", "staff"}, []string{"staff"}, 1},
		"a name of 129 characters":        {both[1:], []string{strings.Repeat("g", 129), "staff"}, []string{"staff"}, 1},
		"a number, null and a list in it": {both[1:], []any{7, nil, []string{"x"}, "staff"}, []string{"staff"}, 3},
		"null":                            {both, nil, []string{"admins"}, 1},
		"a number":                        {both, 7, []string{"admins"}, 1},
		"true":                            {both, true, []string{"admins"}, 1},
		"an object":                       {both, map[string]any{"staff": true}, []string{"admins"}, 1},
		"a hundred":                       {both[1:], hundred, hundred, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.again(t, withGroupsClaims(tt.claims...))
			claims := r.mustVerify(t, r.pool.AccessToken(t, cognitotest.Groups("admins"), claim("custom:groups", tt.value)))
			if !slices.Equal(claims.Groups, tt.want) {
				t.Errorf("got %q, want %q", claims.Groups, tt.want)
			}
			var unusable []cognito.UnusableGroups
			if tt.unusable > 0 {
				unusable = []cognito.UnusableGroups{{Claim: "custom:groups", Count: tt.unusable}}
			}
			if !slices.Equal(claims.UnusableGroups, unusable) {
				t.Errorf("unusable: %v, want %v", claims.UnusableGroups, unusable)
			}
		})
	}
	t.Run("over a hundred together", func(t *testing.T) {
		r := r.again(t, withGroupsClaims(both...))
		token := r.pool.AccessToken(t, cognitotest.Groups("admins"), claim("custom:groups", hundred))
		claims, err := r.Verify(t.Context(), token)
		check(t, token, claims, err, cognito.ErrGroups)
	})
	t.Run("cognito:groups stays strict", func(t *testing.T) {
		r := r.again(t, withGroupsClaims(both[1]))
		token := r.pool.AccessToken(t, claim("cognito:groups", "admins"))
		claims, err := r.Verify(t.Context(), token)
		check(t, token, claims, err, cognito.ErrGroups)
	})
	t.Run("a claim that is not configured", func(t *testing.T) {
		claims := r.again(t).mustVerify(t, r.pool.AccessToken(t, claim("custom:groups", []string{"admins"})))
		if len(claims.Groups) > 0 {
			t.Errorf("got %q", claims.Groups)
		}
	})
}

// Values of further claims may be personal, so printing claims shows none of them.
func TestPrintingClaimsShowsNoFurtherClaims(t *testing.T) {
	r := newRig(t, withClaims("email"))
	claims := r.mustVerify(t, r.pool.IDToken(t))
	if claims.Values("email")[0] != cognitotest.Email {
		t.Fatal("no e-mail address")
	}
	nested := struct{ claims cognito.Claims }{claims}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if printed := fmt.Sprintf(verb+" "+verb, claims, nested); strings.Contains(printed, cognitotest.Email) {
			t.Errorf("%s shows %s", verb, printed)
		}
	}
}
