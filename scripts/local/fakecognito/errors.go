package fakecognito

import (
	"fmt"
	"net/http"
)

// apiError is a refusal as the AWS JSON protocol carries it: a type that SDKs turn into an error value,
// and a sentence for people. Neither holds a password, a code or a token.
type apiError struct {
	Type    string
	Message string
}

func (e *apiError) Error() string { return e.Type + ": " + e.Message }

// status is 400 for everything that the caller can put right.
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

// errWrongPassword is the one answer to an unknown name and to a wrong password, so that nobody learns
// which names exist (PreventUserExistenceErrors).
var errWrongPassword = notAuthorized("Incorrect username or password.")

// required is Cognito's sentence for a member that must not be left out. It is given in pairs of name and value.
func required(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return invalidParameter("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", pairs[i])
		}
	}
	return nil
}
