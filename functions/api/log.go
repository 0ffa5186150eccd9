package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// newLogger logs the way Lambda expects: its keys, its choice of text or JSON, and the request id on
// every line. A nil level leaves the level to Lambda's own setting too.
func newLogger(level *slog.Level) *slog.Logger {
	handler := lambdacontext.NewLogHandler()
	if level != nil {
		handler = leveled{handler, *level}
	}
	return slog.New(handler)
}

// leveled puts LOG_LEVEL in the place of the level that Lambda's handler read from its own environment.
type leveled struct {
	slog.Handler
	level slog.Level
}

func (h leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{h.Handler.WithAttrs(attrs), h.level}
}

func (h leveled) WithGroup(name string) slog.Handler {
	return leveled{h.Handler.WithGroup(name), h.level}
}
