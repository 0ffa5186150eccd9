// Package stack runs the whole system on one machine: a fake Cognito, a fake revocation table, the two functions out of their
// zips, a REST API in front of them, and a WebSocket API. Nothing leaves the machine, and nothing is left on it afterwards.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

// Options describe how to run the system. A field without a stated default is required.
type Options struct {
	Zips           string                 // folder of a build for this machine: authorizer.zip, contract.json, manifest.json, and api.zip if nothing else serves the calls
	Integration    gateway.Invoker        // what serves allowed calls; nil: Backend
	Backend        *url.URL               // the same by HTTP; nil too: api.zip
	People         []Person               // in the pool from the start, beside one for each further group of the contract, and one without groups
	Stage          string                 // if empty, local
	Listen         string                 // address of the API; if empty, 127.0.0.1 and a port that the system chooses
	CognitoListen  string                 // the same for the fake Cognito
	AllowedOrigins []string               // pages that may call the API; if empty, none
	CallbackURLs   []string               // pages that the sign-in page may send a browser back to
	Authorizer     gateway.AuthorizerType // if empty, TOKEN, or REQUEST if the contract caches per route
	TTL            time.Duration          // how long a result is cached; zero asks each time
	Settings       map[string]string      // of the authorizer, beside those that the stack makes

	// WebSocket makes the function behind a WebSocket API, as in [gateway.WebSocketOptions]. If nil, or if the contract lets
	// nobody connect, there is no such API.
	WebSocket       func(endpoint string) (gateway.Invoker, error)
	WebSocketListen string // address of that API; if empty, 127.0.0.1 and a port that the system chooses

	Log     io.Writer                 // receives the functions' log lines; if nil, they are dropped
	Observe func(gateway.Call)        // called with each call of the API; optional
	Outbox  func(fakecognito.Message) // receives what Cognito would send by mail; optional
}

// ValidationExpression is what API Gateway lets through to the authorizer: a bearer token of three parts.
// Terraform deploys the same.
const ValidationExpression = `^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`

// RevocationsTable is the name of the revocation table.
const RevocationsTable = "revocations"

// Stack is the running system.
type Stack struct {
	Cognito    *fakecognito.Server
	Authorizer *lambda.Function
	API        *lambda.Function // nil if something else serves the calls
	Gateway    *gateway.Gateway
	WebSocket  *gateway.WebSocket // nil if there is none
	Revoked    *faketable.Server  // the revocation table
	People     []Person

	control *http.Server // API Gateway's control plane
	address net.Addr     // of control

	Type         gateway.AuthorizerType // that of the authorizer
	Contract     *contractjson.Contract
	ContractJSON []byte // contract.json of the build

	closing sync.Once
	closed  error
}

// Start starts everything, or nothing. End it by [Stack.Close].
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	manifest, contractJSON, err := bundle.Load(o.Zips, bundle.Host())
	if err != nil {
		return nil, err
	}
	s := &Stack{ContractJSON: contractJSON}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.Contract, err = contractjson.Parse(contractJSON); err != nil {
		return nil, err
	}
	s.People = PeopleFor(s.Contract.Groups, o.People...)
	pool := fakecognito.Options{Listen: o.CognitoListen, CallbackURLs: o.CallbackURLs, LogoutURLs: o.CallbackURLs, Outbox: o.Outbox}
	if len(s.Contract.Scopes) > 0 {
		pool.Scopes = s.Contract.Scopes
	}
	if s.Cognito, err = fakecognito.Start(pool); err != nil {
		return nil, err
	}
	if err := s.invite(); err != nil {
		return nil, err
	}
	if s.Revoked, err = faketable.Start(faketable.Options{Table: RevocationsTable}); err != nil {
		return nil, err
	}
	listener, err := gateway.Listen(o.Listen) // now, since tokens can be bound to the URL of the API
	if err != nil {
		return nil, err
	}
	defer func() {
		if s.Gateway == nil {
			err = errors.Join(err, listener.Close())
		}
	}()
	settings := map[string]string{
		"AUDIENCES":             gateway.URL(listener, o.Stage),
		"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", // of the function's role
		"REVOCATIONS_TABLE": RevocationsTable, "AWS_ENDPOINT_URL_DYNAMODB": s.Revoked.URL(),
		"CONTRACT_DIGEST": manifest.ContractDigest,
		"ISSUERS":         s.Cognito.Issuer(),
		"CLIENT_IDS":      strings.Join([]string{s.Cognito.WebClientID(), s.Cognito.SecretClientID(), s.Cognito.MachineClientID()}, ","),
	}
	maps.Copy(settings, o.Settings)
	s.Authorizer, err = lambda.Start(lambda.Options{
		Name: "authorizer", Zip: filepath.Join(o.Zips, "authorizer.zip"), Env: settings,
		Timeout: 10 * time.Second, Log: o.Log, Region: s.Cognito.Region(), MemoryMB: 256,
	})
	if err != nil {
		return nil, err
	}
	front := gateway.Options{
		Contract: contractJSON, Integration: o.Integration, Backend: o.Backend, Authorizer: s.authorizer(o),
		Stage: o.Stage, Region: s.Cognito.Region(), Listener: listener, AllowedOrigins: o.AllowedOrigins, Observe: o.Observe,
		AuthorizationServers: []string{s.Cognito.Issuer()}, ScopesSupported: s.Contract.Scopes,
	}
	if o.Integration == nil && o.Backend == nil {
		if err := s.startAPI(o); err != nil {
			return nil, err
		}
		front.Integration = s.API
	}
	if s.Gateway, err = gateway.Start(front); err != nil {
		return nil, err
	}
	if err := s.startControl(ctx); err != nil {
		return nil, err
	}
	return s, s.startWebSocket(o)
}

