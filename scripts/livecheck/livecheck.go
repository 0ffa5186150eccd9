// Package livecheck asks AWS itself what its documentation leaves open about Lambda authorizers: cognito-authorizer
// live-check. It creates two APIs and a function in the caller's account, calls them, and removes everything.
//
// Nothing in this project depends on its answers: where AWS documents nothing, the authorizer assumes the stricter behaviour.
package livecheck

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"golang.org/x/term"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// Command runs the check.
type Command struct {
	Region   string `env:"AWS_REGION" placeholder:"REGION" help:"Region to create everything in. Default: that of the AWS configuration."`
	Runtime  string `default:"python3.13" placeholder:"NAME" help:"Lambda runtime of the function (${default})."`
	Boundary string `name:"permissions-boundary" placeholder:"ARN" help:"Permissions boundary of the role, if the account requires one."`
	Yes      bool   `short:"y" help:"Do not ask before creating or removing anything."`
	Cleanup  bool   `help:"Create nothing: remove what earlier runs have left behind in this account and region."`
	JSON     bool   `name:"json" help:"Print the answers as JSON."`

	wait   func(context.Context, time.Duration) error
	now    func() time.Time
	client *http.Client
	urls   func(*stack) (rest, http string) // of the APIs, instead of those on AWS
}

// Help implements kong's HelpProvider.
func (*Command) Help() string {
	return `Creates a REST API, an HTTP API, one function and its role (without permissions), all with a name and tag of this run, calls
them about 60 times in about three minutes, and removes them, also after Ctrl-C or a failure. It costs less than 0.01 USD, and
nothing that it creates costs anything while it exists.

  cognito-authorizer live-check
  cognito-authorizer live-check --region eu-west-1 --yes --json > answers.json
  cognito-authorizer live-check --cleanup

It calls STS, IAM, Lambda and API Gateway with the credentials of the AWS configuration. Everything that it creates is named
cognito-authorizer-live-check-…

Exit codes: 0 every question has an answer, 1 a question has none or something was not removed, 2 the command line is wrong.`
}

// Run asks for confirmation, creates the stack, asks the questions, and removes the stack.
func (l *Command) Run(ctx context.Context, c cli.Console) error {
	if !l.Yes && !term.IsTerminal(int(c.In.Fd())) {
		return cli.Usagef("live-check asks before it changes anything, and there is no terminal to ask on: give --yes")
	}
	a, err := l.account(ctx)
	if err != nil {
		return err
	}
	if l.Cleanup {
		return l.cleanup(ctx, c, a)
	}
	// Whoever may not list these things could not remove them either: better to learn that now.
	before, err := a.find(ctx)
	if err != nil {
		return fmt.Errorf("nothing was created: %w", err)
	}
	if len(before) > 0 {
		c.Note("%d resources of earlier runs are left: cognito-authorizer live-check --cleanup removes them.", len(before))
	}
	c.Note(`This creates in account %s, region %s, as %s:
  a role without permissions, a function of 128 MB, a REST API and an HTTP API, for about three minutes
Cost: about 100 requests and invocations, less than 0.01 USD. All of it is removed at the end.`, a.id, a.config.Region, a.arn)
	if err := l.confirm(c, "Create it?"); err != nil {
		return err
	}
	s := &stack{account: a, run: randomHex(4), secret: randomHex(16), runtime: l.Runtime, boundary: l.Boundary}
	answers, asked := l.check(ctx, c, s)
	left, removed := l.remove(ctx, c, a, s.run)
	if err := l.print(c, a, s.run, answers, left); err != nil {
		return errors.Join(asked, removed, err)
	}
	switch err := errors.Join(asked, removed); {
	case err != nil:
		return err
	case len(left) > 0:
		return fmt.Errorf("%d resources are left: remove them by cognito-authorizer live-check --cleanup --region %s", len(left), a.config.Region)
	}
	for _, answer := range answers {
		if answer.Answer == unknown {
			return errors.New("not every question has an answer")
		}
	}
	return nil
}

