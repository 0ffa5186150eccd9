package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/site"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// RunCommand starts the system and keeps it running.
type RunCommand struct {
	options
	Listen  string        `help:"Address of the API, on loopback." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Page    string        `help:"Address of the page that shares its origin with the API, on loopback." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Cross   string        `help:"Address of the same page at an origin of its own." default:"127.0.0.1:0" placeholder:"HOST:PORT" name:"cross-page"`
	Origins []string      `help:"Further pages that may call the API from a browser." placeholder:"ORIGIN"`
	TTL     time.Duration `help:"How long an answer of the authorizer is cached; 0 asks it every time." default:"5m" name:"ttl"`
	Type    string        `help:"Type of the authorizer: TOKEN or REQUEST." enum:"TOKEN,REQUEST" default:"TOKEN"`
	JSON    bool          `help:"Print the addresses and people as one JSON line." name:"json"`
}

// Run starts the stack, says how to use it, and waits for Ctrl-C.
func (r *RunCommand) Run(ctx context.Context, c cli.Console) error {
	if r.TTL < 0 || r.TTL > time.Hour {
		return cli.Usagef("--ttl %s: API Gateway caches for 0s to 1h", r.TTL)
	}
	dir, cleanup, err := r.zips(ctx, c)
	if err != nil {
		return err
	}
	defer cleanup()
	pages, err := site.ListenTwice(r.Page, r.Cross)
	if err != nil {
		return err
	}
	defer func() { _ = pages.Close() }() // where something else failed first
	options := stack.Options{
		Zips: dir, Listen: r.Listen, TTL: r.TTL,
		AllowedOrigins: append(r.Origins, pages.Cross.Origin()), CallbackURLs: pages.CallbackURLs(),
		Authorizer: gateway.AuthorizerType(r.Type), Observe: accessLog,
		Outbox: func(m fakecognito.Message) {
			fmt.Fprintf(os.Stderr, "%s to %s, %s: %s\n", m.Medium, m.To, m.About, m.Code)
		},
	}
	if r.Logs {
		options.Log = os.Stderr
	}
	s, err := stack.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // on an error, which is what is told then
	if err := pages.Serve(r.Root, s); err != nil {
		return err
	}
	d := describe(s, pages)
	if r.JSON {
		err = json.NewEncoder(c.Out).Encode(d)
	} else {
		err = explain(c, s, d)
	}
	if err != nil {
		return err
	}
	<-ctx.Done()
	c.Note("\nstopping")
	return errors.Join(pages.Close(), s.Close())
}

// accessLog prints a line a call, as API Gateway's access log has it.
func accessLog(c gateway.Call) {
	if line, err := json.Marshal(c); err == nil {
		fmt.Fprintln(os.Stderr, string(line))
	}
}

// description is what --json prints. The passwords are of a pool that ends with this process.
type description struct {
	API                 string            `json:"apiUrl"`
	Page                string            `json:"pageUrl"`
	CrossPage           string            `json:"crossPageUrl"`
	Endpoint            string            `json:"endpoint"` // AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER
	Region              string            `json:"region"`
	Issuer              string            `json:"issuer"`
	TokenURL            string            `json:"tokenUrl"`
	UserPoolID          string            `json:"userPoolId"`
	WebClientID         string            `json:"webClientId"`
	MachineClientID     string            `json:"machineClientId"`
	MachineClientSecret string            `json:"machineClientSecret"`
	Passwords           map[string]string `json:"passwords"`
}

func describe(s *stack.Stack, pages *site.Pages) description {
	d := description{
		API: s.Gateway.URL(), Page: pages.Same.Address(), CrossPage: pages.Cross.Address(), Endpoint: s.Cognito.URL(), Region: s.Cognito.Region(), Issuer: s.Cognito.Issuer(), TokenURL: s.Cognito.TokenURL(),
		UserPoolID: s.Cognito.PoolID(), WebClientID: s.Cognito.WebClientID(),
		MachineClientID: s.Cognito.MachineClientID(), MachineClientSecret: s.Cognito.MachineClientSecret(),
		Passwords: map[string]string{},
	}
	for _, p := range s.People {
		d.Passwords[p.Name] = p.Password
	}
	return d
}

// explain says in words, and in commands to paste, how to use the stack.
func explain(c cli.Console, s *stack.Stack, d description) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The page      %s  sign in and call the API, from one origin\n              %s  the same from another origin\nThe API       %s\nCognito       %s (pool %s, web client %s)\n\nPeople        user      password             groups\n",
		d.Page, d.CrossPage, d.API, d.Endpoint, d.UserPoolID, d.WebClientID)
	for _, p := range s.People {
		fmt.Fprintf(&b, "              %-9s %-20s %s\n", p.Name, p.Password, strings.Join(p.Groups, " "))
	}
	alice := s.People[0]
	fmt.Fprintf(&b, `Machine       client %s
              secret %s

Paste into another terminal, in this folder:

  curl -i %s/health

  export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=%s
  export COGNITO_REGION=%s COGNITO_USER_POOL_ID=%s COGNITO_CLIENT_ID=%s
  printf %%s '%s' | go run ./scripts/cognito-authorizer token login %s --password-stdin --output header | curl -i -H @- %s/me

One line a call follows. Ctrl-C ends it all.
`, d.MachineClientID, d.MachineClientSecret, d.API, d.Endpoint, d.Region, d.UserPoolID, d.WebClientID, alice.Password, alice.Name, d.API)
	_, err := io.WriteString(c.Out, b.String())
	return err
}