// startWebSocket serves the WebSocket API, if the contract lets anybody connect.
func (s *Stack) startWebSocket(o Options) (err error) {
	if o.WebSocket == nil || s.Contract.Connect == nil {
		return nil
	}
	s.WebSocket, err = gateway.StartWebSocket(gateway.WebSocketOptions{
		Contract: s.ContractJSON, Authorizer: s.Authorizer, Integration: o.WebSocket,
		Stage: o.Stage, Region: s.Cognito.Region(), Listen: o.WebSocketListen, Observe: o.Observe,
	})
	return err
}

// startControl serves the part of API Gateway's control plane that empties the authorizer cache.
func (s *Stack) startControl(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = listener.Addr()
	s.control = &http.Server{Handler: ownhost.Only(s.address, s.Gateway.Control()), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.control.Serve(listener) }() // ends by Close
	return nil
}

// OperatorEnvironment returns the environment with which cognito-authorizer revoke, flush and the commands of docs/runbook.md
// work on this stack. The output operator_environment of the Terraform configuration has the same for a deployment.
func (s *Stack) OperatorEnvironment() map[string]string {
	return map[string]string{
		"API_URL": s.Gateway.URL(), "AUTHORIZER_CACHE": s.Gateway.CacheName(), "AWS_REGION": s.Cognito.Region(),
		"ISSUER": s.Cognito.Issuer(), "REVOCATIONS_TABLE": RevocationsTable, "USER_POOL_ID": s.Cognito.PoolID(),
		// A deployment needs none of these.
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_ENDPOINT_URL_DYNAMODB": s.Revoked.URL(),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": s.Cognito.URL(), "AWS_ENDPOINT_URL_API_GATEWAY": "http://" + s.address.String(),
	}
}

// startAPI starts the function in api.zip, which is the sample's.
func (s *Stack) startAPI(o Options) (err error) {
	s.API, err = lambda.Start(lambda.Options{
		Name: "api", Zip: filepath.Join(o.Zips, "api.zip"),
		Env: map[string]string{
			"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", // of the function's role
			"USER_POOL_ID": s.Cognito.PoolID(), "ALLOWED_ORIGINS": strings.Join(o.AllowedOrigins, ","),
			"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": s.Cognito.URL(),
			"REVOCATIONS_TABLE":                          RevocationsTable, "AWS_ENDPOINT_URL_DYNAMODB": s.Revoked.URL(), "ISSUERS": s.Cognito.Issuer(),
		},
		Timeout: 10 * time.Second, Log: o.Log, Region: s.Cognito.Region(), MemoryMB: 256,
	})
	return err
}

// authorizer returns the gateway's authorizer as Terraform deploys it. Results that are cached per route need a key
// that names the route.
func (s *Stack) authorizer(o Options) gateway.Authorizer {
	auth := gateway.Authorizer{Function: s.Authorizer, Type: o.Authorizer, TTL: o.TTL}
	if auth.Type == "" && s.Contract.PerRoute && o.TTL > 0 {
		auth.Type = gateway.Request
	}
	if auth.Type == "" {
		auth.Type = gateway.Token
	}
	s.Type = auth.Type
	switch {
	case auth.Type == gateway.Token:
		auth.ValidationExpression = ValidationExpression
		if s.Contract.PerRoute {
			auth.TTL = 0
		}
	case s.Contract.PerRoute:
		auth.IdentitySources = []string{"method.request.header.Authorization", "context.httpMethod", "context.resourcePath"}
	}
	return auth
}

// Person finds somebody in the pool by name.
func (s *Stack) Person(name string) (Person, error) {
	for _, p := range s.People {
		if p.Name == name {
			return p, nil
		}
	}
	return Person{}, fmt.Errorf("there is no %s in the pool", name)
}

// Close ends everything and leaves no process and no file. It may be called more than once.
func (s *Stack) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Stack) close() error {
	var problems []error
	if s.control != nil {
		problems = append(problems, s.control.Close())
	}
	if s.Gateway != nil {
		problems = append(problems, s.Gateway.Close())
	}
	if s.WebSocket != nil {
		problems = append(problems, s.WebSocket.Close())
	}
	for _, f := range []*lambda.Function{s.API, s.Authorizer} {
		if f != nil {
			problems = append(problems, f.Close())
		}
	}
	if s.Revoked != nil {
		problems = append(problems, s.Revoked.Close())
	}
	if s.Cognito != nil {
		problems = append(problems, s.Cognito.Close())
	}
	return errors.Join(problems...)
}
