package fakecognito

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
	"github.com/go-jose/go-jose/v4/json" // names match by case and may not come twice, as in AWS's own parser
)

const (
	targetPrefix = "AWSCognitoIdentityProviderService."
	contentType  = "application/x-amz-json-1.1"
	maxBody      = 64 << 10 // bytes; the largest honest request is a few kilobytes
)

// operation is one call of the user pools API. It runs with the pool locked.
type operation struct {
	signed bool // the call needs AWS credentials
	run    func(p *pool, body []byte) (any, error)
}

// anyone makes an operation that needs no AWS credentials: what it asks for proves itself.
func anyone[In any](call func(*pool, *In) (any, error)) operation {
	return operation{run: func(p *pool, body []byte) (any, error) {
		in := new(In)
		if err := json.Unmarshal(body, in); err != nil {
			return nil, fail("SerializationException", "the request is not the JSON that this operation takes")
		}
		return call(p, in)
	}}
}

// administrator makes an operation that needs AWS credentials.
func administrator[In any](call func(*pool, *In) (any, error)) operation {
	o := anyone(call)
	o.signed = true
	return o
}

// operations are the calls that this fake answers, by name.
var operations = map[string]operation{
	"InitiateAuth":              anyone((*pool).initiateAuth),
	"RespondToAuthChallenge":    anyone((*pool).respondToAuthChallenge),
	"GetTokensFromRefreshToken": anyone((*pool).getTokensFromRefreshToken),
	"RevokeToken":               anyone((*pool).revokeToken),
	"GetUser":                   anyone((*pool).getUser),
	"AssociateSoftwareToken":    anyone((*pool).associateSoftwareToken),
	"VerifySoftwareToken":       anyone((*pool).verifySoftwareToken),

	"AdminInitiateAuth":           administrator((*pool).adminInitiateAuth),
	"AdminRespondToAuthChallenge": administrator((*pool).adminRespondToAuthChallenge),
	"AdminSetUserMFAPreference":   administrator((*pool).adminSetUserMFAPreference),

	"AdminGetUser":           administrator((*pool).adminGetUser),
	"AdminUserGlobalSignOut": administrator((*pool).adminUserGlobalSignOut),
	"ListUsers":              administrator((*pool).listUsers),
}

// serveAPI answers POST /, the user pools API.
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
		// Not the caller's doing. What went wrong stays here: it may speak of more than this caller's affairs.
		refusal = &apiError{Type: "InternalErrorException", Message: "Internal server error"}
	}
	w.Header().Set("x-amzn-ErrorType", refusal.Type+":")
	w.Header().Set("x-amzn-ErrorMessage", headerSafe(refusal.Message))
	writeAPI(w, refusal.status(), map[string]string{"__type": refusal.Type, "message": refusal.Message})
}

// call finds the operation, reads its input and runs it.
func (s *Server) call(w http.ResponseWriter, r *http.Request) (any, error) {
	name, found := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	op, known := operations[name]
	if !found || !known {
		return nil, fail("UnknownOperationException", "this fake does not know the operation that X-Amz-Target names")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, fail("RequestEntityTooLargeException", "the request is larger than %d bytes", maxBody)
	} else if err != nil {
		return nil, fail("SerializationException", "the request could not be read")
	}
	if op.signed {
		// No page may use these: whoever runs the pool has AWS credentials, a browser has none.
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

// checkAuthorization looks at the form of the header only: there is no secret to check a signature with.
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
	if err != nil { // our own types: cannot be
		status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalErrorException","message":"Internal server error"}`)
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who left needs no answer
}

// headerSafe keeps what a header may hold; messages may name what a caller sent.
func headerSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// nothing is the answer of operations that have nothing to say.
type nothing struct{}

// epoch is a time as the JSON protocol carries it: seconds, with milliseconds as decimals.
type epoch time.Time

// MarshalJSON writes the seconds since 1970.
func (t epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(t).UnixMilli()) / 1000)
}
