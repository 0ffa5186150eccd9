package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// Config holds the authorizer's settings, read once from the environment. A setting without a stated default is required.
type Config struct {
	Issuers              []issuer           // ISSUERS, as JSON or with CLIENT_IDS and AUDIENCES
	TokenUses            []cognito.TokenUse // TOKEN_USE: access, id, or access,id; access if not set
	Leeway               time.Duration      // LEEWAY, for exp: 0 to 60s; none if not set
	ClockSkew            time.Duration      // for nbf, iat and auth_time: LEEWAY, at least defaultClockSkew
	Seeds                map[string][]byte  // JWKS: issuer to a key set that is trusted from the start; none if not set
	Routes               string             // ROUTES: path of the compiled contract; routes.json beside the binary if not set
	ContractDigest       string             // CONTRACT_DIGEST: digest that ROUTES must carry; no check if not set
	Simple               bool               // HTTP_RESPONSE: policy (if not set), simple or simple-per-path: the response for HTTP API format 2.0
	SimplePerPath        bool               // simple responses are cached by path, or not at all
	ExpireCachedPolicies bool               // EXPIRE_CACHED_POLICIES: true if not set
	ContextClaims        []string           // CONTEXT_CLAIMS: further claims to pass to the backend; none if not set
	GroupsClaims         []string           // GROUPS_CLAIMS: claims that list groups; cognito:groups if not set
	RevocationsTable     string             // REVOCATIONS_TABLE: DynamoDB table of revoked tokens; no check if not set
	LogLevel             slog.Level         // LOG_LEVEL, else Lambda's own AWS_LAMBDA_LOG_LEVEL; info if not set
}

// defaultClockSkew is how far the issuer's clock may be ahead of ours. It cannot extend the life of a token.
const defaultClockSkew = 30 * time.Second

const maxLeeway = time.Minute

// loadConfig reads the settings by getenv. The problems name every invalid setting and a valid value. A Config returned with
// problems must only be used to find further ones.
func loadConfig(getenv func(string) string) (_ Config, problems []error) {
	addProblem := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
	}
	boolean := func(name string, fallback bool) bool {
		switch v := getenv(name); v {
		case "":
			return fallback
		case "true", "false":
			return v == "true"
		default:
			addProblem(name, "is %q: write true or false", v)
			return fallback
		}
	}

	c := Config{
		Issuers:              loadIssuers(getenv, addProblem),
		ClockSkew:            defaultClockSkew,
		Routes:               getenv("ROUTES"),
		ContractDigest:       getenv("CONTRACT_DIGEST"),
		ExpireCachedPolicies: boolean("EXPIRE_CACHED_POLICIES", true),
		ContextClaims:        readClaims("CONTEXT_CLAIMS", getenv("CONTEXT_CLAIMS"), addProblem),
		GroupsClaims:         readClaims("GROUPS_CLAIMS", getenv("GROUPS_CLAIMS"), addProblem),
		RevocationsTable:     getenv("REVOCATIONS_TABLE"),
	}
	for _, name := range c.ContextClaims {
		if identity.IsReserved(name) {
			addProblem("CONTEXT_CLAIMS", "has %q, a key that the context always has or that API Gateway uses: remove it", name)
		}
	}
	if c.RevocationsTable != "" && !revocation.IsTableName(c.RevocationsTable) {
		addProblem("REVOCATIONS_TABLE", "is %q, which is not the name of a DynamoDB table", c.RevocationsTable)
	}
	for _, use := range strings.Split(cmp.Or(getenv("TOKEN_USE"), "access"), ",") {
		switch use := cognito.TokenUse(strings.TrimSpace(use)); use {
		case cognito.AccessToken, cognito.IDToken:
			c.TokenUses = append(c.TokenUses, use)
		default:
			addProblem("TOKEN_USE", "is %q: write access, id, or access,id", getenv("TOKEN_USE"))
		}
	}
	if v := getenv("LEEWAY"); v != "" {
		leeway, err := time.ParseDuration(v)
		if err != nil || leeway < 0 || leeway > maxLeeway {
			addProblem("LEEWAY", "is %q: write a duration from 0s to 60s, such as 5s", v)
		}
		c.Leeway, c.ClockSkew = leeway, max(leeway, defaultClockSkew)
	}
	switch v := getenv("HTTP_RESPONSE"); v {
	case "", "policy":
	case "simple":
		c.Simple = true
	case "simple-per-path":
		c.Simple, c.SimplePerPath = true, true
	default:
		addProblem("HTTP_RESPONSE", "is %q: write policy, simple or simple-per-path", v)
	}
	if c.Routes == "" {
		binary, err := os.Executable()
		if err != nil {
			addProblem("ROUTES", "is not set, and the place of the binary is unknown: %v", err)
		}
		c.Routes = filepath.Join(filepath.Dir(binary), "routes.json")
	}
	var err error
	if c.LogLevel, err = lambdalog.Level(getenv); err != nil {
		problems = append(problems, err)
	}
	if c.Seeds, err = readSeeds(getenv("JWKS"), c.Issuers); err != nil {
		addProblem("JWKS", "%v", err)
	}
	return c, problems
}

// readClaims reads a list of names of claims.
func readClaims(name, setting string, addProblem settingProblem) []string {
	claims := readList(name, setting, "", addProblem)
	for _, claim := range claims {
		if !ascii.Alphanumeric.With(":._-/").AllWithin(claim, 1, maxClaimName) && claim != "" {
			addProblem(name, "has %q: write names of claims such as custom:tenant_id, of at most %d letters, digits and : . _ - /, separated by commas", claim, maxClaimName)
		}
	}
	if len(claims) > maxClaims {
		addProblem(name, "has %d claims: it can have %d", len(claims), maxClaims)
	}
	return claims
}

// Bounds on GROUPS_CLAIMS and CONTEXT_CLAIMS.
const (
	maxClaims    = 10
	maxClaimName = 64
)

// readSeeds reads JWKS: a key set if there is one issuer, or an object of key sets by issuer. The keys themselves are
// checked by jwks.New.
func readSeeds(setting string, issuers []issuer) (map[string][]byte, error) {
	if setting == "" {
		return nil, nil
	}
	members := make(map[string][]byte)
	err := strictjson.Read([]byte(setting), strictjson.Options{Shallow: true}, func(r *strictjson.Reader) error {
		return r.Object(func(name string) (err error) {
			members[name], err = r.Value()
			return err
		})
	})
	if err != nil || len(members) == 0 {
		return nil, errors.New(`is not a JSON object with key sets: write a key set, {"keys":[...]}, or key sets by issuer, {"<issuer>":{"keys":[...]}}`)
	}
	if _, plain := members["keys"]; plain {
		if len(issuers) != 1 {
			return nil, errors.New(`is one key set for several issuers: write {"<issuer>":{"keys":[...]}} so that a key counts for its own issuer alone`)
		}
		return map[string][]byte{issuers[0].URL: []byte(setting)}, nil
	}
	seeds := make(map[string][]byte, len(members))
	for url, set := range members {
		if !slices.ContainsFunc(issuers, func(one issuer) bool { return one.URL == url }) {
			return nil, fmt.Errorf("has a key set for %q, which is not among ISSUERS", url)
		}
		seeds[url] = set
	}
	return seeds, nil
}
