package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/weborigin"
)

// What names the API: the account of AWS's own examples, and an id in the form that API Gateway gives.
const (
	accountID = "123456789012"
	apiID     = "a1b2c3d4e5"
)

// Options say what to serve and how. A field without a stated default is required.
type Options struct {
	Contract    []byte     // contract.json: the routes, and who decides about each
	Integration Invoker    // the function behind every route; nil if there is a Backend
	Backend     *url.URL   // HTTP server behind every route instead; it gets the caller's identity in headers, see IdentityHeader
	Authorizer  Authorizer // decides about the routes that are not public

	Stage              string        // first segment of every path; if empty, local
	Region             string        // of the ARNs; if empty, eu-west-1
	Listen             string        // host:port on loopback; if empty, 127.0.0.1 and a port that the system chooses
	Listener           net.Listener  // on loopback, instead of Listen, for those who need the address before; see URL
	AllowedOrigins     []string      // pages that may read the responses; if empty, there is no CORS and no preflight
	ResourcePolicy     []byte        // IAM policy of the API itself; if nil, it has none
	IntegrationTimeout time.Duration // 50 ms to 29 s; if zero, 29 s

	AuthorizationServers []string // issuers that the protected resource metadata (RFC 9728) names; if empty, there is none
	ScopesSupported      []string // scopes that it names

	Now     func() time.Time // for the cache and for conditions of policies; if nil, time.Now
	Observe func(Call)       // called for each call before its response is sent, from several goroutines; optional
}

// Gateway is a running front.
type Gateway struct {
	options    Options
	routes     *routeTable
	authorizer *authorizer
	policy     *apigateway.ParsedPolicy // of the API; nil: none
	server     *http.Server
	url        string
}

var stagePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// Start reads the contract, checks the options and serves until [Gateway.Close]. The error is [ErrContract], or
// names the option that is wrong.
func Start(o Options) (*Gateway, error) {
	o.Stage = cmp.Or(o.Stage, "local")
	o.Region = cmp.Or(o.Region, "eu-west-1")
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	o.IntegrationTimeout = cmp.Or(o.IntegrationTimeout, maxIntegrationTimeout)
	o.AllowedOrigins = slices.Clone(o.AllowedOrigins)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Call) {}
	}
	g := &Gateway{options: o}
	if err := g.configure(); err != nil {
		return nil, err
	}
	listener := o.Listener
	if listener == nil {
		var err error
		if listener, err = listenOnLoopback(o.Listen); err != nil {
			return nil, err
		}
	}
	g.url = URL(listener, o.Stage)
	g.server = &http.Server{
		Handler: ownhost.Only(listener.Addr(), http.HandlerFunc(g.serve)), ConnContext: withConn, DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 2 * maxHeaders,
	}
	go func() { _ = g.server.Serve(recordingListener{listener}) }() // ends by Close
	return g, nil
}

// Listen listens on an address as [Options.Listen] describes it.
func Listen(address string) (net.Listener, error) {
	return listenOnLoopback(cmp.Or(address, "127.0.0.1:0"))
}

// URL returns what [Gateway.URL] will be. An empty stage is local.
func URL(listener net.Listener, stage string) string {
	return "http://" + listener.Addr().String() + "/" + cmp.Or(stage, "local")
}

// configure reads and checks the options.
func (g *Gateway) configure() error {
	o := g.options
	if !stagePattern.MatchString(o.Stage) {
		return fmt.Errorf("stage %q: it must be 1 to 128 letters, digits, - and _", o.Stage)
	}
	switch b := o.Backend; {
	case o.Integration == nil && b == nil:
		return errors.New("there is no function behind the API")
	case o.Integration != nil && b != nil:
		return errors.New("there are a function and a backend behind the API: name one")
	case b != nil && (b.Scheme != "http" && b.Scheme != "https" || b.Host == "" || b.User != nil || b.RawQuery != "" || b.Fragment != ""):
		return fmt.Errorf("backend %q: it must be an address such as http://127.0.0.1:3000", b.Redacted())
	}
	if o.IntegrationTimeout < 50*time.Millisecond || o.IntegrationTimeout > maxIntegrationTimeout {
		return fmt.Errorf("integration timeout %v is not between 50 ms and 29 s", o.IntegrationTimeout)
	}
	for _, origin := range o.AllowedOrigins {
		if err := weborigin.Check(origin); err != nil {
			return fmt.Errorf("allowed origin %w", err)
		}
	}
	var err error
	if g.routes, err = loadRoutes(o.Contract, len(o.AllowedOrigins) > 0); err != nil {
		return err
	}
	if o.ResourcePolicy != nil {
		if g.policy, err = g.parseResourcePolicy(o.ResourcePolicy); err != nil {
			return err
		}
	}
	g.authorizer, err = newAuthorizer(o.Authorizer, g)
	return err
}

