package gateway

import (
	"encoding/json"
	"strconv"
	"time"
)

// Call describes one request: what API Gateway's access log has of it, and whether the authorizer's result came from the cache.
// It holds no token, no header, no query and no path as sent.
type Call struct {
	RequestID          string
	ExtendedRequestID  string
	Time               time.Time
	SourceIP           string
	Method             string
	Resource           string // the template, empty when no route matched
	Status             int
	ErrorType          string            // gateway response type such as ACCESS_DENIED; empty if the response is the function's
	Error              string            // what went wrong with the function behind the API
	PrincipalID        string            // as the authorizer named the caller
	Identity           map[string]string // the authorizer's context; MarshalJSON writes only what Terraform's log format has of it
	Public             bool              // the route needs no authorizer
	Authorizer         AuthorizerLog
	IntegrationStatus  int // of the function's or the backend's response; 0 if there was none
	IntegrationLatency time.Duration
	Latency            time.Duration // of the whole call
}

// AuthorizerLog is how a request was authorized. The zero value means that no authorizer was invoked.
type AuthorizerLog struct {
	Invoked bool          // the function ran for this request
	Cached  bool          // an earlier result was used again
	ID      string        // Lambda's request ID of the invocation
	Status  int           // 200 for a decision, 401 for an invalid token, 500 for an error
	Latency time.Duration // of the function
	Error   string        // why there is no result
}

// MarshalJSON writes the line that the access log of a deployed REST API has: the members of the log format in
// terraform/modules/rest-api, every value a string, and "-" for one that is absent. Latencies are in milliseconds.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
func (c Call) MarshalJSON() ([]byte, error) {
	const absent = "-"
	text := func(s string) string {
		if s == "" {
			return absent
		}
		return s
	}
	number := func(n int) string {
		if n == 0 {
			return absent
		}
		return strconv.Itoa(n)
	}
	authLatency, apiLatency := absent, absent
	if c.Authorizer.Invoked {
		authLatency = strconv.FormatInt(c.Authorizer.Latency.Milliseconds(), 10)
	}
	if c.IntegrationLatency > 0 {
		apiLatency = strconv.FormatInt(c.IntegrationLatency.Milliseconds(), 10)
	}
	return json.Marshal(struct {
		RequestID         string `json:"requestId"`
		ExtendedRequestID string `json:"extendedRequestId"`
		Time              string `json:"time"`
		IP                string `json:"ip"`
		Method            string `json:"method"`
		Path              string `json:"path"`
		Status            string `json:"status"`
		Latency           string `json:"latency"`
		PrincipalID       string `json:"principalId"`
		ClientID          string `json:"clientId"`
		Groups            string `json:"groups"`
		Scopes            string `json:"scopes"`
		TokenExpiresAt    string `json:"tokenExpiresAt"`
		DecisionID        string `json:"decisionId"`
		AuthStatus        string `json:"authStatus"`
		AuthLatency       string `json:"authLatency"`
		AuthError         string `json:"authError"`
		AuthRequestID     string `json:"authRequestId"`
		APIStatus         string `json:"apiStatus"`
		APILatency        string `json:"apiLatency"`
		ErrorType         string `json:"errorType"`
	}{
		c.RequestID, c.ExtendedRequestID, c.Time.UTC().Format(accessLogTime), c.SourceIP, c.Method, text(c.Resource), number(c.Status),
		strconv.FormatInt(c.Latency.Milliseconds(), 10),
		text(c.PrincipalID), text(c.Identity["clientId"]), text(c.Identity["groups"]), text(c.Identity["scopes"]), text(c.Identity["expiresAt"]), text(c.Identity["decisionId"]),
		number(c.Authorizer.Status), authLatency, text(c.Authorizer.Error), text(c.Authorizer.ID),
		number(c.IntegrationStatus), apiLatency, text(c.ErrorType),
	})
}

// accessLogTime is the layout of $context.requestTime.
const accessLogTime = "02/Jan/2006:15:04:05 -0700"
