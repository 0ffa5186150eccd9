// Package revoke writes entries of the revocation table: cognito-authorizer revoke. An authorizer with REVOCATIONS_TABLE
// refuses the tokens that they are about, even though these are valid and unexpired.
package revoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation"
)

// Commands are the subcommands of revoke.
type Commands struct {
	Session sessionCommand `cmd:"" help:"Revoke every token of one sign-in."`
	User    userCommand    `cmd:"" help:"Revoke every token that a person has now, and sign them out of Cognito."`
	Client  clientCommand  `cmd:"" help:"Revoke every token that an app client has now."`
}

// Help implements kong's HelpProvider.
func (*Commands) Help() string {
	return `  cognito-authorizer revoke user alice --table app-revocations --user-pool-id eu-west-1_AbCdEf123
  cognito-authorizer revoke client 4p9exampleclientid7abcd1234 --table app-revocations --user-pool-id eu-west-1_AbCdEf123
  cognito-authorizer revoke session --token-stdin --table app-revocations --flush rest:a1b2c3d4e5/prod < leaked-token.txt

Every command can be repeated. An entry counts from the next call that the authorizer sees. API Gateway replays cached
results until their TTL ends, unless --flush empties the cache.`
}

// options are shared by all subcommands.
type options struct {
	Table  string   `required:"" env:"REVOCATIONS_TABLE" placeholder:"NAME" help:"The revocation table (output revocations_table of the Terraform configuration)."`
	Region string   `env:"AWS_REGION" placeholder:"REGION" help:"Region of the table, the pool and the API. Default: that of the AWS configuration."`
	Flush  []string `placeholder:"API" sep:"none" help:"Also empty the authorizer cache of an API: rest:API_ID/STAGE or http:API_ID/STAGE. May be given more than once."`
	JSON   bool     `name:"json" help:"Print what was done as JSON."`
}

// report is what a command has done.
type report struct {
	Entry     string     `json:"entry"`                // id in the table
	NotBefore *time.Time `json:"not_before,omitempty"` // tokens issued before are refused
	ExpiresAt time.Time  `json:"expires_at"`           // when DynamoDB may remove the entry
	SignedOut bool       `json:"signed_out,omitempty"` // of Cognito
	Flushed   []string   `json:"flushed,omitempty"`
}

// prepare checks the options and reads the AWS configuration.
func (o options) prepare(ctx context.Context) (aws.Config, []cache, error) {
	if !revocation.IsTableName(o.Table) {
		return aws.Config{}, nil, cli.Usagef("--table %q is not the name of a DynamoDB table", o.Table)
	}
	caches, err := parseCaches(o.Flush)
	if err != nil {
		return aws.Config{}, nil, err
	}
	loaded, err := awsConfig(ctx, o.Region)
	return loaded, caches, err
}

// awsConfig reads the AWS configuration of this machine.
func awsConfig(ctx context.Context, region string) (aws.Config, error) {
	var load []func(*config.LoadOptions) error
	if region != "" {
		load = append(load, config.WithRegion(region))
	}
	loaded, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("the AWS configuration of this machine: %w", err)
	}
	if loaded.Region == "" {
		return aws.Config{}, cli.Usagef("no region: give --region, or set AWS_REGION")
	}
	return loaded, nil
}

// revoke writes the entry, then signs out if signOut is not nil, then flushes. A step that fails does not keep the next from
// being tried, and the error names them all.
func (o options) revoke(ctx context.Context, c cli.Console, loaded aws.Config, caches []cache, e revocation.Entry, signOut func(context.Context) error) error {
	defer c.Progress("waiting for AWS in %s", loaded.Region)()
	done := report{Entry: e.ID, ExpiresAt: e.ExpiresAt}
	if !e.NotBefore.IsZero() {
		done.NotBefore = &e.NotBefore
	}
	var problems []error
	table := revocation.New(revocation.Config{
		Name: o.Table, Region: loaded.Region, Endpoint: endpoint("DYNAMODB", loaded), Credentials: loaded.Credentials,
	})
	if err := table.Put(ctx, e); err != nil {
		problems = append(problems, fmt.Errorf("the entry was not written to %s: %w", o.Table, err))
	}
	if signOut != nil {
		err := signOut(ctx)
		if done.SignedOut = err == nil; err != nil {
			problems = append(problems, fmt.Errorf("not signed out of Cognito: %w", err))
		}
	}
	for _, cached := range caches {
		if err := cached.flush(ctx, loaded); err != nil {
			problems = append(problems, fmt.Errorf("the cache of %s was not emptied: %w", cached, err))
			continue
		}
		done.Flushed = append(done.Flushed, cached.String())
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%w\nRun the command again when this is solved: repeating it is safe", err)
	}
	if o.JSON {
		return json.NewEncoder(c.Out).Encode(done)
	}
	done.print(c, e)
	return nil
}

func (r report) print(c cli.Console, e revocation.Entry) {
	if r.NotBefore == nil {
		fmt.Fprintf(c.Out, "Revoked: %s. Every token of this sign-in is refused.\n", e.ID)
	} else {
		fmt.Fprintf(c.Out, "Revoked: %s. Tokens of sign-ins before %s are refused.\n", e.ID, r.NotBefore.Format(time.RFC3339))
	}
	if r.SignedOut {
		fmt.Fprintln(c.Out, "Signed out of Cognito: refresh tokens are no longer valid.")
	}
	for _, f := range r.Flushed {
		fmt.Fprintf(c.Out, "Emptied the authorizer cache of %s.\n", f)
	}
	if len(r.Flushed) == 0 {
		fmt.Fprintln(c.Out, "Results that API Gateway has cached are replayed until their TTL ends (300 s by default). --flush ends them now.")
	}
}