// URL returns the address of the stage, to which the paths of the contract are added.
func (g *Gateway) URL() string { return g.url }

// FlushCache discards the authorizer's cached results, as FlushStageAuthorizersCache does.
func (g *Gateway) FlushCache() { g.authorizer.cache.flush() }

// Close stops serving and cuts the connections; calls under way end soon after, and the observer may still be
// told of them. It does not close the functions.
func (g *Gateway) Close() error { return g.server.Close() }

// serve handles one request and reports it to the observer.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	req := newRequest(r, g.options.Now())
	call := Call{RequestID: req.id, ExtendedRequestID: req.extendedID, Time: req.received, SourceIP: req.sourceIP, Method: req.method}
	cors := g.corsHeaders(r.Header.Get("Origin"))

	resp, failure := g.answer(w, r, req, &call)
	if failure != nil {
		call.ErrorType = cmp.Or(failure.kind, failure.errorType)
		resp = failure.response(cors, g.challenge(), call.Identity)
	}
	if r.ContentLength < 0 {
		resp.headers = append(resp.headers, header{"Connection", "close"}) // see names: the length of the body must be known
	}
	resp.headers = append(resp.headers, header{"x-amzn-RequestId", req.id}, header{"x-amz-apigw-id", req.extendedID})
	call.Status, call.Latency = resp.status, time.Since(begin)
	g.options.Observe(call)
	resp.write(w)
}

// answer processes a request in API Gateway's order and writes the function's response or one of the gateway's own.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, req *request, call *Call) (response, *gatewayResponse) {
	if headerSize(r) > maxHeaders {
		return response{}, responseHeadersTooLarge
	}
	rest, ok := strings.CutPrefix(req.path, "/"+g.options.Stage)
	if !ok || rest != "" && rest[0] != '/' {
		return response{}, responseNoStage
	}
	req.path = cmp.Or(rest, "/")
	if described, ok := g.metadata(req.method, req.path); ok {
		call.Resource, call.Public = metadataPath, true
		return described, nil
	}
	if req.route, req.values = g.routes.match(req.method, req.path); req.route == nil {
		return response{}, responseNoRoute
	}
	call.Resource, call.Public = req.route.template, req.route.access == contractjson.Public
	if req.route.preflight {
		return g.preflight(req.route, r.Header.Get("Origin")), nil
	}
	if len(g.methodARN(req)) > maxMethodARN {
		return response{}, responseURITooLong
	}
	switch err := req.readBody(w, r); {
	case errors.Is(err, errBodyTooLarge):
		return response{}, responseTooLarge
	case err != nil:
		return response{}, responseBadRequest
	}
	v, failure := g.admit(r.Context(), req, call)
	if failure != nil {
		return response{}, failure
	}
	if g.options.Backend != nil {
		return g.forward(r.Context(), req, v, call)
	}
	return g.integrate(r.Context(), req, v, call)
}

// admit decides whether the request may go on to the function. The result is nil for a public route. A route for IAM
// is refused as a request without a signature is: this gateway knows no signatures.
func (g *Gateway) admit(ctx context.Context, req *request, call *Call) (*authorizerResult, *gatewayResponse) {
	if g.policy != nil && g.decide(req, g.policy) == apigateway.ExplicitDeny {
		return nil, responseExplicitDeny // before the authorizer is invoked
	}
	switch req.route.access {
	case contractjson.Token:
	case contractjson.Public:
		if g.policy != nil && g.decide(req, g.policy) != apigateway.Allowed {
			return nil, responseImplicitDeny
		}
		return nil, nil
	default:
		return nil, responseNoRoute
	}
	v, err := g.authorize(ctx, req, &call.Authorizer)
	switch {
	case errors.Is(err, errUnauthorized):
		call.Authorizer.Error = unauthorized
		return nil, responseUnauthorized
	case err != nil:
		call.Authorizer.Error = err.Error()
		return nil, responseAuthorizerError
	}
	call.PrincipalID, call.Identity = v.principalID, v.context
	switch g.decide(req, v.policy, g.policy) {
	case apigateway.Allowed:
		return v, nil
	case apigateway.ExplicitDeny:
		return nil, responseExplicitDeny
	}
	return nil, responseImplicitDeny
}

// resourceID returns an id for the resource of a route, always the same for the same template.
func resourceID(r *route) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.template)) // a hash never returns an error
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}
