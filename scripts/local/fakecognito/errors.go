package fakecognito

import (
	"fmt"
	"net/http"
)

// apiError is an error of the AWS JSON protocol: a type, which SDKs map to error values, and a message. Neither contains a
// password, code or token.
type apiError struct {
	Type    string
	Message string
}

func (e *apiError) Error() string { return e.Type + ": " + e.Message }

// status returns the HTTP status: 400 for everything that the caller can correct.
func (e *apiError) status() int {
	switch e.Type {
	case "InternalErrorException":
		return http.StatusInternalServerError
	case "RequestEntityTooLargeException":
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

func fail(kind, format string, args ...any) error {
	return &apiError{Type: kind, Message: fmt.Sprintf(format, args...)}
}

func notAuthorized(format string, args ...any) error {
	return fail("NotAuthorizedException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return fail("InvalidParameterException", format, args...)
}

// errWrongPassword is returned for unknown users and for wrong passwords alike, so that callers do not learn which users exist
// (PreventUserExistenceErrors).
var errWrongPassword = notAuthorized("Incorrect username or password.")

// required returns Cognito's error for the first missing member. The arguments are pairs of name and value.
func required(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return invalidParameter("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", pairs[i])
		}
	}
	return nil
}
