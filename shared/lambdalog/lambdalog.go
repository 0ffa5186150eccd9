// Package lambdalog sets up the logger of a Lambda function: Lambda's keys, its choice of text or JSON, and the request ID
// on every line, with LOG_LEVEL in place of Lambda's own level.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
package lambdalog

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// levels maps the values of LOG_LEVEL to slog levels. slog has no TRACE or FATAL, so Lambda's are mapped to Debug and Error.
var levels = map[string]slog.Level{
	"trace": slog.LevelDebug, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn,
	"error": slog.LevelError, "fatal": slog.LevelError,
}

// Level returns the level that the environment sets: LOG_LEVEL, else Lambda's own AWS_LAMBDA_LOG_LEVEL, else info. With an
// error, which names the setting, it returns info.
func Level(getenv func(string) string) (slog.Level, error) {
	setting := cmp.Or(getenv("LOG_LEVEL"), getenv("AWS_LAMBDA_LOG_LEVEL"), "info")
	level, ok := levels[strings.ToLower(setting)]
	if !ok {
		return slog.LevelInfo, fmt.Errorf("LOG_LEVEL is %q: write debug, info, warn or error", setting)
	}
	return level, nil
}

// New returns a logger that writes records of at least this level to stdout.
func New(level slog.Level) *slog.Logger {
	return slog.New(leveled{level: level, Handler: lambdacontext.NewLogHandler()})
}

// leveled replaces the level that Lambda's handler has read from the environment.
type leveled struct {
	level slog.Level
	slog.Handler
}

// Enabled implements [slog.Handler].
func (l leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

// WithAttrs implements [slog.Handler].
func (l leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{l.level, l.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (l leveled) WithGroup(name string) slog.Handler {
	return leveled{l.level, l.Handler.WithGroup(name)}
}
