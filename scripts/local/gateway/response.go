package gateway

import "net/http"

// response is a response before it is written.
type response struct {
	status  int
	headers []header
	body    []byte
}

// gatewayResponse is a response of API Gateway itself.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
type gatewayResponse struct {
	kind        string // the gateway response type, for the log
	status      int
	errorType   string // x-amzn-ErrorType
	contentType string
	body        string
}

const jsonType = "application/json"

// OutsideStage is the [Call.ErrorType] of a call whose path does not begin with the stage. API Gateway has no gateway response
// for it, so it writes no access log either.
const OutsideStage = "ForbiddenException"

// The gateway responses, with API Gateway's own messages.
var (
	responseUnauthorized = &gatewayResponse{"UNAUTHORIZED", http.StatusUnauthorized, "UnauthorizedException", jsonType,
		`{"message":"Unauthorized"}`}
	responseExplicitDeny = &gatewayResponse{accessDenied, http.StatusForbidden, "AccessDeniedException", jsonType,
		"User is not authorized to access this resource with an explicit deny in an identity-based policy"}
	responseImplicitDeny = &gatewayResponse{accessDenied, http.StatusForbidden, "AccessDeniedException", jsonType,
		"User is not authorized to access this resource"}
	responseNoRoute = &gatewayResponse{"MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden, "MissingAuthenticationTokenException", jsonType,
		`{"message":"Missing Authentication Token"}`}
	responseNoStage = &gatewayResponse{"", http.StatusForbidden, OutsideStage, jsonType,
		`{"message":"Forbidden"}`}
	responseAuthorizerError = &gatewayResponse{"AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError, "AuthorizerConfigurationException", jsonType,
		`{"message":null}`}
	responseIntegrationError = &gatewayResponse{"INTEGRATION_FAILURE", http.StatusBadGateway, "InternalServerErrorException", jsonType,
		`{"message": "Internal server error"}`}
	responseNetworkError = &gatewayResponse{"INTEGRATION_FAILURE", http.StatusGatewayTimeout, "InternalServerErrorException", jsonType,
		`{"message": "Network error communicating with endpoint"}`}
	responseIntegrationTimeout = &gatewayResponse{"INTEGRATION_TIMEOUT", http.StatusGatewayTimeout, "InternalServerErrorException", jsonType,
		`{"message": "Endpoint request timed out"}`}
	responseTooLarge = &gatewayResponse{"REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge, "RequestTooLargeException", "text/plain",
		"HTTP content length exceeded 10485760 bytes."}
	responseTooLong = &gatewayResponse{"REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge, "RequestTooLargeException", jsonType,
		`{"message":"Request Too Long"}`}
	responseURITooLong = &gatewayResponse{"DEFAULT_4XX", http.StatusRequestURITooLong, "RequestUriTooLongException", jsonType,
		`{"message":"Request-URI Too Long"}`}
	responseHeadersTooLarge = &gatewayResponse{"DEFAULT_4XX", http.StatusRequestHeaderFieldsTooLarge, "RequestHeaderFieldsTooLargeException", jsonType,
		`{"message":"Request Header Fields Too Large"}`}
	responseNoUpgrade = &gatewayResponse{"", http.StatusUpgradeRequired, "UpgradeRequiredException", jsonType,
		`{"message":"Upgrade Required"}`}
	responseGone = &gatewayResponse{"", http.StatusGone, "GoneException", jsonType,
		`{"message":"Gone"}`}
	responseMessageTooLarge = &gatewayResponse{"", http.StatusRequestEntityTooLarge, "PayloadTooLargeException", jsonType,
		`{"message":"Payload too large"}`}
	responseBadRequest = &gatewayResponse{"DEFAULT_4XX", http.StatusBadRequest, "BadRequestException", jsonType,
		`{"message":"Bad Request"}`}
)

// accessDenied is the type of a 403 that a policy caused. Its body is a message, for a template.
const accessDenied = "ACCESS_DENIED"

// response returns the response with headers and body as Terraform configures them: for browsers what is set for DEFAULT_4XX
// and DEFAULT_5XX, so that a page can read the status; for UNAUTHORIZED the challenge; for ACCESS_DENIED the
// end of the token out of the authorizer's context. A response from before the stage is known has none of these.
func (g *gatewayResponse) response(cors []header, challenge string, context map[string]string) response {
	r := g.plain()
	if g.kind != "" {
		r.headers = append(r.headers, cors...)
	}
	if g.status == http.StatusUnauthorized {
		r.headers = append(r.headers, header{"WWW-Authenticate", challenge})
	}
	if g.kind == accessDenied {
		// A template only substitutes, so a value that JSON escapes would break the body. The end of a token has none.
		r.body = []byte(`{"message":"` + g.body + `","expiresAt":"` + context["expiresAt"] + `"}`)
	}
	return r
}

// plain returns API Gateway's default response, as for a WebSocket API, where nothing is configured.
func (g *gatewayResponse) plain() response {
	body := g.body
	if g.kind == accessDenied {
		body = `{"message":"` + body + `"}`
	}
	return response{status: g.status, body: []byte(body), headers: []header{
		{"Content-Type", g.contentType},
		{"x-amzn-ErrorType", g.errorType},
	}}
}

// write sends the response. Names keep their spelling, but for those that net/http looks for itself.
func (r response) write(w http.ResponseWriter) {
	for _, h := range r.headers {
		name := h.name
		switch canonical := http.CanonicalHeaderKey(name); canonical {
		case "Content-Type", "Content-Encoding", "Transfer-Encoding", "Trailer":
			name = canonical
		}
		w.Header()[name] = append(w.Header()[name], h.value)
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a client that has left misses nothing
}
