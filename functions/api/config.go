package main

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/lambdalog"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
	"github.com/cognito-authorizer/cognito-authorizer/shared/weborigin"
)

// Config holds the settings of the function, read from the environment. Terraform and the local stack set the same variables.
type Config struct {
	UserPoolID string     // USER_POOL_ID, required
	Origins    origins    // ALLOWED_ORIGINS, separated by commas; if empty, CORS is off
	LogLevel   slog.Level // LOG_LEVEL, else Lambda's own AWS_LAMBDA_LOG_LEVEL; info if not set

	RevocationsTable string   // REVOCATIONS_TABLE: the authorizer's DynamoDB table of revoked tokens; sign-out only reaches Cognito if not set
	Issuers          []string // ISSUERS: exact iss values of the pool's tokens, separated by commas; required with REVOCATIONS_TABLE
}

// poolIDForm and maxPoolID (in characters) are the constraints on UserPoolId in the Cognito API reference.
var poolIDForm = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

const maxPoolID = 55

// loadConfig reads the settings through getenv. The error lists every invalid setting.
func loadConfig(getenv func(string) string) (Config, error) {
	var c Config
	var problems []error
	if c.UserPoolID = getenv("USER_POOL_ID"); c.UserPoolID == "" {
		problems = append(problems, errors.New("USER_POOL_ID is not set: set it to the ID of the user pool, such as eu-west-1_AbCdEfGhI"))
	} else if len(c.UserPoolID) > maxPoolID || !poolIDForm.MatchString(c.UserPoolID) {
		problems = append(problems, fmt.Errorf("USER_POOL_ID %q is not the ID of a user pool, such as eu-west-1_AbCdEfGhI", c.UserPoolID))
	}
	if getenv("AWS_REGION") == "" {
		problems = append(problems, errors.New("AWS_REGION is not set: outside Lambda, set it to the region of the user pool"))
	}
	var err error
	if c.Origins, err = parseOrigins(getenv("ALLOWED_ORIGINS")); err != nil {
		problems = append(problems, err)
	}
	if c.RevocationsTable = getenv("REVOCATIONS_TABLE"); c.RevocationsTable != "" {
		if !revocation.IsTableName(c.RevocationsTable) {
			problems = append(problems, fmt.Errorf("REVOCATIONS_TABLE %q is not the name of a DynamoDB table", c.RevocationsTable))
		}
		for issuer := range strings.SplitSeq(getenv("ISSUERS"), ",") {
			if issuer = strings.TrimSpace(issuer); !strings.Contains(issuer, "://") || strings.HasSuffix(issuer, "/") {
				problems = append(problems, fmt.Errorf("ISSUERS has %q: with REVOCATIONS_TABLE, set it to the exact iss of the pool's tokens, such as https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI", issuer))
			}
			c.Issuers = append(c.Issuers, issuer)
		}
	}
	if c.LogLevel, err = lambdalog.Level(getenv); err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return Config{}, errors.Join(problems...)
	}
	return c, nil
}

// parseOrigins parses ALLOWED_ORIGINS. An empty string means no origin. An empty entry is an error, because a value may be missing.
func parseOrigins(list string) (origins, error) {
	if list == "" {
		return nil, nil
	}
	var all origins
	var problems []error
	for origin := range strings.SplitSeq(list, ",") {
		origin = strings.TrimSpace(origin)
		if origin == "" {
			problems = append(problems, errors.New("ALLOWED_ORIGINS has an empty entry: separate origins by single commas"))
		} else if err := weborigin.Check(origin); err != nil {
			problems = append(problems, fmt.Errorf("ALLOWED_ORIGINS: %w", err))
		}
		all = append(all, origin)
	}
	return all, errors.Join(problems...)
}
