package local

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/running"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/site"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// RunCommand starts the system and keeps it running.
type RunCommand struct {
	options
	Backend  string        `xor:"backend" placeholder:"URL" help:"HTTP server to forward allowed calls to, such as http://127.0.0.1:3000."`
	Function string        `xor:"backend" placeholder:"COMMAND" help:"Program to run behind the API that speaks the Lambda Runtime API, such as 'npx aws-lambda-ric index.handler'."`
	Socket   string        `name:"websocket-function" placeholder:"COMMAND" help:"The same for the program behind the WebSocket API. Default: an echo."`
	Users    string        `placeholder:"FILE" help:"JSON file of further people: [{\"name\": \"ann\", \"groups\": [\"staff\"], \"claims\": {\"custom:tenant_id\": \"t-1\"}}]. Claims are in both tokens, as a pre-token-generation trigger adds them."`
	Port     int           `placeholder:"PORT" help:"Port of the API on 127.0.0.1. Default: 8080, or another one if that is taken."`
	Listen   string        `placeholder:"HOST:PORT" help:"Address of the API, on loopback, instead of --port."`
	Sockets  string        `name:"websocket-listen" placeholder:"HOST:PORT" help:"Address of the WebSocket API, on loopback. Default: port 8081, or another one if that is taken."`
	Cognito  string        `name:"cognito-listen" placeholder:"HOST:PORT" help:"Address of the local Cognito, on loopback. Default: port 9229, or another one if that is taken."`
	Page     string        `help:"Address of the page that shares its origin with the API, on loopback." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Cross    string        `help:"Address of the same page at an origin of its own." default:"127.0.0.1:0" placeholder:"HOST:PORT" name:"cross-page"`
	Origins  []string      `help:"Web origins that may call the API from a browser." placeholder:"ORIGIN"`
	TTL      time.Duration `help:"How long a result of the authorizer is cached; 0 asks it every time (${default})." default:"5m" name:"ttl"`
	Logs     string        `enum:"short,json" default:"short" help:"short: one line for each call; json: the lines of API Gateway's access log and of the functions."`
	JSON     bool          `help:"Print the addresses and people as one JSON line." name:"json"`
}

// Help implements kong's HelpProvider.
func (*RunCommand) Help() string {
	return `Starts a fake Cognito with users, groups and scopes made from the contract, the authorizer out of its zip, and a REST API
in front of the backend. Prints the address, people with passwords, and commands to paste. Ctrl-C ends it all.

A backend finds the caller in request headers (X-Identity-Sub, X-Identity-Username, X-Identity-Client-Id, X-Identity-Scopes,
X-Identity-Groups, …), a function in event.requestContext.authorizer. Without either, an echo answers.

If the contract has a rule for $connect (security at its top), there is a WebSocket API as well. It takes the token as the
sub-protocol after "bearer", in the header Authorization, or as access_token in the query, and stays open when the token
expires: the function behind it has to close it. The echo does so when a message arrives. A --websocket-function finds the
endpoint for that in AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI.

  cognito-authorizer run --contract openapi.yaml --backend http://127.0.0.1:3000
  cognito-authorizer run --contract openapi.yaml --function "npx aws-lambda-ric index.handler" --port 9000
  cognito-authorizer run --contract openapi.yaml --websocket-function "npx aws-lambda-ric live.handler"
  cognito-authorizer run --contract openapi.yaml --set TOKEN_USE=access,id --ttl 0s`
}

// Run starts the stack, prints how to use it, and waits for Ctrl-C.
func (r *RunCommand) Run(ctx context.Context, c cli.Console) error {
	err := r.run(ctx, c)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (r *RunCommand) run(ctx context.Context, c cli.Console) error {
	o, err := r.check()
	if err != nil {
		return err
	}
	b, err := r.build(ctx, c)
	if err != nil {
		return err
	}
	defer b.cleanup()
	if o.People, err = r.people(b); err != nil {
		return err
	}
	o.Zips = b.dir
	log := newDecisions(c)
	o.Log, o.Observe = log, log.observe
	if r.Logs == "json" {
		o.Log, o.Observe = c.Err, accessLog(c)
	}
	switch {
	case r.Function != "":
		f, err := lambda.Start(lambda.Options{Name: "backend", Command: r.Function, Timeout: 29 * time.Second, Log: c.Err})
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		o.Integration = f
	case o.Backend == nil && !b.sample:
		o.Integration = echo{}
		c.Note("No --backend and no --function: an echo answers allowed calls.")
	}
	var sockets *lambda.Function
	o.WebSocket = func(endpoint string) (gateway.Invoker, error) {
		if r.Socket == "" {
			return newWebSocketEcho(endpoint), nil
		}
		var err error
		sockets, err = lambda.Start(lambda.Options{
			Name: "websocket", Command: r.Socket, Timeout: 29 * time.Second, Log: c.Err, Env: map[string]string{managementEndpoint: endpoint},
		})
		return sockets, err
	}
	defer func() {
		if sockets != nil {
			_ = sockets.Close()
		}
	}()
	var pages *site.Pages
	if b.sample && o.Integration == nil && o.Backend == nil && r.Root != "" {
		if pages, err = site.ListenTwice(r.Page, r.Cross); err != nil {
			return err
		}
		defer func() { _ = pages.Close() }()
		o.AllowedOrigins = append(o.AllowedOrigins, pages.Cross.Origin())
		o.CallbackURLs = pages.CallbackURLs()
	}
	s, err := stack.Start(ctx, o)
	if err != nil {
		return err
	}
	log.stack.Store(s)
	defer func() { _ = s.Close() }() // on an error, which is what is reported then
	if pages != nil {
		if err := pages.Serve(r.Root, s); err != nil {
			return err
		}
	}
	forget := running.Announce(running.Pool{
		Endpoint: s.Cognito.URL(), Region: s.Cognito.Region(), UserPoolID: s.Cognito.PoolID(), ClientID: s.Cognito.WebClientID(),
		MachineClientID: s.Cognito.MachineClientID(), MachineClientSecret: s.Cognito.MachineClientSecret(),
		TokenURL: s.Cognito.TokenURL(), APIURL: s.Gateway.URL(),
	})
	defer forget()
	d := describe(s, pages)
	if r.JSON {
		err = json.NewEncoder(c.Out).Encode(d)
	} else {
		err = r.explain(c, s, d)
	}
	if err != nil {
		return err
	}
	<-ctx.Done()
	c.Note("\nstopping")
	err = s.Close()
	if pages != nil {
		err = errors.Join(pages.Close(), err)
	}
	log.Close()
	return err
}

// check reads the flags that need no build.
func (r *RunCommand) check() (o stack.Options, err error) {
	if r.TTL < 0 || r.TTL > time.Hour {
		return o, cli.Usagef("--ttl %s: API Gateway caches for 0s to 1h", r.TTL)
	}
	if r.Port != 0 && r.Listen != "" {
		return o, cli.Usagef("--port and --listen exclude each other")
	}
	o = r.stack(&built{})
	o.TTL, o.AllowedOrigins = r.TTL, r.Origins
	if r.Backend != "" {
		if o.Backend, err = url.Parse(r.Backend); err != nil || o.Backend.Host == "" {
			return o, cli.Usagef("--backend: write an address such as http://127.0.0.1:3000")
		}
	}
	o.Listen = r.Listen
	switch {
	case r.Port < 0 || r.Port > 65535:
		return o, cli.Usagef("--port %d: a port is 1 to 65535", r.Port)
	case r.Port > 0:
		o.Listen = fmt.Sprintf("127.0.0.1:%d", r.Port)
	case o.Listen == "":
		o.Listen = free("127.0.0.1:8080")
	}
	o.WebSocketListen = cmp.Or(r.Sockets, free("127.0.0.1:8081"))
	o.CognitoListen = cmp.Or(r.Cognito, free("127.0.0.1:9229"))
	o.Outbox = func(m fakecognito.Message) {
		fmt.Fprintf(os.Stderr, "%s to %s, %s: %s\n", m.Medium, m.To, m.About, m.Code)
	}
	return o, nil
}

// free returns an address, or the same with any port if that one is taken.
func free(address string) string {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close() // nothing was sent
	return address
}

// people returns those of the file, and those of the sample; nil if there are none of either.
func (r *RunCommand) people(b *built) (people []stack.Person, err error) {
	if b.sample {
		people = stack.SamplePeople()
	}
	if r.Users == "" {
		return people, nil
	}
	data, err := os.ReadFile(r.Users)
	if err != nil {
		return nil, &cli.UsageError{Err: err}
	}
	var more []stack.Person
	if err := json.Unmarshal(data, &more); err != nil {
		return nil, cli.Usagef("%s: want JSON such as [{\"name\": \"ann\", \"groups\": [\"staff\"], \"claims\": {\"custom:tenant_id\": \"t-1\"}}]: %w", r.Users, err)
	}
	return append(people, more...), nil
}

// accessLog prints a line for each call, as API Gateway's access log has it.
func accessLog(c cli.Console) func(gateway.Call) {
	return func(call gateway.Call) {
		if line, err := json.Marshal(call); err == nil {
			fmt.Fprintln(c.Err, string(line))
		}
	}
}

// description is what --json prints. The passwords are of a pool that ends with this process.
type description struct {
	API                 string            `json:"apiUrl"`
	WebSocket           string            `json:"webSocketUrl,omitempty"`
	Management          string            `json:"webSocketManagementUrl,omitempty"` // AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI
	Page                string            `json:"pageUrl,omitempty"`
	CrossPage           string            `json:"crossPageUrl,omitempty"`
	Endpoint            string            `json:"endpoint"`         // AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER
	DynamoDB            string            `json:"dynamodbEndpoint"` // AWS_ENDPOINT_URL_DYNAMODB
	Region              string            `json:"region"`
	Issuer              string            `json:"issuer"`
	TokenURL            string            `json:"tokenUrl"`
	UserPoolID          string            `json:"userPoolId"`
	WebClientID         string            `json:"webClientId"`
	MachineClientID     string            `json:"machineClientId"`
	MachineClientSecret string            `json:"machineClientSecret"`
	Passwords           map[string]string `json:"passwords"`
	Environment         map[string]string `json:"environment"` // of an operator, for revoke and flush
}

func describe(s *stack.Stack, pages *site.Pages) description {
	d := description{
		API: s.Gateway.URL(), Endpoint: s.Cognito.URL(), Region: s.Cognito.Region(), Issuer: s.Cognito.Issuer(), TokenURL: s.Cognito.TokenURL(),
		UserPoolID: s.Cognito.PoolID(), WebClientID: s.Cognito.WebClientID(),
		MachineClientID: s.Cognito.MachineClientID(), MachineClientSecret: s.Cognito.MachineClientSecret(),
		DynamoDB:    s.Revoked.URL(),
		Passwords:   map[string]string{},
		Environment: s.OperatorEnvironment(),
	}
	if s.WebSocket != nil {
		d.WebSocket, d.Management = s.WebSocket.URL(), s.WebSocket.ManagementURL()
	}
	if pages != nil {
		d.Page, d.CrossPage = pages.Same.Address(), pages.Cross.Address()
	}
	for _, p := range s.People {
		d.Passwords[p.Name] = p.Password
	}
	return d
}

// explain prints how to use the stack, in words and in commands to paste.
func (r *RunCommand) explain(c cli.Console, s *stack.Stack, d description) error {
	var b strings.Builder
	if d.Page != "" {
		fmt.Fprintf(&b, "The page      %s  sign in and call the API, from one origin\n              %s  the same from another origin\n", d.Page, d.CrossPage)
	}
	if d.WebSocket != "" {
		fmt.Fprintf(&b, "WebSocket     %s  new WebSocket(url, [\"bearer\", token])\n", d.WebSocket)
	}
	fmt.Fprintf(&b, "The API       %s\nCognito       %s (pool %s, web client %s)\nDynamoDB      %s (table %s)\n\nPeople        %-14s %-20s %s\n",
		d.API, d.Endpoint, d.UserPoolID, d.WebClientID, d.DynamoDB, stack.RevocationsTable, "user", "password", "groups")
	for _, p := range s.People {
		fmt.Fprintf(&b, "              %-14s %-20s %s\n", p.Name, p.Password, strings.Join(p.Groups, " "))
	}
	fmt.Fprintf(&b, "Machine       client %s\n              secret %s\n              scopes %s\n\nPaste into another terminal:\n\n",
		d.MachineClientID, d.MachineClientSecret, strings.Join(s.Contract.Scopes, " "))
	for _, line := range r.examples(s) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\nOne line for each call follows. Ctrl-C ends it all.\n")
	_, err := io.WriteString(c.Out, b.String())
	return err
}

// examples returns commands that work as they are in another shell: a public route, one as the first person who may call
// it, one as the machine, and one that revokes a person's tokens.
func (r *RunCommand) examples(s *stack.Stack) []string {
	var lines []string
	api := s.Gateway.URL()
	cd := ""
	if tool := invocation(); strings.HasPrefix(tool, "go run ") {
		if root, err := filepath.Abs(r.Root); err == nil && r.Root != "" {
			cd = "cd " + shellQuote(root) + " && "
		}
	}
	calls := probesOf(s.Contract)
	if example, ok := calls.example(func(p probe) bool { return p.public() }); ok {
		lines = append(lines, "curl -i "+shellQuote(api+example.path))
	}
	for _, person := range s.People {
		if example, ok := calls.example(func(p probe) bool { return !p.public() && p.opens(routes.Principal{Groups: person.Groups}) }); ok {
			lines = append(lines, fmt.Sprintf("%sprintf %%s %s | %s token login %s --password-stdin --output header | curl -i -H @- %s",
				cd, shellQuote(person.Password), invocation(), shellQuote(person.Name), shellQuote(api+example.path)))
			break
		}
	}
	if example, ok := calls.example(func(p probe) bool {
		return !p.opens(routes.Principal{}) && p.opens(routes.Principal{Scopes: s.Contract.Scopes})
	}); ok {
		lines = append(lines, fmt.Sprintf("%s%s token client --output header | curl -i -H @- %s", cd, invocation(), shellQuote(api+example.path)))
	}
	var environment []string
	for _, name := range slices.Sorted(maps.Keys(s.OperatorEnvironment())) {
		environment = append(environment, name+"="+shellQuote(s.OperatorEnvironment()[name]))
	}
	return append(lines, cd+"export "+strings.Join(environment, " "),
		fmt.Sprintf(`%s revoke user %s --flush "$AUTHORIZER_CACHE"`, invocation(), shellQuote(s.People[0].Name)))
}
