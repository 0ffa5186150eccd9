package fakecognito

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json" // strict like AWS's parser: names are case-sensitive, duplicates are errors

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

const (
	targetPrefix = "AWSCognitoIdentityProviderService."
	contentType  = "application/x-amz-json-1.1"
	maxBody      = 64 << 10 // bytes; legitimate requests have at most a few kilobytes
)

// operation is an operation of the user pools API.
type operation struct {
	signed bool                                    // needs AWS credentials
	run    func(p *pool, body []byte) (any, error) // called with the pool locked
}

// unsigned returns an operation that needs no AWS credentials, because its input proves who is calling.
func unsigned[In any](call func(*pool, *In) (any, error)) operation {
	return operation{run: func(p *pool, body []byte) (any, error) {
		in := new(In)
		if err := json.Unmarshal(body, in); err != nil {
			return nil, fail("SerializationException", "the request is not valid JSON for this operation")
		}
		return call(p, in)
	}}
}

// signed returns an operation that needs AWS credentials.
func signed[In any](call func(*pool, *In) (any, error)) operation {
	o := unsigned(call)
	o.signed = true
	return o
}

// operations holds the supported operations by name.
var operations = map[string]operation{
	"InitiateAuth":              unsigned((*pool).initiateAuth),
	"RespondToAuthChallenge":    unsigned((*pool).respondToAuthChallenge),
	"GetTokensFromRefreshToken": unsigned((*pool).getTokensFromRefreshToken),
	"RevokeToken":               unsigned((*pool).revokeToken),
	"GetUser":                   unsigned((*pool).getUser),
	"AssociateSoftwareToken":    unsigned((*pool).associateSoftwareToken),
	"VerifySoftwareToken":       unsigned((*pool).verifySoftwareToken),

	"AdminInitiateAuth":           signed((*pool).adminInitiateAuth),
	"AdminRespondToAuthChallenge": signed((*pool).adminRespondToAuthChallenge),
	"AdminSetUserMFAPreference":   signed((*pool).adminSetUserMFAPreference),

	"AdminGetUser":           signed((*pool).adminGetUser),
	"AdminUserGlobalSignOut": signed((*pool).adminUserGlobalSignOut),
	"ListUsers":              signed((*pool).listUsers),
}

// serveAPI serves POST /, the user pools API.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("x-amzn-RequestId", fakepool.NewUUID())
	w.Header().Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
	out, err := s.call(w, r)
	if err == nil {
		writeAPI(w, http.StatusOK, out)
		return
	}
	var refusal *apiError
	if !errors.As(err, &refusal) {
		// An internal error. Its text is not sent, because it may be about other callers.
		refusal = &apiError{Type: "InternalErrorException", Message: "Internal server error"}
	}
	w.Header().Set("x-amzn-ErrorType", refusal.Type+":")
	w.Header().Set("x-amzn-ErrorMessage", headerSafe(refusal.Message))
	writeAPI(w, refusal.status(), map[string]string{"__type": refusal.Type, "message": refusal.Message})
}

// call reads and runs the operation of a request.
func (s *Server) call(w http.ResponseWriter, r *http.Request) (any, error) {
	name, found := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	op, known := operations[name]
	if !found || !known {
		return nil, fail("UnknownOperationException", "this fake does not support the operation in X-Amz-Target")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, fail("RequestEntityTooLargeException", "the request is larger than %d bytes", maxBody)
	} else if err != nil {
		return nil, fail("SerializationException", "the request could not be read")
	}
	if op.signed {
		// Scripts in browsers may not call these: they have no AWS credentials.
		w.Header().Del("Access-Control-Allow-Origin")
		if err := checkAuthorization(r.Header.Get("Authorization")); err != nil {
			return nil, err
		}
	}
	if s.faults().Throttled {
		return nil, fail("TooManyRequestsException", "Rate exceeded")
	}
	return s.pool.do(func() (any, error) { return op.run(s.pool, body) })
}

var (
	sigV4 = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/\s,]+/\d{8}/[a-z0-9-]+/cognito-idp/aws4_request, ?` +
		`SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$`)
)

// checkAuthorization only checks the form of the header: there is no secret to verify the signature with.
func checkAuthorization(header string) error {
	switch {
	case header == "":
		return fail("MissingAuthenticationTokenException", "Missing Authentication Token")
	case !sigV4.MatchString(header):
		return fail("IncompleteSignatureException", "Authorization must be a SigV4 header for the service cognito-idp")
	}
	return nil
}

func writeAPI(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil { // cannot happen with the output types
		status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalErrorException","message":"Internal server error"}`)
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only if the client is gone
}

// headerSafe replaces characters that are not allowed in a header. Messages may quote input.
func headerSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// nothing is the output of operations without output members.
type nothing struct{}

// epoch is a time as the JSON protocol encodes it: seconds since 1970 with three decimals.
type epoch time.Time

// MarshalJSON implements [json.Marshaler].
func (t epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(t).UnixMilli()) / 1000)
}
