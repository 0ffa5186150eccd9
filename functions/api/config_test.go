package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestLoadConfig(t *testing.T) {
	s, err := loadConfig(env(map[string]string{"USER_POOL_ID": testPoolID, "AWS_REGION": "eu-west-1", "LOG_LEVEL": "Warn",
		"ALLOWED_ORIGINS": " https://app.example.com,http://localhost:3000 ,http://127.0.0.1:8080,https://[::1]:3000"}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (origins{"https://app.example.com", "http://localhost:3000", "http://127.0.0.1:8080", "https://[::1]:3000"}); !slices.Equal(s.Origins, want) {
		t.Errorf("origins %v", s.Origins)
	}
	if s.UserPoolID != testPoolID || s.LogLevel.String() != "WARN" {
		t.Errorf("got %+v", s)
	}
}

func TestLoadConfigWithRequiredSettingsOnly(t *testing.T) {
	s, err := loadConfig(env(map[string]string{"USER_POOL_ID": testPoolID, "AWS_REGION": "eu-west-1"}))
	if err != nil || len(s.Origins) != 0 || s.LogLevel != slog.LevelInfo {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestAnEmptyEntryInAllowedOriginsIsRefused(t *testing.T) {
	for name, list := range map[string]string{
		"only a comma":         ",",
		"only commas":          " , ,",
		"only a space":         " ",
		"a comma at the end":   "https://app.example.com,",
		"a comma at the start": ",https://app.example.com",
		"two commas":           "https://app.example.com,,https://www.example.com",
	} {
		_, err := loadConfig(env(map[string]string{"USER_POOL_ID": testPoolID, "AWS_REGION": "eu-west-1", "ALLOWED_ORIGINS": list}))
		if err == nil || !strings.Contains(err.Error(), "ALLOWED_ORIGINS has an empty entry") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A replicated user pool has the same ID in each of its regions.
func TestTheUserPoolMayBeNamedAfterAnotherRegion(t *testing.T) {
	if _, err := loadConfig(env(map[string]string{"USER_POOL_ID": testPoolID, "AWS_REGION": "us-east-1"})); err != nil {
		t.Error(err)
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, err := newHandler(t.Context(), env(map[string]string{"ALLOWED_ORIGINS": "*,app", "LOG_LEVEL": "loud"}))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"USER_POOL_ID is not set", "AWS_REGION is not set", `"*" is not an exact origin`,
		`"app" is not an exact origin`, `LOG_LEVEL is "loud"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s\n%v", want, err)
		}
	}
}

func TestInvalidUserPoolIDsAreRefused(t *testing.T) {
	for _, id := range []string{"eu-west-1", "arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_AbC", "eu-west-1_", "eu-west-1_a b",
		"eu-west-1_" + strings.Repeat("a", 46), testPoolID + "\n"} {
		if _, err := loadConfig(env(map[string]string{"USER_POOL_ID": id, "AWS_REGION": "eu-west-1"})); err == nil {
			t.Errorf("%q was accepted", id)
		}
	}
}
