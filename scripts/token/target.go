package token

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// target is where to sign in. Which fields are required depends on the command.
type target struct {
	Region, PoolID, ClientID string
	MachineClientID          string // for `token client`
	TokenURL                 string // OAuth token endpoint
	Issuer                   string // exact iss of the tokens
	APIURL                   string // the API that the tokens are for

	machineSecret string // from Terraform or a local run
	origin        string // the source of the values, for messages; empty if only options were used
}

var targetGroup = kong.Group{
	Key:   "target",
	Title: "Where to sign in:",
	Description: "Options come first. Other values come from the first of these sources that has any: " +
		"the outputs of Terraform, the environment (COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_REGION, COGNITO_TOKEN_URL, COGNITO_ISSUER, COGNITO_API_URL), a YAML file, a cognito-authorizer run on this machine.",
}

// targetOptions are the options for where to sign in.
type targetOptions struct {
	UserPoolID string `group:"target" name:"user-pool-id" placeholder:"ID" help:"User pool, for example eu-west-1_AbCdEf123."`
	ClientID   string `group:"target" name:"client-id" placeholder:"ID" help:"App client of the pool."`
	Region     string `group:"target" placeholder:"NAME" help:"AWS region. Without it, the prefix of the pool ID."`
	Terraform  string `group:"target" placeholder:"FOLDER" default:"terraform" help:"Terraform configuration whose outputs are read, if it has been applied here (${default})."`
	Config     string `group:"target" placeholder:"FILE" default:"cognito.yaml" help:"YAML file (${default})."`
	Stage      string `group:"target" placeholder:"NAME" default:"dev" help:"Which stage of the YAML file (${default})."`
}

// targetSource returns the target from one source, or nil if the source has none.
type targetSource func(context.Context) (*target, error)

// resolve returns the target of the options, completed from the first source with values. Sources are never mixed, because
// an app client belongs to one pool. For the same reason it ignores a source that names another pool than --user-pool-id.
func (o targetOptions) resolve(ctx context.Context, c cli.Console, enough func(target) bool) (target, error) {
	p := target{Region: o.Region, PoolID: o.UserPoolID, ClientID: o.ClientID}
	for _, next := range []targetSource{o.terraform(c), fromEnvironment, o.yaml, fromRun} {
		if p.fillDefaults(); enough(p) {
			break
		}
		found, err := next(ctx)
		if err != nil {
			return target{}, err
		}
		if found == nil || o.UserPoolID != "" && found.PoolID != "" && found.PoolID != o.UserPoolID {
			continue
		}
		found.Region = cmp.Or(o.Region, found.Region)
		found.PoolID = cmp.Or(o.UserPoolID, found.PoolID)
		if o.ClientID != "" {
			found.ClientID = o.ClientID
		}
		p = *found
		break
	}
	p.fillDefaults()
	return p, p.validate()
}

// fillDefaults derives the region and the issuer.
func (p *target) fillDefaults() {
	if region, _, found := strings.Cut(p.PoolID, "_"); found {
		p.Region = cmp.Or(p.Region, region)
	}
	p.Region = cmp.Or(p.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	switch endpoint := endpoint(); {
	case p.PoolID == "":
	case endpoint != "":
		p.Issuer = strings.TrimSuffix(endpoint, "/") + "/" + p.PoolID // the issuer of a local pool
	case p.Issuer == "" && p.Region != "":
		p.Issuer = "https://cognito-idp." + p.Region + ".amazonaws.com/" + p.PoolID
	}
}

// endpoint returns the endpoint that the AWS SDK uses instead of Cognito's own, or an empty string.
func endpoint() string {
	return cmp.Or(os.Getenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"), os.Getenv("AWS_ENDPOINT_URL"))
}

// The forms that Cognito's API accepts: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
var (
	regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
	poolForm   = regexp.MustCompile(`^[\w-]{1,45}_[0-9a-zA-Z]+$`)
	clientForm = regexp.MustCompile(`^[\w+]{1,128}$`)
)

// validate reports every malformed setting. The issuer is derived from pool and region, so it is checked last.
func (p target) validate() error {
	var problems []error
	form := func(what, value string, form *regexp.Regexp, example string) {
		if value != "" && !form.MatchString(value) {
			problems = append(problems, fmt.Errorf("%s %q: want the form of %s", what, value, example))
		}
	}
	form("region", p.Region, regionForm, "eu-west-1")
	form("user pool id", p.PoolID, poolForm, "eu-west-1_AbCdEf123")
	form("client id", p.ClientID, clientForm, "1h57kf5cpq17m0eml12EXAMPLE")
	form("client id of the machine client", p.MachineClientID, clientForm, "1h57kf5cpq17m0eml12EXAMPLE")
	address := func(what, value string) {
		if value != "" && !secureAddress(value) {
			problems = append(problems, fmt.Errorf("%s %q: want https://…, or http://… on this machine", what, value))
		}
	}
	address("AWS_ENDPOINT_URL", endpoint())
	address("token URL", p.TokenURL)
	if len(problems) == 0 {
		address("issuer", p.Issuer)
	}
	return errors.Join(problems...)
}

// secureAddress reports whether secrets may be sent there: by TLS, or without leaving this machine.
func secureAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// printTarget prints pool and client to standard error, because there are several ways to set them.
func (p target) printTarget(c cli.Console) {
	where := "from the options"
	if p.origin != "" {
		where = "from " + p.origin
	}
	c.Note("User pool %s, client %s (%s).", cmp.Or(p.PoolID, "unknown"), p.ClientID, where)
}

// missing returns the error for a setting that no source has.
func missing(what, option, variable string) error {
	return fmt.Errorf("no %s: give %s, set %s, apply the Terraform configuration, write cognito.yaml (docs/tokens.md), or start cognito-authorizer run", what, option, variable)
}

// requireClient returns the target of a command that needs a pool and an app client.
func (o targetOptions) requireClient(ctx context.Context, c cli.Console) (target, error) {
	p, err := o.resolve(ctx, c, func(p target) bool { return p.PoolID != "" && p.ClientID != "" })
	if err != nil {
		return target{}, err
	}
	if p.PoolID == "" {
		err = missing("user pool", "--user-pool-id", "COGNITO_USER_POOL_ID")
	}
	if p.ClientID == "" {
		err = errors.Join(err, missing("app client", "--client-id", "COGNITO_CLIENT_ID"))
	}
	if err != nil {
		return target{}, err
	}
	if p.Region == "" {
		return target{}, errors.New("the user pool ID does not begin with a region: give --region")
	}
	p.printTarget(c)
	return p, nil
}
