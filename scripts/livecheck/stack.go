package livecheck

import (
	"archive/zip"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	prefix   = "cognito-authorizer-live-check-"  // of every name
	rolePath = "/cognito-authorizer-live-check/" // of every role
	tag      = "cognito-authorizer-live-check"   // of everything else; its value is the run
	stage    = "live"                            // of the REST API
)

//go:embed function.py
var functionSource []byte

// stack is what one run creates: a role without permissions, a function that is authorizer and backend, a REST API and an
// HTTP API. Removal finds them by name and tag, so it also finds what was created by a call whose response was lost.
type stack struct {
	account  *account
	run      string // lower-case hex, the end of every name
	runtime  string // of the function
	secret   string // which calls of the APIs have to know
	boundary string // permissions boundary of the role; empty: none

	rest, http string // ids of the APIs
}

func (s *stack) name() string { return prefix + s.run }

func (s *stack) tags() map[string]string { return map[string]string{tag: s.run} }

func (s *stack) partition() string { return strings.SplitN(s.account.arn, ":", 3)[1] }

func (s *stack) functionARN() string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", s.partition(), s.account.config.Region, s.account.id, s.name())
}

func (s *stack) roleARN() string {
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", s.partition(), s.account.id, rolePath, s.name())
}

// invocation is how API Gateway names the function.
func (s *stack) invocation() string {
	return fmt.Sprintf("arn:%s:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", s.partition(), s.account.config.Region, s.functionARN())
}

// step is one thing that is created.
type step struct {
	what string
	do   func(context.Context) error
}

// steps creates the stack in this order.
func (s *stack) steps() []step {
	return []step{
		{"role", s.createRole},
		{"function", s.createFunction},
		{"REST API", s.createREST},
		{"REST API: routes and authorizer", s.defineREST},
		{"REST API: permission", func(ctx context.Context) error { return s.permit(ctx, "rest", s.rest) }},
		{"REST API: stage", s.deployREST},
		{"HTTP API", s.createHTTP},
		{"HTTP API: routes and authorizer", s.defineHTTP},
		{"HTTP API: permission", func(ctx context.Context) error { return s.permit(ctx, "http", s.http) }},
		{"HTTP API: stage", s.deployHTTP},
	}
}

// create runs the steps. An interrupt takes effect between two of them: it does not cut off a call that was sent.
func (s *stack) create(ctx context.Context, report func(what string)) error {
	for _, one := range s.steps() {
		if err := ctx.Err(); err != nil {
			return err
		}
		report(one.what)
		if err := one.do(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("%s: %w", one.what, err)
		}
	}
	return ctx.Err()
}

