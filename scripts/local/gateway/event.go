package gateway

import (
	"strings"
	"time"
	"unicode/utf8"
)

// tokenEvent is what a TOKEN authorizer is given.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
type tokenEvent struct {
	Type               AuthorizerType `json:"type"`
	MethodARN          string         `json:"methodArn"`
	AuthorizationToken string         `json:"authorizationToken,omitempty"`
}

// requestEvent is what a REQUEST authorizer is given.
type requestEvent struct {
	tokenEvent
	requestData
}

// proxyEvent is what a proxy integration is given, in format 1.0.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
type proxyEvent struct {
	requestData
	Body            *string `json:"body"`
	IsBase64Encoded bool    `json:"isBase64Encoded"`
}

// requestData is the part of a request in both kinds of events.
type requestData struct {
	Resource                        string              `json:"resource"`
	Path                            string              `json:"path"`
	HTTPMethod                      string              `json:"httpMethod"`
	Headers                         map[string]string   `json:"headers"`
	MultiValueHeaders               map[string][]string `json:"multiValueHeaders"`
	QueryStringParameters           map[string]string   `json:"queryStringParameters"`
	MultiValueQueryStringParameters map[string][]string `json:"multiValueQueryStringParameters"`
	PathParameters                  map[string]string   `json:"pathParameters"`
	StageVariables                  map[string]string   `json:"stageVariables"`
	RequestContext                  requestContext      `json:"requestContext"`
}

// requestContext is $context as an event has it.
type requestContext struct {
	AccountID         string          `json:"accountId"`
	APIID             string          `json:"apiId"`
	Authorizer        map[string]any  `json:"authorizer,omitempty"`
	DeploymentID      string          `json:"deploymentId"`
	DomainName        string          `json:"domainName"`
	DomainPrefix      string          `json:"domainPrefix"`
	ExtendedRequestID string          `json:"extendedRequestId"`
	HTTPMethod        string          `json:"httpMethod"`
	Identity          requestIdentity `json:"identity"`
	OperationName     string          `json:"operationName,omitempty"`
	Path              string          `json:"path"`
	Protocol          string          `json:"protocol"`
	RequestID         string          `json:"requestId"`
	RequestTime       string          `json:"requestTime"`
	RequestTimeEpoch  int64           `json:"requestTimeEpoch"`
	ResourceID        string          `json:"resourceId"`
	ResourcePath      string          `json:"resourcePath"`
	Stage             string          `json:"stage"`
}

// requestIdentity is $context.identity. What belongs to IAM and to identity pools is there and null.
type requestIdentity struct {
	AccessKey                     *string `json:"accessKey"`
	AccountID                     *string `json:"accountId"`
	Caller                        *string `json:"caller"`
	CognitoAuthenticationProvider *string `json:"cognitoAuthenticationProvider"`
	CognitoAuthenticationType     *string `json:"cognitoAuthenticationType"`
	CognitoIdentityID             *string `json:"cognitoIdentityId"`
	CognitoIdentityPoolID         *string `json:"cognitoIdentityPoolId"`
	PrincipalOrgID                *string `json:"principalOrgId"`
	SourceIP                      string  `json:"sourceIp"`
	User                          *string `json:"user"`
	UserAgent                     string  `json:"userAgent"`
	UserARN                       *string `json:"userArn"`
}

// requestData describes a request as an authorizer is told of it. Maps without entries are empty there.
func (g *Gateway) requestData(req *request) requestData {
	d := requestData{
		Resource: req.route.template, Path: req.path, HTTPMethod: req.method,
		PathParameters: req.values, StageVariables: map[string]string{},
		RequestContext: requestContext{
			AccountID: accountID, APIID: apiID, DeploymentID: "local", DomainName: req.host, DomainPrefix: apiID,
			ExtendedRequestID: req.extendedID, HTTPMethod: req.method, OperationName: req.route.name,
			Identity: requestIdentity{SourceIP: req.sourceIP, UserAgent: get(req.headers, "User-Agent")},
			Path:     "/" + g.options.Stage + req.path, Protocol: req.protocol, RequestID: req.id,
			RequestTime: req.received.UTC().Format(accessLogTime), RequestTimeEpoch: req.received.UnixMilli(),
			ResourceID: resourceID(req.route), ResourcePath: req.route.template, Stage: g.options.Stage,
		},
	}
	d.Headers, d.MultiValueHeaders = req.headerMaps()
	d.QueryStringParameters, d.MultiValueQueryStringParameters = req.queryMaps()
	return d
}

// headerMaps returns the headers that API Gateway passes on. Of several of one name, the first map has the last.
func (req *request) headerMaps() (single map[string]string, multi map[string][]string) {
	single, multi = map[string]string{}, map[string][]string{}
	for _, h := range req.forwarded() {
		single[h.name] = h.value
		multi[h.name] = append(multi[h.name], h.value)
	}
	return single, multi
}

// queryMaps returns the decoded query. Of several values of one name, the first map has the last.
func (req *request) queryMaps() (single map[string]string, multi map[string][]string) {
	single, multi = map[string]string{}, map[string][]string{}
	for name, values := range req.query {
		single[name] = last(values)
		multi[name] = values
	}
	return single, multi
}

// proxyEvent describes a request as the integration is told of it. Maps without entries are null there.
func (g *Gateway) proxyEvent(req *request, v *authorizerResult, log AuthorizerLog) proxyEvent {
	e := proxyEvent{requestData: g.requestData(req)}
	e.StageVariables = nil
	if len(e.PathParameters) == 0 {
		e.PathParameters = nil
	}
	if len(req.query) == 0 {
		e.QueryStringParameters, e.MultiValueQueryStringParameters = nil, nil
	}
	if len(req.body) > 0 {
		text := string(req.body)
		if !utf8.ValidString(text) { // without binary media types, a body is text whatever it holds
			text = strings.ToValidUTF8(text, "\uFFFD")
		}
		e.Body = &text
	}
	if v != nil {
		e.RequestContext.Authorizer = v.asContext(log.Latency)
	}
	return e
}

// asContext returns $context.authorizer. latency is that of the authorizer.
func (v *authorizerResult) asContext(latency time.Duration) map[string]any {
	all := map[string]any{}
	for key, value := range v.context {
		all[key] = value
	}
	all["principalId"] = v.principalID
	all["integrationLatency"] = latency.Milliseconds()
	return all
}

// methodARN names the call. Its path is as it was sent, whatever that holds: who copies it into a policy
// copies the caller's wildcards too.
func (g *Gateway) methodARN(req *request) string {
	return g.stageARN() + "/" + req.method + req.path
}

// stageARN names the API and its stage.
func (g *Gateway) stageARN() string {
	return stageARN(g.options.Region, apiID, g.options.Stage)
}

func stageARN(region, api, stage string) string {
	return "arn:aws:execute-api:" + region + ":" + accountID + ":" + api + "/" + stage
}
