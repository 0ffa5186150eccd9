package gateway

import (
	"encoding/json"
	"time"
)

// Call tells of one request what API Gateway's access log can tell, and whether the authorizer's answer came
// out of the cache, which API Gateway tells nobody. It holds no token, no header, no query and no path as sent.
type Call struct {
	RequestID          string
	Time               time.Time
	SourceIP           string
	Method             string
	Resource           string // the template, empty when no route matched
	Status             int
	ErrorType          string            // gateway response type such as ACCESS_DENIED; empty when the function answered
	Error              string            // what went wrong with the function behind the API
	PrincipalID        string            // as the authorizer named the caller
	Identity           map[string]string // the authorizer's context; MarshalJSON leaves it out
	Public             bool              // the route needs no authorizer
	Authorizer         AuthorizerLog
	IntegrationLatency time.Duration
	Latency            time.Duration // of the whole call
}

// AuthorizerLog tells how the verdict on a request was found. All zero: no authorizer was asked.
type AuthorizerLog struct {
	Invoked bool          // the function ran for this request
	Cached  bool          // an earlier answer was used again
	ID      string        // Lambda's request ID of the invocation
	Status  int           // 200 for a verdict, 401 for an invalid token, 500 for an error
	Latency time.Duration // of the function
	Error   string        // why there is no verdict
}

// MarshalJSON writes the line that the access log has, with the names that API Gateway's variables have, and
// authorizerCached besides. Latencies are in milliseconds.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
func (c Call) MarshalJSON() ([]byte, error) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return json.Marshal(struct {
		RequestID          string  `json:"requestId"`
		Time               string  `json:"requestTime"`
		SourceIP           string  `json:"ip"`
		Method             string  `json:"httpMethod"`
		Resource           string  `json:"resourcePath"`
		Status             int     `json:"status"`
		ErrorType          string  `json:"errorType,omitempty"`
		Error              string  `json:"integrationError,omitempty"`
		PrincipalID        string  `json:"principalId,omitempty"`
		AuthorizerStatus   int     `json:"authorizerStatus,omitempty"`
		AuthorizerCached   bool    `json:"authorizerCached"`
		AuthorizerLatency  float64 `json:"authorizerLatency"`
		AuthorizerError    string  `json:"authorizerError,omitempty"`
		IntegrationLatency float64 `json:"integrationLatency"`
		Latency            float64 `json:"responseLatency"`
	}{
		c.RequestID, c.Time.UTC().Format(time.RFC3339Nano), c.SourceIP, c.Method, c.Resource, c.Status, c.ErrorType, c.Error, c.PrincipalID,
		c.Authorizer.Status, c.Authorizer.Cached, ms(c.Authorizer.Latency), c.Authorizer.Error, ms(c.IntegrationLatency), ms(c.Latency),
	})
}
