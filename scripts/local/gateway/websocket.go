package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/contractjson"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
)

// Quotas of a WebSocket API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
const (
	maxMessage       = 128 << 10
	maxIdle          = 10 * time.Minute
	maxConnectionAge = 2 * time.Hour
)

// webSocketID is the id of the WebSocket API, which is another API than the REST one.
const webSocketID = "w9x8y7z6v5"

// WebSocketOptions describe a WebSocket API. A field without a stated default is required.
type WebSocketOptions struct {
	Contract   []byte  // contract.json: who may open a connection
	Authorizer Invoker // asked about each handshake, unless anybody may connect

	// Integration returns the function behind $connect, $default and $disconnect. The endpoint is the one of the management
	// API, by which a function sends messages and closes connections.
	Integration func(endpoint string) (Invoker, error)

	// IdentitySources are the places that a handshake must fill to reach the authorizer: route.request.header.NAME or
	// route.request.querystring.NAME. If empty, the authorizer is asked about every handshake.
	IdentitySources []string

	Stage  string // path of the URL; if empty, local
	Region string // of the ARNs; if empty, eu-west-1
	Listen string // host:port on loopback; if empty, 127.0.0.1 and a port that the system chooses

	IdleTimeout time.Duration // of a connection without messages; if zero, 10 minutes
	MaxAge      time.Duration // of a connection; if zero, 2 hours

	Now     func() time.Time // for events and for conditions of policies; if nil, time.Now
	Observe func(Call)       // called with each handshake, message and disconnection, by several goroutines; optional
}

// WebSocket is a running WebSocket API. It authorizes the handshake, as API Gateway does, and nothing after it: a connection
// outlives the token it was opened with.
type WebSocket struct {
	options     WebSocketOptions
	access      contractjson.Access // of $connect
	authorizer  authorizer          // without a cache: a WebSocket API has none
	integration Invoker
	address     string
	server      *http.Server

	mu          sync.Mutex
	closed      bool
	connections map[string]*connection
	open        sync.WaitGroup // conversations under way
}

// StartWebSocket reads the contract, checks the options and serves until [WebSocket.Close]. The error is [ErrContract] if
// nobody may connect, or names the option that is wrong.
func StartWebSocket(o WebSocketOptions) (*WebSocket, error) {
	o.Stage = cmp.Or(o.Stage, "local")
	o.Region = cmp.Or(o.Region, "eu-west-1")
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	o.IdleTimeout = cmp.Or(o.IdleTimeout, maxIdle)
	o.MaxAge = cmp.Or(o.MaxAge, maxConnectionAge)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Call) {}
	}
	ws := &WebSocket{options: o, connections: map[string]*connection{}, authorizer: authorizer{Authorizer: Authorizer{Function: o.Authorizer, Type: Request}}}
	if err := ws.configure(); err != nil {
		return nil, err
	}
	listener, err := listenOnLoopback(o.Listen)
	if err != nil {
		return nil, err
	}
	ws.address = listener.Addr().String()
	if ws.integration, err = o.Integration(ws.ManagementURL()); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	ws.server = &http.Server{
		Handler: ownhost.Only(listener.Addr(), http.HandlerFunc(ws.serve)), ConnContext: withConn,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 2 * maxHeaders,
	}
	go func() { _ = ws.server.Serve(recordingListener{listener}) }() // ends by Close
	return ws, nil
}

func (ws *WebSocket) configure() error {
	o := ws.options
	c, err := contractjson.Parse(o.Contract)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrContract, err)
	case c.Connect == nil:
		return fmt.Errorf("%w: nobody may open a WebSocket: add security at the top of the OpenAPI document, which is the rule of $connect", ErrContract)
	case c.Connect.Public:
		ws.access = contractjson.Public
	default:
		ws.access = contractjson.Token
	}
	switch {
	case !stagePattern.MatchString(o.Stage):
		return fmt.Errorf("stage %q: it must be 1 to 128 letters, digits, - and _", o.Stage)
	case o.Integration == nil:
		return errors.New("there is no function behind the API")
	case o.Authorizer == nil:
		return errors.New("the authorizer has no function")
	case o.IdleTimeout < 0 || o.IdleTimeout > maxIdle || o.MaxAge < 0 || o.MaxAge > maxConnectionAge:
		return fmt.Errorf("a connection may be idle for %v and open for %v at most", maxIdle, maxConnectionAge)
	}
	for _, expression := range o.IdentitySources {
		source, ok := requestSource("route.", expression)
		if !ok {
			return fmt.Errorf("identity source %q: it must be route.request.header.NAME or route.request.querystring.NAME", expression)
		}
		ws.authorizer.sources = append(ws.authorizer.sources, source)
	}
	return nil
}

// listenOnLoopback refuses addresses that others could reach.
func listenOnLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && !ip.IsLoopback() {
		return nil, fmt.Errorf("listen address %q: it must be host:port on loopback, such as 127.0.0.1:8080", address)
	}
	return new(net.ListenConfig).Listen(context.Background(), "tcp", address)
}

// URL is the address to connect to.
func (ws *WebSocket) URL() string { return "ws://" + ws.address + "/" + ws.options.Stage }

// ManagementURL is the endpoint of the management API (apigatewaymanagementapi).
func (ws *WebSocket) ManagementURL() string { return "http://" + ws.address + "/" + ws.options.Stage }

// Close stops serving, cuts the connections and waits until nothing calls the function any more. It does not close the
// functions. Clients' disconnections are not reported to the function then.
func (ws *WebSocket) Close() error {
	ws.mu.Lock()
	ws.closed = true
	for _, c := range ws.connections {
		c.end()
	}
	ws.mu.Unlock()
	err := ws.server.Close()
	ws.open.Wait()
	return err
}

// serve handles a handshake, or a call of the management API.
func (ws *WebSocket) serve(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/"+ws.options.Stage)
	id, manage := strings.CutPrefix(rest, "/@connections/")
	switch {
	case headerSize(r) > maxHeaders:
		responseHeadersTooLarge.plain().write(w)
	case ok && manage:
		ws.manage(w, r, id)
	case !ok || rest != "" && rest != "/":
		responseNoStage.plain().write(w)
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		w.Header().Set("Upgrade", "websocket")
		responseNoUpgrade.plain().write(w)
	default:
		ws.handshake(w, r)
	}
}

// arn is the method ARN of the only route that is authorized.
func (ws *WebSocket) arn() string {
	return stageARN(ws.options.Region, webSocketID, ws.options.Stage) + "/$connect"
}
