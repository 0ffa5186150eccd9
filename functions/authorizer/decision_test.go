package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func TestOnlyInvalidTokensGet401(t *testing.T) {
	for name, tt := range map[string]struct {
		err     error
		reason  string
		outcome outcome
	}{
		"a refused token":              {fmt.Errorf("x: %w", cognito.ErrExpired), "expired", outcomeUnauthorized},
		"a key that nobody published":  {jwks.ErrUnknownKey, "key_unknown", outcomeUnauthorized},
		"keys that cannot be had":      {fmt.Errorf("x: %w", jwks.ErrUnavailable), "keys_unavailable", outcomeError},
		"an error that nobody foresaw": {errors.New("surprise"), "internal", outcomeError},
	} {
		t.Run(name, func(t *testing.T) {
			if reason, outcome := classify(tt.err); reason != tt.reason || outcome != tt.outcome {
				t.Errorf("got %s, %s; want %s, %s", reason, outcome, tt.reason, tt.outcome)
			}
		})
	}
	if (decision{}).outcome == outcomeAllow {
		t.Error("the zero value allows")
	}
}
