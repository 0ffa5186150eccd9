package apigateway

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
)

// ErrMethodARN reports that a string is not a method ARN. Errors that wrap it name the invalid component and do not quote the
// string, because part of it comes from the caller.
var ErrMethodARN = errors.New("not the method ARN of an API Gateway call")

// maxARN is the maximum length of a method ARN, in bytes. REST APIs respond with 414 to one over 1,600 bytes. HTTP APIs document no
// such limit, and a long path must not cause the refusal of a valid token, since no policy contains the path. The request line and
// all headers together have at most 10,240 bytes, so API Gateway sends nothing near this bound.
const maxARN = 16 << 10

// connectRoute is the only route of a WebSocket API that can have an authorizer.
const connectRoute = "$connect"

// MethodARN identifies one call: methodArn of REST, WebSocket and format 1.0 events, routeArn of format 2.0.
type MethodARN struct {
	Partition string // aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, …
	Region    string
	Account   string // 12 digits
	API       string
	Stage     string // also $default, and test-invoke-stage for a test from the console
	Method    string // in upper case; empty for the handshake of a WebSocket

	// Path is the path of the call without its leading slash; empty for the root, "$connect" for the handshake of a
	// WebSocket. It comes from the caller and may contain wildcards, so it must never be used in a policy.
	Path string
}

// ParseMethodARN reads arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH, or API/STAGE/$connect for
// a WebSocket. Every component except the path is validated against AWS's character set, so none can introduce a wildcard; a
// stage of "*", as in some of AWS's samples, is refused for that reason. The path may hold anything, and AWS does not
// document whether it is percent-decoded.
//
// It does not check that region, account and API exist. The error is [ErrMethodARN].
func ParseMethodARN(s string) (MethodARN, error) {
	if len(s) > maxARN {
		return MethodARN{}, fmt.Errorf("%w: longer than %d bytes", ErrMethodARN, maxARN)
	}
	next := func(separator string) (part string, found bool) {
		part, s, found = strings.Cut(s, separator)
		return part, found
	}
	var a MethodARN
	arn, _ := next(":")
	a.Partition, _ = next(":")
	service, _ := next(":")
	a.Region, _ = next(":")
	var found bool
	if a.Account, found = next(":"); !found || arn != "arn" || service != "execute-api" {
		return MethodARN{}, fmt.Errorf("%w: it must begin with arn:PARTITION:execute-api:REGION:ACCOUNT", ErrMethodARN)
	}
	a.API, _ = next("/")
	if a.Stage, found = next("/"); !found {
		return MethodARN{}, fmt.Errorf("%w: it must end with API/STAGE/METHOD/PATH or API/STAGE/$connect", ErrMethodARN)
	}
	if s == connectRoute {
		a.Path = connectRoute
	} else { // the root of the API may lack its final slash
		a.Method, a.Path, _ = strings.Cut(s, "/")
	}
	if wrong := a.wrongPart(); wrong != "" {
		return MethodARN{}, fmt.Errorf("%w: the %s is malformed", ErrMethodARN, wrong)
	}
	a.Method = strings.ToUpper(a.Method) // after validation: characters outside of ASCII may have an upper case within it
	return a, nil
}

func (a MethodARN) wrongPart() string {
	switch {
	case !strings.HasPrefix(a.Partition, "aws") || !regionChars.AllWithin(a.Partition, 1, 32):
		return "partition"
	case !regionChars.AllWithin(a.Region, 1, 32):
		return "region"
	case !ascii.Digits.AllWithin(a.Account, 12, 12):
		return "account"
	case !idChars.AllWithin(a.API, 1, 64):
		return "API id"
	case a.Stage != "$default" && !stageChars.AllWithin(a.Stage, 1, 128):
		return "stage"
	case !a.IsConnect() && !ascii.Lower.Or(ascii.Upper).AllWithin(a.Method, 1, 16):
		return "method"
	}
	return ""
}

// Character sets of the components of an ARN.
var (
	regionChars = ascii.Lower.Or(ascii.Digits).With("-")
	idChars     = ascii.Alphanumeric.With("-")
	stageChars  = idChars.With("_")
)

// IsConnect reports whether the call is the handshake of a WebSocket.
func (a MethodARN) IsConnect() bool { return a.Method == "" && a.Path == connectRoute }

// Prefix returns the ARN up to and including the stage, with which every resource of a policy starts. It contains no wildcard: in
// arn:aws:execute-api:*:*:api/… the "*" would also match a path into which a caller has put ":api/…".
func (a MethodARN) Prefix() string {
	return "arn:" + a.Partition + ":execute-api:" + a.Region + ":" + a.Account + ":" + a.API + "/" + a.Stage
}

// StageResource returns the resource that covers every call to the stage.
func (a MethodARN) StageResource() string { return a.Prefix() + "/*" }

// Resource returns the resource for a method and a path, or a pattern of either, in the API and stage of a. The method and
// path of a itself are not used. An empty method means a route of a WebSocket, whose resource has none. The arguments must
// come from the contract, never from a caller.
func (a MethodARN) Resource(method, path string) string {
	path = strings.TrimPrefix(path, "/")
	if method == "" {
		return a.Prefix() + "/" + path
	}
	return a.Prefix() + "/" + method + "/" + path
}
