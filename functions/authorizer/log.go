package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// newLogger logs through the handler that aws-lambda-go provides, which follows Lambda's format setting and
// adds the request id, with our own level in place of its own.
func newLogger(level slog.Level) *slog.Logger {
	return slog.New(leveled{level: level, Handler: lambdacontext.NewLogHandler()})
}

type leveled struct {
	level slog.Level
	slog.Handler
}

// Enabled reports whether a record of this level is written.
func (l leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

// WithAttrs keeps the level.
func (l leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{l.level, l.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the level.
func (l leveled) WithGroup(name string) slog.Handler {
	return leveled{l.level, l.Handler.WithGroup(name)}
}

// quietLibrary drops one thing that aws-lambda-go writes through package log: each error that the function answers
// with, a second time. The line of the decision has said it already, and said why. The rest, such as why the
// function had to end, goes to w.
func quietLibrary(w io.Writer) {
	log.SetFlags(0)
	log.SetOutput(unsaid{w})
}

type unsaid struct{ io.Writer }

// Write passes a line on unless it is an error that was answered.
func (u unsaid) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte(`{"errorMessage":`)) {
		return len(line), nil
	}
	return u.Writer.Write(line)
}

// reporter tells people (one log line a decision) and alarms (metrics, on the same stream) what was decided.
type reporter struct {
	log     *slog.Logger
	metrics *metrics
	keyAge  func() (time.Duration, bool)
}

// decided writes the line and the metrics of one decision. Of the caller it names the subject and the client,
// of the token the key that it was signed with: never the token, a header, or a personal claim.
func (r *reporter) decided(ctx context.Context, d decision, now time.Time) {
	took := now.Sub(d.start)
	level := slog.LevelInfo
	if d.outcome == outcomeFault {
		level = slog.LevelError
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("outcome", string(d.outcome)),
		slog.String("reason", d.reason),
		slog.String("route", d.route),
		slog.Float64("ms", float64(took.Microseconds())/1000),
	)
	for _, optional := range [...]struct{ key, value string }{
		{"rule", d.rule},
		{"client_id", d.claims.ClientID},
		{"sub", d.claims.Subject},
		{"kid", d.keyID()},
		{"key_source", string(d.claims.KeyOrigin)},
		{"error", d.fault},
	} {
		if optional.value != "" {
			attrs = append(attrs, slog.String(optional.key, optional.value))
		}
	}
	if handler := r.log.Handler(); handler.Enabled(ctx, level) {
		line := slog.NewRecord(now, level, "decision", 0) // LogAttrs would look for the line of the program, too
		line.AddAttrs(attrs...)
		_ = handler.Handle(ctx, line)
	}
	age, known := r.keyAge()
	r.metrics.decided(d, took, age, known, now)
}

// panicked logs where a panic came from. Its value may quote the event and stays out of the log.
func (r *reporter) panicked(ctx context.Context, stack []byte) {
	r.log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("stack", string(stack)))
}

// keyID names the key of a token, also of one that was refused: an unknown key is the first thing to look at
// when an issuer has changed its keys.
func (d decision) keyID() string {
	if d.claims.KeyID != "" {
		return d.claims.KeyID
	}
	return cognito.KeyID(d.err)
}
