package main

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/weborigin"
)

// settings is what the environment says. The names of the variables are a contract with Terraform and
// with the local stack.
type settings struct {
	UserPoolID string      // USER_POOL_ID, required
	Origins    origins     // ALLOWED_ORIGINS, separated by commas; if empty, no browser of another origin may call
	LogLevel   *slog.Level // LOG_LEVEL; if nil, Lambda's own setting holds
}

// The form that the Cognito API reference gives for UserPoolId.
var poolIDForm = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

const maxPoolID = 55

// readSettings reads the environment and reports everything that is wrong with it at once.
func readSettings(getenv func(string) string) (settings, error) {
	var s settings
	var problems []error
	if s.UserPoolID = getenv("USER_POOL_ID"); s.UserPoolID == "" {
		problems = append(problems, errors.New("USER_POOL_ID is not set: give the id of the user pool, such as eu-west-1_AbCdEfGhI"))
	} else if len(s.UserPoolID) > maxPoolID || !poolIDForm.MatchString(s.UserPoolID) {
		problems = append(problems, fmt.Errorf("USER_POOL_ID %q is not the id of a user pool, such as eu-west-1_AbCdEfGhI", s.UserPoolID))
	}
	if getenv("AWS_REGION") == "" {
		problems = append(problems, errors.New("AWS_REGION is not set: Lambda sets it, and elsewhere it names the region of the user pool"))
	}
	var err error
	if s.Origins, err = parseOrigins(getenv("ALLOWED_ORIGINS")); err != nil {
		problems = append(problems, err)
	}
	if level := getenv("LOG_LEVEL"); level != "" {
		known, ok := logLevels[strings.ToLower(level)]
		if !ok {
			problems = append(problems, fmt.Errorf("LOG_LEVEL %q is none of debug, info, warn, error", level))
		}
		s.LogLevel = &known
	}
	if len(problems) > 0 {
		return settings{}, errors.Join(problems...)
	}
	return s, nil
}

// parseOrigins reads ALLOWED_ORIGINS. Empty is no origin at all; a list with a gap is a value that got lost.
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
