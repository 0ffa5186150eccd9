package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// newAuthorizer reads the settings and the route table and puts the parts together. Metrics go to stdout, which must be
// safe for concurrent use: a fetch of keys may report while a request does. It touches no network. The error names
// every problem.
func newAuthorizer(getenv func(string) string, stdout io.Writer) (*authorizer, error) {
	config, problems := readConfig(getenv)
	a := &authorizer{
		config:   config,
		sessions: newRevocations(config.RevocationsTable, getenv),
		now:      time.Now,
	}
	a.report = &reporter{
		log:     newLogger(config.LogLevel),
		metrics: newMetrics(getenv("AWS_LAMBDA_FUNCTION_NAME"), stdout),
		keyAge:  a.oldestKeys,
	}
	var err error
	if a.table, err = routes.Load(config.Routes); err != nil {
		problems = append(problems, fmt.Errorf("ROUTES: %w; make build-zip puts it into authorizer.zip", err))
	} else if want := config.ContractDigest; want != "" && a.table.Contract() != want {
		problems = append(problems, fmt.Errorf("CONTRACT_DIGEST is %q, but routes.json was compiled from the contract %q: deploy the zip and the contract.json of one build", want, a.table.Contract()))
	}
	if a.table != nil {
		a.policies = stagepolicy.New(a.table)
	}
	sources := make(map[string]cognito.KeySet, len(config.Issuers))
	for _, issuer := range config.Issuers {
		if !isIssuer(issuer) {
			continue // readConfig has reported it
		}
		keys, err := jwks.New(jwks.Config{
			URL:     jwks.URL(issuer),
			Seed:    config.Seeds[issuer],
			Observe: func(e jwks.FetchEvent) { a.fetched(issuer, e) },
		})
		switch {
		case errors.Is(err, jwks.ErrSeed):
			problems = append(problems, fmt.Errorf("JWKS for %s: %w", issuer, err))
		case err != nil:
			problems = append(problems, fmt.Errorf("ISSUERS has %q: %w", issuer, err))
		default:
			sources[issuer] = keys
			a.keys = append(a.keys, keys)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	a.verifier, err = cognito.NewVerifier(cognito.Config{
		Issuers: sources, ClientIDs: config.ClientIDs, TokenUses: config.TokenUses,
		Leeway: config.Leeway, ClockSkew: config.ClockSkew, CachedTokens: seenTokens,
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// seenTokens is for callers who come again while API Gateway has no answer for them in its cache, which is kept
// by stage or even by route, or turned off. A token takes a little more than a kilobyte.
const seenTokens = 256

// prefetch gets the keys of the first issuer while the function starts, so that the first caller need not wait
// for them; the others' are fetched when a token asks for them. A failure is logged by fetched and no
// reason not to start: the next token tries again.
func (a *authorizer) prefetch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, prefetchTimeout)
	defer cancel()
	_ = a.keys[0].Prefetch(ctx)
}

// fetched reports one fetch of an issuer's keys.
func (a *authorizer) fetched(issuer string, e jwks.FetchEvent) {
	ctx := context.Background()
	attrs := []slog.Attr{
		slog.String("issuer", issuer), slog.Int("keys", e.Keys),
		slog.Float64("ms", float64(e.Duration.Microseconds())/1000),
	}
	for _, r := range e.Refused {
		attrs = append(attrs, slog.String("refused", r.Error()))
	}
	if e.Err != nil {
		a.report.log.LogAttrs(ctx, slog.LevelWarn, "keys not fetched", append(attrs, slog.String("error", e.Err.Error()))...)
	} else {
		a.report.log.LogAttrs(ctx, slog.LevelInfo, "keys fetched", attrs...)
	}
	a.report.metrics.fetched(e.Err != nil, a.now())
}

// oldestKeys is the age of the oldest key set at hand, for the metric.
func (a *authorizer) oldestKeys() (oldest time.Duration, known bool) {
	for _, keys := range a.keys {
		if age, ok := keys.Age(); ok {
			oldest, known = max(oldest, age), true
		}
	}
	return oldest, known
}
