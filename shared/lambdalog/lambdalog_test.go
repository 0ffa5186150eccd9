package lambdalog_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
)

func TestLevelIsLOG_LEVELOrLambdasOwn(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want slog.Level
		fail bool
	}{
		"not set":                {nil, slog.LevelInfo, false},
		"LOG_LEVEL":              {map[string]string{"LOG_LEVEL": "Warn"}, slog.LevelWarn, false},
		"Lambda's":               {map[string]string{"AWS_LAMBDA_LOG_LEVEL": "TRACE"}, slog.LevelDebug, false},
		"both":                   {map[string]string{"LOG_LEVEL": "error", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}, slog.LevelError, false},
		"unknown":                {map[string]string{"LOG_LEVEL": "loud"}, slog.LevelInfo, true},
		"a level with an offset": {map[string]string{"LOG_LEVEL": "ERROR+50"}, slog.LevelInfo, true},
	} {
		got, err := lambdalog.Level(func(name string) string { return tt.env[name] })
		if got != tt.want || (err != nil) != tt.fail {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestNewWritesRecordsOfItsLevel(t *testing.T) {
	for level, want := range map[slog.Level]bool{slog.LevelError: false, slog.LevelInfo: true, slog.LevelDebug: true} {
		for _, log := range []*slog.Logger{lambdalog.New(level), lambdalog.New(level).With("a", 1).WithGroup("b")} {
			if got := log.Enabled(context.Background(), slog.LevelInfo); got != want {
				t.Errorf("level %v: info enabled: %v", level, got)
			}
		}
	}
}
