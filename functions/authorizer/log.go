package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// suppressInvokeErrors hides aws-lambda-go's own log of each returned error, which the decision line already covers. Its other
// messages, such as why the function had to end, go to w.
func suppressInvokeErrors(w io.Writer) {
	log.SetFlags(0)
	log.SetOutput(filterWriter{w})
}

type filterWriter struct{ io.Writer }

// Write writes a line unless it reports an error that was returned.
func (f filterWriter) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte(`{"errorMessage":`)) {
		return len(line), nil
	}
	return f.Writer.Write(line)
}

// reporter writes one log line per decision and the metrics, both to the log stream of the function.
type reporter struct {
	log     *slog.Logger
	metrics *metrics
	keyAge  func() (time.Duration, bool)
}

// decided writes the log line and the metrics of one decision. They name the subject, the client and the key ID of the token,
// and those of its groups and scopes that the contract names, but never the token, a header or a personal claim. Of a refused
// token they name the client and the user that it claims, as unverified.
func (r *reporter) decided(ctx context.Context, d decision, now time.Time) {
	took := now.Sub(d.start)
	level := slog.LevelInfo
	if d.outcome == outcomeError {
		level = slog.LevelError
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("outcome", string(d.outcome)),
		slog.String("reason", d.reason),
		slog.String("route", d.route),
		slog.Float64("ms", float64(took.Microseconds())/1000),
	)
	unverifiedClient, unverifiedSub := "", ""
	if d.outcome == outcomeUnauthorized {
		unverifiedClient, unverifiedSub = cognito.Claimed(d.err)
	}
	for _, optional := range [...]struct{ key, value string }{
		{"rule", d.rule},
		{"client_id", d.claims.ClientID},
		{"sub", d.claims.Subject},
		{"groups", d.groups},
		{"scopes", d.scopes},
		{"unverified_client_id", unverifiedClient},
		{"unverified_sub", unverifiedSub},
		{"api_request_id", d.apiRequestID},
		{"kid", d.keyID()},
		{"key_source", string(d.claims.KeyOrigin)},
		{"error", d.problem},
	} {
		if optional.value != "" {
			attrs = append(attrs, slog.String(optional.key, optional.value))
		}
	}
	attrs = append(attrs, leftOutAttrs(d.claims.UnusableGroups, d.contextLeftOut)...)
	if handler := r.log.Handler(); handler.Enabled(ctx, level) {
		line := slog.NewRecord(now, level, "decision", 0) // cheaper than LogAttrs, which looks up the caller's source line
		line.AddAttrs(attrs...)
		_ = handler.Handle(ctx, line)
	}
	age, known := r.keyAge()
	r.metrics.decided(d, took, age, known, now)
}

// panicked logs the stack of a panic. Its value may quote the event, so it is not logged.
func (r *reporter) panicked(ctx context.Context, stack []byte) {
	r.log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("stack", string(stack)))
}

// keyID returns the key ID of a token, even of a refused one: an unknown key ID is the first thing to look at when an issuer
// has rotated its keys.
func (d decision) keyID() string {
	if d.claims.KeyID != "" {
		return d.claims.KeyID
	}
	return cognito.KeyID(d.err)
}

// names is a set of groups or scopes.
type names map[string]bool

// contractNames are the groups and scopes that the contract names. Others decide nothing, and could be personal.
type contractNames struct{ groups, scopes names }

func namesOf(table *routes.Table) contractNames {
	n := contractNames{names{}, names{}}
	for group := range table.Grants().Groups {
		n.groups[group] = true
	}
	rules, _ := table.Rules()
	for _, rule := range append(rules, table.Connect()) {
		for _, alternative := range rule.AnyOf {
			for _, group := range alternative.Groups {
				n.groups[group] = true
			}
			for _, scope := range alternative.Scopes {
				n.scopes[scope] = true
			}
		}
	}
	return n
}

// among returns those of the list that are in the set, joined by a space.
func (n names) among(list []string) string {
	var first string
	var b strings.Builder // only if there are several
	for _, name := range list {
		switch {
		case !n[name]:
		case first == "":
			first = name
		default:
			if b.Len() == 0 {
				b.WriteString(first)
			}
			b.WriteByte(' ')
			b.WriteString(name)
		}
	}
	if b.Len() == 0 {
		return first
	}
	return b.String()
}
