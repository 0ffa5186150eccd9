package identity_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

var person = identity.Identity{
	Subject: "3f1c", Username: "alice", ClientID: "web", Scopes: []string{"api/users.read", "openid"},
	Groups: []string{"admins", "a,b"}, TokenUse: "access", ExpiresAt: time.Unix(1795360000, 0).UTC(), SessionID: "s1", DecisionID: "9c8b1c5e-7d0a-4f5e-8b3e-2f0e6c1d4a77",
	Claims: map[string]string{"custom:tenant_id": "t-1", "a": "b"},
	Issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
}

func asEvent(context map[string]string) map[string]any {
	event := map[string]any{"principalId": "3f1c", "integrationLatency": 12.0}
	for k, v := range context {
		event[k] = v
	}
	return event
}

func TestContextRoundTrip(t *testing.T) {
	machine := identity.Identity{Subject: "m2m", ClientID: "m2m", Scopes: []string{"api/users.read"}, Groups: []string{},
		TokenUse: "access", ExpiresAt: time.Unix(1795360000, 0).UTC()}
	for name, want := range map[string]identity.Identity{"a person": person, "a machine client": machine} {
		t.Run(name, func(t *testing.T) {
			got, err := identity.FromContext(asEvent(want.Context()))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			if got.IsMachine() != (want.Username == "") {
				t.Errorf("IsMachine() = %v", got.IsMachine())
			}
		})
	}
}

func TestEmptyFieldsAreLeftOut(t *testing.T) {
	for key, value := range (identity.Identity{Subject: "m2m", ClientID: "m2m"}).Context() {
		if value == "" {
			t.Errorf("%s is an empty string", key)
		}
	}
}

func TestAFurtherClaimNeverReplacesAKey(t *testing.T) {
	odd := person
	odd.Claims = map[string]string{"sub": "root", "Username": "root", "principalId": "root", "claims": "x", "empty": ""}
	got, err := identity.FromContext(asEvent(odd.Context()))
	want := person
	want.Claims = nil
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestMembersAreSorted(t *testing.T) {
	if members := person.AppendMembers(nil); !slices.IsSortedFunc(members, func(a, b identity.Member) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("got %v", members)
	}
}

func TestInvalidContextsAreRefused(t *testing.T) {
	with := func(key string, value any) map[string]any {
		event := asEvent(person.Context())
		event[key] = value
		return event
	}
	for name, tt := range map[string]struct {
		context map[string]any
		want    error
	}{
		"none":                   {nil, identity.ErrMissing},
		"only API Gateway's own": {map[string]any{"principalId": "x"}, identity.ErrMalformed},
		"no subject":             {with("sub", ""), identity.ErrMalformed},
		"a number for a subject": {with("sub", 7.0), identity.ErrMalformed},
		"a list of groups":       {with("groups", []any{"admins"}), identity.ErrMalformed},
		"no expiry":              {with("expiresAt", ""), identity.ErrMalformed},
		"an expiry in seconds":   {with("expiresAt", "1795360000"), identity.ErrMalformed},
		"no client":              {with("clientId", nil), identity.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := identity.FromContext(tt.context)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if !reflect.DeepEqual(id, identity.Identity{}) {
				t.Errorf("an identity with the error: %+v", id)
			}
		})
	}
}