func (l *Command) account(ctx context.Context) (*account, error) {
	var load []func(*config.LoadOptions) error
	if l.Region != "" {
		load = append(load, config.WithRegion(l.Region))
	}
	loaded, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("the AWS configuration of this machine: %w", err)
	}
	if loaded.Region == "" {
		return nil, cli.Usagef("no region: give --region, or set AWS_REGION")
	}
	if l.wait == nil {
		l.wait = wait
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.client == nil {
		l.client = &http.Client{Timeout: callTimeout, CheckRedirect: awsClient.CheckRedirect}
	}
	a := &account{config: loaded, wait: l.wait}
	return a, a.identify(ctx)
}

// confirm asks on the terminal, unless --yes was given.
func (l *Command) confirm(c cli.Console, question string) error {
	if l.Yes {
		return nil
	}
	fmt.Fprintf(c.Err, "%s [y/N] ", question)
	line, _ := bufio.NewReader(c.In).ReadString('\n') // after an error the line is empty, which means no
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return errors.New("nothing was changed")
	}
	return nil
}

// check creates the stack and asks the questions. With an error, which is that of a step or of ctx, there are no answers.
func (l *Command) check(ctx context.Context, c cli.Console, s *stack) ([]Answer, error) {
	if err := s.create(ctx, func(what string) { c.Note("creating: %s", what) }); err != nil {
		return nil, fmt.Errorf("creating %s: %w", s.name(), err)
	}
	rest, http := s.urls()
	if l.urls != nil {
		rest, http = l.urls(s)
	} else if endpoint := s.account.customEndpoint(apiGateway); endpoint != "" {
		return unanswered(both, "the endpoint "+endpoint+" is configured instead of AWS, and the APIs that it creates cannot be called"), nil
	}
	p := &prober{secret: s.secret, client: l.client, now: l.now, wait: l.wait}
	apis := []api{{"REST", rest}, {"HTTP", http}}
	return p.interview(ctx, apis, func(a Answer) { c.Note("%-5s %s %s", a.API, a.Question, a.Answer) })
}

// removalTimeout bounds the removal. DeleteRestApi may have to wait for half a minute.
const removalTimeout = 3 * time.Minute

// remove removes what a run has created, even if ctx has been cancelled.
func (l *Command) remove(ctx context.Context, c cli.Console, a *account, run string) ([]resource, error) {
	if ctx.Err() != nil {
		c.Note("interrupted: removing what was created")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removalTimeout)
	defer cancel()
	return a.remove(ctx, run, func(r resource) { c.Note("removing: %s %s", r.Kind, r.Name) })
}

// cleanup removes what earlier runs have left.
func (l *Command) cleanup(ctx context.Context, c cli.Console, a *account) error {
	found, err := a.find(ctx)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		c.Note("Account %s, region %s:", a.id, a.config.Region)
		for _, r := range found {
			c.Note("  %-8s %s", r.Kind, r.Name)
		}
		if err := l.confirm(c, "Remove them?"); err != nil {
			return err
		}
	}
	left, err := l.remove(ctx, c, a, "")
	if printed := l.print(c, a, "", nil, left); printed != nil || err != nil {
		return errors.Join(err, printed)
	}
	if len(left) > 0 {
		return fmt.Errorf("%d resources are left", len(left))
	}
	return nil
}

// print prints the answers, or that nothing is left.
func (l *Command) print(c cli.Console, a *account, run string, answers []Answer, left []resource) error {
	if l.JSON {
		if answers == nil {
			answers = []Answer{}
		}
		if left == nil {
			left = []resource{}
		}
		return json.NewEncoder(c.Out).Encode(map[string]any{
			"account": a.id, "region": a.config.Region, "run": run, "answers": answers, "left": left,
		})
	}
	for _, answer := range answers {
		fmt.Fprintf(c.Out, "%-5s %-60s %s\n", answer.API, answer.Question, cli.Printable(answer.Answer))
		for _, line := range answer.Evidence {
			fmt.Fprintf(c.Out, "      %s\n", cli.Printable(line))
		}
	}
	for _, r := range left {
		fmt.Fprintf(c.Out, "LEFT  %s %s\n", r.Kind, r.Name)
	}
	if len(left) == 0 {
		c.Note("Nothing is left in account %s, region %s.", a.id, a.config.Region)
	}
	return nil
}

// wait waits, or returns the error of ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: it would end the program
	return hex.EncodeToString(b)
}
