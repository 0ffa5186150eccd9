package revoke

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// FlushCommand empties authorizer caches.
type FlushCommand struct {
	API    []string `arg:"" sep:"none" help:"rest:API_ID/STAGE or http:API_ID/STAGE."`
	Region string   `env:"AWS_REGION" placeholder:"REGION" help:"Region of the API. Default: that of the AWS configuration."`
}

// Help implements kong's HelpProvider.
func (*FlushCommand) Help() string {
	return `  cognito-authorizer flush rest:a1b2c3d4e5/prod
  cognito-authorizer flush 'http:f6g7h8i9j0/$default'

The next call of each caller asks the authorizer again.`
}

// Run empties the caches. It tries each.
func (f *FlushCommand) Run(ctx context.Context, c cli.Console) error {
	caches, err := parseCaches(f.API)
	if err != nil {
		return err
	}
	loaded, err := awsConfig(ctx, f.Region)
	if err != nil {
		return err
	}
	defer c.Progress("waiting for AWS in %s", loaded.Region)()
	var problems []error
	for _, cached := range caches {
		if err := cached.flush(ctx, loaded); err != nil {
			problems = append(problems, fmt.Errorf("the cache of %s was not emptied: %w", cached, err))
			continue
		}
		fmt.Fprintf(c.Out, "Emptied the authorizer cache of %s.\n", cached)
	}
	return errors.Join(problems...)
}

// cache is the authorizer cache of one stage of an API.
type cache struct{ kind, api, stage string }

func (c cache) String() string { return c.kind + ":" + c.api + "/" + c.stage }

var cacheForm = regexp.MustCompile(`^(rest|http):([A-Za-z0-9]{1,64})/(\$default|[A-Za-z0-9_-]{1,128})$`)

func parseCaches(values []string) (all []cache, err error) {
	for _, v := range values {
		m := cacheForm.FindStringSubmatch(v)
		if m == nil {
			return nil, cli.Usagef("%q: write rest:API_ID/STAGE or http:API_ID/STAGE, such as rest:a1b2c3d4e5/prod", v)
		}
		all = append(all, cache{m[1], m[2], m[3]})
	}
	return all, nil
}

// path returns the path of FlushStageAuthorizersCache for a REST API and of ResetAuthorizersCache for an HTTP API.
// https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename-cache-authorizers.html
func (c cache) path() string {
	if c.kind == "rest" {
		return "/restapis/" + c.api + "/stages/" + c.stage + "/cache/authorizers"
	}
	return "/v2/apis/" + c.api + "/stages/" + strings.ReplaceAll(c.stage, "$", "%24") + "/cache/authorizers"
}

// flushTimeout bounds one call.
const flushTimeout = 15 * time.Second

// flush empties the cache. The one call is written out here, since the SDK's two clients for API Gateway take longer to
// compile than all the rest of this command.
func (c cache) flush(ctx context.Context, loaded aws.Config) error {
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	base := endpoint("API_GATEWAY", loaded)
	if c.kind == "http" {
		base = endpoint("APIGATEWAYV2", loaded)
	}
	if base == "" {
		base = "https://apigateway." + loaded.Region + "." + dnsSuffix(loaded.Region)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, strings.TrimSuffix(base, "/")+c.path(), nil)
	if err != nil {
		return err
	}
	credentials, err := loaded.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("AWS credentials: %w", err)
	}
	empty := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(empty[:]), "apigateway", loaded.Region, time.Now()); err != nil {
		return err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		kind, _, _ := strings.Cut(res.Header.Get("X-Amzn-Errortype"), ":")
		return fmt.Errorf("API Gateway answered %s %s", res.Status, cli.Printable(kind))
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	return err
}

func dnsSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// endpoint returns another endpoint of a service, from the variables that the SDK reads; empty for the service's own.
func endpoint(service string, loaded aws.Config) string {
	if e := os.Getenv("AWS_ENDPOINT_URL_" + service); e != "" {
		return e
	}
	return aws.ToString(loaded.BaseEndpoint)
}
