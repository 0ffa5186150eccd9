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

// place is where to sign in. Which fields are needed depends on the command.
type place struct {
	Region, PoolID, ClientID string
	MachineClientID          string // for `token client`
	TokenURL                 string // OAuth token endpoint
	Issuer                   string // exact iss of the tokens
	APIURL                   string // where the tokens are for

	machineSecret string // known to Terraform alone
	from          string // the source that was taken, in words; empty: the options alone
}

var placeGroup = kong.Group{
	Key:   "place",
	Title: "Where to sign in:",
	Description: "Options come first. What they leave open is taken from the first of these that says anything: " +
		"the outputs of Terraform, the environment (COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_REGION, COGNITO_TOKEN_URL, COGNITO_ISSUER, COGNITO_API_URL), a YAML file, a cognito-authorizer run on this machine.",
}

// placeOptions are the options that say where to sign in.
type placeOptions struct {
	UserPoolID string `group:"place" name:"user-pool-id" placeholder:"ID" help:"User pool, for example eu-west-1_AbCdEf123."`
	ClientID   string `group:"place" name:"client-id" placeholder:"ID" help:"App client of the pool."`
	Region     string `group:"place" placeholder:"NAME" help:"AWS region. Without it, the one that the pool id begins with."`
	Terraform  string `group:"place" placeholder:"FOLDER" default:"terraform" help:"Terraform configuration whose outputs are read, if it has been applied here (${default})."`
	Config     string `group:"place" placeholder:"FILE" default:"cognito.yaml" help:"YAML file (${default})."`
	Stage      string `group:"place" placeholder:"NAME" default:"dev" help:"Which stage of the YAML file (${default})."`
}

// source is one thing that may know the place. It returns nil when it says nothing.
type source func(context.Context) (*place, error)

// resolve completes the options. Sources are not mixed: the pool of one and the client of another would
// fit by accident only. For the same reason a source for another pool than --user-pool-id is passed over.
func (o placeOptions) resolve(ctx context.Context, c cli.Console, enough func(place) bool) (place, error) {
	p := place{Region: o.Region, PoolID: o.UserPoolID, ClientID: o.ClientID}
	for _, next := range []source{o.terraform(c), fromEnvironment, o.yaml, fromRun} {
		if p.complete(); enough(p) {
			break
		}
		found, err := next(ctx)
		if err != nil {
			return place{}, err
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
	p.complete()
	return p, p.check()
}

// complete works out what follows from the rest.
func (p *place) complete() {
	if region, _, found := strings.Cut(p.PoolID, "_"); found {
		p.Region = cmp.Or(p.Region, region)
	}
	p.Region = cmp.Or(p.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	switch endpoint := endpoint(); {
	case p.PoolID == "":
	case endpoint != "":
		p.Issuer = strings.TrimSuffix(endpoint, "/") + "/" + p.PoolID // what a pool on this machine calls itself
	case p.Issuer == "" && p.Region != "":
		p.Issuer = "https://cognito-idp." + p.Region + ".amazonaws.com/" + p.PoolID
	}
}

// endpoint returns the endpoint that the AWS SDK uses instead of Cognito's own, or an empty string.
func endpoint() string {
	return cmp.Or(os.Getenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"), os.Getenv("AWS_ENDPOINT_URL"))
}

// What the API takes: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
var (
	regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
	poolForm   = regexp.MustCompile(`^[\w-]{1,45}_[0-9a-zA-Z]+$`)
	clientForm = regexp.MustCompile(`^[\w+]{1,128}$`)
)

// check looks at the form of what is there and names every problem. An address is made of some of it.
func (p place) check() error {
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
	if len(problems) == 0 { // an issuer may be made of what is wrong already
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

// tellWhere says on standard error which pool and client are meant, because there are several ways to set them.
func (p place) tellWhere(c cli.Console) {
	where := "as the options say"
	if p.from != "" {
		where = "from " + p.from
	}
	c.Note("User pool %s, client %s (%s).", cmp.Or(p.PoolID, "unknown"), p.ClientID, where)
}

// missing is the error for what no source said.
func missing(what, option, variable string) error {
	return fmt.Errorf("no %s: give %s, set %s, apply the Terraform configuration, write cognito.yaml (docs/tokens.md), or start cognito-authorizer run", what, option, variable)
}

// client is the place for a command that speaks to the pool through an app client.
func (o placeOptions) client(ctx context.Context, c cli.Console) (place, error) {
	p, err := o.resolve(ctx, c, func(p place) bool { return p.PoolID != "" && p.ClientID != "" })
	if err != nil {
		return place{}, err
	}
	if p.PoolID == "" {
		err = missing("user pool", "--user-pool-id", "COGNITO_USER_POOL_ID")
	}
	if p.ClientID == "" {
		err = errors.Join(err, missing("app client", "--client-id", "COGNITO_CLIENT_ID"))
	}
	if err != nil {
		return place{}, err
	}
	if p.Region == "" {
		return place{}, errors.New("the user pool id does not begin with a region: give --region")
	}
	p.tellWhere(c)
	return p, nil
}
