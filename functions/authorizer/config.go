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
	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// Config holds the authorizer's settings, read once from the environment. A setting without a stated default is required.
type Config struct {
	Issuers              []string           // ISSUERS: exact iss values; the keys are at <issuer>/.well-known/jwks.json
	ClientIDs            []string           // CLIENT_IDS: client_id of an access token, aud of an ID token
	Audiences            []string           // AUDIENCES: resource identifiers accepted in aud of an access token (RFC 8707); none if not set
	TokenUses            []cognito.TokenUse // TOKEN_USE: access, id, or access,id; access if not set
	Leeway               time.Duration      // LEEWAY, for exp: 0 to 60s; none if not set
	ClockSkew            time.Duration      // for nbf, iat and auth_time: LEEWAY, at least defaultClockSkew
	Seeds                map[string][]byte  // JWKS: issuer to a key set that is trusted from the start; none if not set
	Routes               string             // ROUTES: path of the compiled contract; routes.json beside the binary if not set
	ContractDigest       string             // CONTRACT_DIGEST: digest that ROUTES must carry; no check if not set
	Simple               bool               // HTTP_RESPONSE: policy (if not set) or simple, the answer to HTTP API format 2.0
	ExpireCachedPolicies bool               // EXPIRE_CACHED_POLICIES: true if not set
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
	// list reads a comma-separated setting, which is required unless example is empty.
	list := func(name, example string) []string {
		values := strings.Split(getenv(name), ",")
		for i, v := range values {
			values[i] = strings.TrimSpace(v)
		}
		switch {
		case strings.TrimSpace(getenv(name)) == "" && example == "":
			return nil
		case strings.TrimSpace(getenv(name)) == "":
			addProblem(name, "is not set: give it a value such as %s", example)
			return nil
		case slices.Contains(values, ""):
			addProblem(name, "has an empty entry: separate values by single commas")
		}
		seen := map[string]bool{}
		return slices.DeleteFunc(values, func(v string) bool {
			defer func() { seen[v] = true }()
			return seen[v]
		})
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
		Issuers:              list("ISSUERS", issuerExample),
		ClientIDs:            list("CLIENT_IDS", "4p9exampleclientid7abcd1234"),
		Audiences:            list("AUDIENCES", ""),
		ClockSkew:            defaultClockSkew,
		Routes:               getenv("ROUTES"),
		ContractDigest:       getenv("CONTRACT_DIGEST"),
		ExpireCachedPolicies: boolean("EXPIRE_CACHED_POLICIES", true),
		RevocationsTable:     getenv("REVOCATIONS_TABLE"),
	}
	for _, issuer := range c.Issuers {
		if !isIssuer(issuer) {
			addProblem("ISSUERS", "has %q: write the exact iss of the tokens, such as %s, without a slash at its end", issuer, issuerExample)
		}
	}
	for _, id := range c.ClientIDs {
		if !ascii.Alphanumeric.With("_+").AllWithin(id, 1, 128) { // as the Cognito API reference gives ClientIdType
			addProblem("CLIENT_IDS", "has %q, which is no app client ID: separate several by commas", id)
		}
	}
	for _, audience := range c.Audiences {
		if len(audience) > 1024 || strings.IndexFunc(audience, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
			addProblem("AUDIENCES", "has %q: write resource identifiers such as https://api.example.com, separated by commas", audience)
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
	default:
		addProblem("HTTP_RESPONSE", "is %q: write policy or simple", v)
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

const issuerExample = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"

// isIssuer reports whether s has the form of a Cognito issuer URL: lower-case origin, non-empty path, no trailing slash. It
// does not check for https, see jwks.New.
func isIssuer(s string) bool {
	scheme, rest, _ := strings.Cut(s, "://")
	host, path, _ := strings.Cut(rest, "/")
	return (scheme == "https" || scheme == "http") && ascii.Alphanumeric.With(".:[]-").AllWithin(host, 1, 255) && host == strings.ToLower(host) &&
		ascii.Alphanumeric.With("/._~-").AllWithin(path, 1, 255) && !strings.HasSuffix(path, "/") && !strings.HasSuffix(path, ".json")
}

// readSeeds reads JWKS: a key set if there is one issuer, or an object of key sets by issuer. The keys themselves are
// checked by jwks.New.
func readSeeds(setting string, issuers []string) (map[string][]byte, error) {
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
		return map[string][]byte{issuers[0]: []byte(setting)}, nil
	}
	seeds := make(map[string][]byte, len(members))
	for issuer, set := range members {
		if !slices.Contains(issuers, issuer) {
			return nil, fmt.Errorf("has a key set for %q, which is not among ISSUERS", issuer)
		}
		seeds[issuer] = set
	}
	return seeds, nil
}
