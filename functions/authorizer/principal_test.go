package main

import (
	"reflect"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// A rule that only asks for the presence of a claim must not hold for a claim without a usable value.
func TestAPrincipalHasOnlyTheClaimsThatTheTokenHas(t *testing.T) {
	b := newHarness(t, ownerTable, nil)
	for name, tt := range map[string]struct {
		options []cognitotest.TokenOption
		want    map[string][]string
	}{
		"one of two":             {[]cognitotest.TokenOption{cognitotest.Claim("plan", "gold")}, map[string][]string{"plan": {"gold"}, "sub": {subject}}},
		"one that is null":       {[]cognitotest.TokenOption{cognitotest.Claim("plan", nil)}, map[string][]string{"sub": {subject}}},
		"one that is a list":     {[]cognitotest.TokenOption{cognitotest.Claim("plan", []string{"a", "b"})}, map[string][]string{"plan": {"a", "b"}, "sub": {subject}}},
		"one that is empty":      {[]cognitotest.TokenOption{cognitotest.Claim("plan", []string{})}, map[string][]string{"sub": {subject}}},
		"one that no rule reads": {[]cognitotest.TokenOption{cognitotest.Claim("level", 7)}, map[string][]string{"sub": {subject}}},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := b.verifier.Verify(t.Context(), b.pool.AccessToken(t, tt.options...))
			if err != nil {
				t.Fatal(err)
			}
			if got := b.principal(claims).Claims; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
