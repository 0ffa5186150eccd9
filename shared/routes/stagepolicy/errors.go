package stagepolicy

import (
	"errors"
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

var (
	// ErrConflict reports that no policy for a whole stage can express the table. The error is a
	// [*ConflictError].
	ErrConflict = errors.New("no policy can tell these routes apart")

	// ErrTooComplex reports that routes overlap in too many ways for a policy to be worked out. The error is a
	// [*TooComplexError].
	ErrTooComplex = errors.New("routes overlap in too many ways")

	// ErrTooLarge reports that a policy is larger than API Gateway accepts. To make it fit, only values of owned
	// claims may be left out, see [Policy.Closed]. At build time the error is a [*PolicyTooLargeError].
	ErrTooLarge = errors.New("policy too large")

	// ErrPerRoute reports that a policy for the whole stage was asked of a table for per-route caching, which was not
	// checked for that.
	ErrPerRoute = errors.New("the route table is for per-route caching")

	// ErrNoExpiry reports that a policy was to expire with the token, but no time was given, or one that RFC 3339 cannot
	// express.
	ErrNoExpiry = errors.New("no time at which the policy expires")
)

// ConflictError names a forbidden route that an Allow covers, and that no Deny can exclude again without
// denying an allowed route as well.
type ConflictError struct {
	Forbidden routes.Route
	Allowed   routes.Route     // its Allow covers calls to Forbidden
	Swallowed routes.Route     // a Deny for these calls covers calls to this one, which is allowed; maybe Allowed itself
	Allow     string           // METHOD/PATH of the Allow
	Deny      string           // METHOD/PATH of the Deny
	Caller    routes.Principal // an example of a caller with these rights
}

// Error returns the conflict in one sentence.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s cannot be denied to %s: the Allow %q for %s also matches it, and the Deny %q would also match %s, which is allowed",
		e.Forbidden, e.Caller, e.Allow, e.Allowed, e.Deny, e.Swallowed)
}

// Is makes every conflict an [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// TooComplexError names two routes that overlap in so many ways that the work for a policy is given up.
type TooComplexError struct {
	First, Second routes.Route
}

// Error names the routes in one sentence.
func (e *TooComplexError) Error() string {
	return fmt.Sprintf("%v: %s and %s, in which a parameter or the rest of a path can stand for parts of the other "+
		"in more ways than can be tried", ErrTooComplex, e.First, e.Second)
}

// Is makes every such error an [ErrTooComplex].
func (e *TooComplexError) Is(target error) bool { return target == ErrTooComplex }

// PolicyTooLargeError reports that the policy for a class of callers is larger than API Gateway accepts.
type PolicyTooLargeError struct {
	Caller routes.Principal // an example of a caller of the class
	Err    error            // with the size
	Others int              // how many other classes have such a policy
	Routes []routes.Route   // some of the routes that take most of it
}

// Error returns the size in one sentence.
func (e *PolicyTooLargeError) Error() string {
	class := e.Caller.String()
	switch {
	case e.Others == 1:
		class += ", and for one other class of callers"
	case e.Others > 1:
		class += fmt.Sprintf(", and for %d other classes of callers", e.Others)
	}
	message := fmt.Sprintf("for %s: %v", class, e.Err)
	for i, r := range e.Routes {
		message += []string{"; the longest routes are ", ", "}[min(i, 1)] + r.String()
	}
	return message
}

// Unwrap returns the error that [Planner.ForStage] would return: [ErrTooLarge].
func (e *PolicyTooLargeError) Unwrap() error { return e.Err }