func (s *stack) createRole(ctx context.Context) error {
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`
	parameters := url.Values{
		"Action": {"CreateRole"}, "Path": {rolePath}, "RoleName": {s.name()}, "AssumeRolePolicyDocument": {trust},
		"Tags.member.1.Key": {tag}, "Tags.member.1.Value": {s.run},
	}
	if s.boundary != "" {
		parameters.Set("PermissionsBoundary", s.boundary)
	}
	return s.account.query(ctx, identities, iamVersion, parameters, nil)
}

const (
	iamVersion    = "2010-05-08"
	functionsPath = "/2015-03-31/functions"
)

// newRoleWait bounds how long it may take until Lambda can use a new role.
const newRoleWait = 2 * time.Minute

func (s *stack) createFunction(ctx context.Context) error {
	var code bytes.Buffer
	archive := zip.NewWriter(&code)
	file, err := archive.Create("function.py")
	if err == nil {
		_, err = file.Write(functionSource)
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		return err
	}
	in := map[string]any{
		"FunctionName": s.name(), "Runtime": s.runtime, "Role": s.roleARN(), "Handler": "function.handler", "Timeout": 10, "MemorySize": 128,
		"Code": map[string]any{"ZipFile": code.Bytes()}, "Tags": s.tags(),
		"Environment": map[string]any{"Variables": map[string]string{"SECRET": s.secret}},
	}
	const pause = 3 * time.Second
	for waited := time.Duration(0); ; waited += pause {
		err := s.account.call(ctx, functionAPI, http.MethodPost, functionsPath, in, nil)
		refused := (*apiError)(nil)
		if err == nil {
			break
		}
		if waited >= newRoleWait || !errors.As(err, &refused) || refused.code != "InvalidParameterValueException" || !strings.Contains(refused.message, "role") {
			return err
		}
		if err := s.account.wait(ctx, pause); err != nil {
			return err
		}
	}
	for waited := time.Duration(0); ; waited += pause {
		var configuration struct{ State, StateReason string }
		if err := s.account.call(ctx, functionAPI, http.MethodGet, functionsPath+"/"+s.name()+"/configuration", nil, &configuration); err != nil {
			return err
		}
		switch {
		case configuration.State == "Active":
			return nil
		case configuration.State == "Failed" || waited >= newRoleWait:
			return fmt.Errorf("it is %s: %s", configuration.State, configuration.StateReason)
		}
		if err := s.account.wait(ctx, pause); err != nil {
			return err
		}
	}
}

func (s *stack) createREST(ctx context.Context) error {
	var made struct {
		ID string `json:"id"`
	}
	in := map[string]any{"name": s.name(), "tags": s.tags(), "endpointConfiguration": map[string]any{"types": []string{"REGIONAL"}}}
	err := s.account.call(ctx, apiGateway, http.MethodPost, "/restapis", in, &made)
	s.rest = made.ID
	return err
}

// defineREST imports the API's document: one route for every path below /p, behind the authorizer.
func (s *stack) defineREST(ctx context.Context) error {
	integration := map[string]any{"type": "aws_proxy", "httpMethod": "POST", "uri": s.invocation()}
	document := map[string]any{
		"openapi": "3.0.1", "info": map[string]any{"title": s.name(), "version": "1"},
		"paths": map[string]any{"/p/{rest+}": map[string]any{"get": map[string]any{
			"security": []any{map[string]any{"authorizer": []string{}}}, "x-amazon-apigateway-integration": integration,
			"parameters": []any{map[string]any{"name": "rest", "in": "path", "required": true, "schema": map[string]any{"type": "string"}}},
			"responses":  map[string]any{},
		}}},
		"components": map[string]any{"securitySchemes": map[string]any{"authorizer": map[string]any{
			"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
			"x-amazon-apigateway-authorizer": map[string]any{"type": "token", "authorizerUri": s.invocation(), "authorizerResultTtlInSeconds": cacheTTL},
		}}},
	}
	return s.account.call(ctx, apiGateway, http.MethodPut, "/restapis/"+s.rest+"?mode=overwrite", document, nil)
}

// cacheTTL is how long results are cached, in seconds: longer than any question needs.
const cacheTTL = 300

func (s *stack) deployREST(ctx context.Context) error {
	return s.account.call(ctx, apiGateway, http.MethodPost, "/restapis/"+s.rest+"/deployments", map[string]any{"stageName": stage}, nil)
}

// permit lets one API call the function, as authorizer and as backend.
func (s *stack) permit(ctx context.Context, id, api string) error {
	source := fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/*", s.partition(), s.account.config.Region, s.account.id, api)
	return s.account.call(ctx, functionAPI, http.MethodPost, functionsPath+"/"+s.name()+"/policy",
		map[string]any{"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "SourceArn": source}, nil)
}

// origin is a page that may call the HTTP API, for the question about CORS headers.
const origin = "https://live-check.example"

func (s *stack) createHTTP(ctx context.Context) error {
	var made struct {
		ID string `json:"apiId"`
	}
	in := map[string]any{"name": s.name(), "protocolType": "HTTP", "tags": s.tags(), "corsConfiguration": map[string]any{
		"allowOrigins": []string{origin}, "allowHeaders": []string{"authorization"}, "allowMethods": []string{"GET"},
	}}
	err := s.account.call(ctx, apiGatewayV2, http.MethodPost, "/v2/apis", in, &made)
	s.http = made.ID
	return err
}

func (s *stack) defineHTTP(ctx context.Context) error {
	api := "/v2/apis/" + s.http
	var integration struct {
		ID string `json:"integrationId"`
	}
	in := map[string]any{"integrationType": "AWS_PROXY", "integrationUri": s.functionARN(), "payloadFormatVersion": "2.0"}
	if err := s.account.call(ctx, apiGatewayV2, http.MethodPost, api+"/integrations", in, &integration); err != nil {
		return err
	}
	var authorizer struct {
		ID string `json:"authorizerId"`
	}
	in = map[string]any{
		"name": "authorizer", "authorizerType": "REQUEST", "authorizerUri": s.invocation(), "authorizerPayloadFormatVersion": "2.0",
		"authorizerResultTtlInSeconds": cacheTTL, "enableSimpleResponses": false, "identitySource": []string{"$request.header.Authorization"},
	}
	if err := s.account.call(ctx, apiGatewayV2, http.MethodPost, api+"/authorizers", in, &authorizer); err != nil {
		return err
	}
	in = map[string]any{
		"routeKey": "GET /p/{rest+}", "target": "integrations/" + integration.ID, "authorizationType": "CUSTOM", "authorizerId": authorizer.ID,
	}
	return s.account.call(ctx, apiGatewayV2, http.MethodPost, api+"/routes", in, nil)
}

func (s *stack) deployHTTP(ctx context.Context) error {
	return s.account.call(ctx, apiGatewayV2, http.MethodPost, "/v2/apis/"+s.http+"/stages", map[string]any{"stageName": "$default", "autoDeploy": true}, nil)
}

// urls returns the addresses below which the APIs' routes are.
func (s *stack) urls() (rest, http string) {
	domain, _ := partition(s.account.config.Region)
	host := ".execute-api." + s.account.config.Region + "." + domain
	return "https://" + s.rest + host + "/" + stage, "https://" + s.http + host
}

// resource is something of a run that exists.
type resource struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Run  string `json:"run"`
	path string // of the call that deletes it; empty for a role
}

// Kinds of resources, in the order of removal: APIs refer to the function, and the function to its role.
const (
	kindHTTP     = "HTTP API"
	kindREST     = "REST API"
	kindFunction = "function"
	kindRole     = "role"
)

// find lists what runs have created and not removed: everything with the tag, and roles by their path. If one kind cannot be
// listed, it returns the others with the error.
func (a *account) find(ctx context.Context) (found []resource, err error) {
	var problems []error
	for _, list := range []func(context.Context) ([]resource, error){a.httpAPIs, a.restAPIs, a.functions, a.roles} { // in the order of removal
		some, err := list(ctx)
		problems = append(problems, err)
		for _, r := range some {
			if r.Name == prefix+r.Run { // name and tag agree, so it is ours
				found = append(found, r)
			}
		}
	}
	return found, errors.Join(problems...)
}

func (a *account) httpAPIs(ctx context.Context) (all []resource, err error) {
	for next := ""; ; {
		var page struct {
			Items []struct {
				APIID, Name string
				Tags        map[string]string
			}
			NextToken string
		}
		if err := a.call(ctx, apiGatewayV2, http.MethodGet, "/v2/apis?maxResults=100"+parameter("nextToken", next), nil, &page); err != nil {
			return all, fmt.Errorf("listing HTTP APIs: %w", err)
		}
		for _, api := range page.Items {
			all = append(all, resource{kindHTTP, api.Name, api.Tags[tag], "/v2/apis/" + api.APIID})
		}
		if next = page.NextToken; next == "" {
			return all, nil
		}
	}
}

func (a *account) restAPIs(ctx context.Context) (all []resource, err error) {
	for next := ""; ; {
		var page struct {
			Items []struct {
				ID, Name string
				Tags     map[string]string
			} `json:"item"`
			Position string
		}
		if err := a.call(ctx, apiGateway, http.MethodGet, "/restapis?limit=500"+parameter("position", next), nil, &page); err != nil {
			return all, fmt.Errorf("listing REST APIs: %w", err)
		}
		for _, api := range page.Items {
			all = append(all, resource{kindREST, api.Name, api.Tags[tag], "/restapis/" + api.ID})
		}
		if next = page.Position; next == "" {
			return all, nil
		}
	}
}

func (a *account) functions(ctx context.Context) (all []resource, err error) {
	for next := ""; ; {
		var page struct {
			Functions  []struct{ FunctionName string }
			NextMarker string
		}
		if err := a.call(ctx, functionAPI, http.MethodGet, functionsPath+"?MaxItems=50"+parameter("Marker", next), nil, &page); err != nil {
			return all, fmt.Errorf("listing functions: %w", err)
		}
		for _, f := range page.Functions {
			if !strings.HasPrefix(f.FunctionName, prefix) {
				continue
			}
			var detail struct{ Tags map[string]string }
			if err := a.call(ctx, functionAPI, http.MethodGet, functionsPath+"/"+f.FunctionName, nil, &detail); err != nil {
				return all, fmt.Errorf("reading the tags of %s: %w", f.FunctionName, err)
			}
			all = append(all, resource{kindFunction, f.FunctionName, detail.Tags[tag], functionsPath + "/" + f.FunctionName})
		}
		if next = page.NextMarker; next == "" {
			return all, nil
		}
	}
}

func (a *account) roles(ctx context.Context) (all []resource, err error) {
	for next := ""; ; {
		var page struct {
			Names  []string `xml:"ListRolesResult>Roles>member>RoleName"`
			Marker string   `xml:"ListRolesResult>Marker"`
		}
		parameters := url.Values{"Action": {"ListRoles"}, "PathPrefix": {rolePath}}
		if next != "" {
			parameters.Set("Marker", next)
		}
		if err := a.query(ctx, identities, iamVersion, parameters, &page); err != nil {
			return all, fmt.Errorf("listing roles: %w", err)
		}
		for _, name := range page.Names {
			all = append(all, resource{kindRole, name, strings.TrimPrefix(name, prefix), ""})
		}
		if next = page.Marker; next == "" {
			return all, nil
		}
	}
}

func parameter(name, value string) string {
	if value == "" {
		return ""
	}
	return "&" + name + "=" + url.QueryEscape(value)
}

// remove deletes what a run has created, or what all runs have if run is empty, and looks again. It tries everything, and
// returns what is left.
func (a *account) remove(ctx context.Context, run string, report func(resource)) (left []resource, err error) {
	ofRun := func() (all []resource, err error) {
		found, err := a.find(ctx)
		for _, r := range found {
			if run == "" || r.Run == run {
				all = append(all, r)
			}
		}
		return all, err
	}
	found, err := ofRun()
	problems := []error{err}
	for _, r := range found {
		report(r)
		if err := a.delete(ctx, r); err != nil && !isGone(err) {
			problems = append(problems, fmt.Errorf("removing the %s %s: %w", r.Kind, r.Name, err))
		}
	}
	if len(found) > 0 {
		left, err = ofRun()
		problems = append(problems, err)
	}
	return left, errors.Join(problems...)
}

func (a *account) delete(ctx context.Context, r resource) error {
	switch r.Kind {
	case kindHTTP:
		return a.call(ctx, apiGatewayV2, http.MethodDelete, r.path, nil, nil)
	case kindREST:
		return a.call(ctx, apiGateway, http.MethodDelete, r.path, nil, nil)
	case kindFunction:
		return a.call(ctx, functionAPI, http.MethodDelete, r.path, nil, nil)
	}
	return a.query(ctx, identities, iamVersion, url.Values{"Action": {"DeleteRole"}, "RoleName": {r.Name}}, nil)
}
