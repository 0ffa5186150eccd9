package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// newAuthorizer returns an authorizer with the settings of the environment and the route table. Metrics go to stdout, which
// must be safe for concurrent use: a fetch of keys may report during a request. It does not use the network. The error
// names every problem.
func newAuthorizer(getenv func(string) string, stdout io.Writer) (*authorizer, error) {
	config, problems := loadConfig(getenv)
	a := &authorizer{
		config:  config,
		revoked: newRevocations(config.RevocationsTable, getenv),
		now:     time.Now,
	}
	a.report = &reporter{
		log:     lambdalog.New(config.LogLevel),
		metrics: newMetrics(getenv("AWS_LAMBDA_FUNCTION_NAME"), stdout),
		keyAge:  a.oldestKeys,
	}
	var err error
	if a.routes, err = routes.Load(config.Routes); err != nil {
		problems = append(problems, fmt.Errorf("ROUTES: %w; make build-zip puts it into authorizer.zip", err))
	} else if want := config.ContractDigest; want != "" && a.routes.ContractDigest() != want {
		problems = append(problems, fmt.Errorf("CONTRACT_DIGEST is %q, but routes.json was compiled from the contract %q: deploy the zip and the contract.json of one build", want, a.routes.ContractDigest()))
	}
	if a.routes != nil && a.routes.HasOwners() && config.Simple && !config.SimplePerPath {
		problems = append(problems, errors.New("HTTP_RESPONSE is simple, but the contract has routes on which callers may call their own items only: "+
			"one cached yes would open all of them; write policy, or simple-per-path if the path is an identity source of the authorizer or results are not cached"))
	}
	if a.routes != nil {
		a.claimNames = a.routes.ClaimNames()
		a.policies = stagepolicy.New(a.routes)
		a.named = namesOf(a.routes)
	}
	issuers := make(map[string]cognito.Issuer, len(config.Issuers))
	for _, issuer := range config.Issuers {
		if !isIssuer(issuer.URL) {
			continue // loadConfig has reported it
		}
		keys, err := jwks.New(jwks.Config{
			URL:     jwks.URL(issuer.URL),
			Seed:    config.Seeds[issuer.URL],
			Observe: func(e jwks.FetchEvent) { a.fetched(issuer.URL, e) },
		})
		switch {
		case errors.Is(err, jwks.ErrSeed):
			problems = append(problems, fmt.Errorf("JWKS for %s: %w", issuer.URL, err))
		case err != nil:
			problems = append(problems, fmt.Errorf("ISSUERS has %q: %w", issuer.URL, err))
		default:
			issuers[issuer.URL] = cognito.Issuer{Keys: keys, ClientIDs: issuer.ClientIDs, Audiences: issuer.Audiences}
			a.keys = append(a.keys, keys)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	a.verifier, err = cognito.NewVerifier(cognito.Config{
		Issuers: issuers, TokenUses: config.TokenUses,
		GroupsClaims: config.GroupsClaims, Claims: slices.Concat(a.claimNames, config.ContextClaims),
		Leeway: config.Leeway, ClockSkew: config.ClockSkew, CachedTokens: cachedTokens,
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// cachedTokens is the number of verified tokens that are cached. It helps when API Gateway caches results per route or not at all.
// A token takes a little more than a kilobyte.
const cachedTokens = 256

// prefetch fetches the keys of the first issuer while the function starts, so that the first caller need not wait for them;
// those of other issuers are fetched when a token needs them. A failure is logged by fetched and does not prevent the start:
// the next token tries again.
func (a *authorizer) prefetch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, prefetchTimeout)
	defer cancel()
	_ = a.keys[0].Prefetch(ctx)
}

// fetched logs one fetch of an issuer's keys.
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

// oldestKeys returns the age of the oldest cached key set, for the metric.
func (a *authorizer) oldestKeys() (oldest time.Duration, known bool) {
	for _, keys := range a.keys {
		if age, ok := keys.Age(); ok {
			oldest, known = max(oldest, age), true
		}
	}
	return oldest, known
}
