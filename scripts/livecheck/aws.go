package livecheck

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

// service is an AWS service that is called. The calls are written out here and signed by the SDK: its clients for these
// services would add more to the program than all of this command.
type service struct {
	host     string // before the region
	variable string // of its endpoint, after AWS_ENDPOINT_URL_
	signing  string
}

var (
	apiGateway   = service{"apigateway", "API_GATEWAY", "apigateway"}
	apiGatewayV2 = service{"apigateway", "APIGATEWAYV2", "apigateway"}
	functionAPI  = service{"lambda", "LAMBDA", "lambda"}
	identities   = service{"iam", "IAM", "iam"}
	tokens       = service{"sts", "STS", "sts"}
)

// account calls AWS as whoever runs the command.
type account struct {
	config aws.Config
	id     string // of the account
	arn    string // of the caller
	wait   func(context.Context, time.Duration) error
}

// apiError is a refusal by AWS.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string {
	return cli.Printable(fmt.Sprintf("%d %s: %s", e.status, e.code, e.message))
}

// isGone reports whether what was to be deleted is not there.
func isGone(err error) bool {
	refused := (*apiError)(nil)
	return errors.As(err, &refused) && (refused.status == http.StatusNotFound || refused.code == "NoSuchEntity")
}

// mayPass reports whether the same call may succeed later.
func mayPass(err error) bool {
	refused := (*apiError)(nil)
	return errors.As(err, &refused) && (refused.status == http.StatusTooManyRequests || refused.status >= 500 || refused.code == "Throttling")
}

// customEndpoint returns the endpoint that is configured in place of AWS; empty for AWS itself.
func (a *account) customEndpoint(s service) string {
	return strings.TrimSuffix(cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+s.variable), aws.ToString(a.config.BaseEndpoint)), "/")
}

// partition returns the domain of the region's AWS partition, and the region of its IAM.
func partition(region string) (domain, iamRegion string) {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "amazonaws.com.cn", "cn-north-1"
	case strings.HasPrefix(region, "us-gov-"):
		return "amazonaws.com", "us-gov-west-1"
	}
	return "amazonaws.com", "us-east-1"
}

// endpoint returns the address of a service and the region that a signature names.
func (a *account) endpoint(s service) (address, region string) {
	domain, iamRegion := partition(a.config.Region)
	region = a.config.Region
	host := s.host + "." + region + "." + domain
	if s == identities {
		region = iamRegion
		host = map[string]string{"us-east-1": "iam.amazonaws.com", "us-gov-west-1": "iam.us-gov.amazonaws.com"}[region]
		host = cmp.Or(host, "iam."+region+"."+domain)
	}
	return cmp.Or(a.customEndpoint(s), "https://"+host), region
}

// Waits between the attempts of one call. DeleteRestApi is limited to one call in 30 seconds for an account.
var attempts = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}

// call makes a call with a JSON body, or none, and decodes the JSON response into out unless that is nil. It tries again
// while AWS is busy.
func (a *account) call(ctx context.Context, s service, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	answer, err := a.try(ctx, s, method, path, "application/json", body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// query makes a call of the query protocol, which IAM and STS speak, and decodes the XML response.
func (a *account) query(ctx context.Context, s service, version string, parameters url.Values, out any) error {
	parameters.Set("Version", version)
	answer, err := a.try(ctx, s, http.MethodPost, "/", "application/x-www-form-urlencoded", []byte(parameters.Encode()))
	if err != nil || out == nil {
		return err
	}
	return xml.Unmarshal(answer, out)
}

func (a *account) try(ctx context.Context, s service, method, path, contentType string, body []byte) ([]byte, error) {
	for attempt := 0; ; attempt++ {
		answer, err := a.send(ctx, s, method, path, contentType, body)
		if err == nil || !mayPass(err) || attempt == len(attempts) {
			return answer, err
		}
		if waited := a.wait(ctx, attempts[attempt]); waited != nil {
			return nil, errors.Join(err, waited)
		}
	}
}

// maxResponse bounds a response of AWS, in bytes.
const maxResponse = 8 << 20

// callTimeout bounds one attempt.
const callTimeout = 30 * time.Second

var awsClient = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (a *account) send(ctx context.Context, s service, method, path, contentType string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	base, region := a.endpoint(s)
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept", "application/json")
	credentials, err := a.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), s.signing, region, time.Now()); err != nil {
		return nil, err
	}
	resp, err := awsClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, refusal(resp, answer)
	}
	return answer, nil
}

// refusal reads an error of AWS, in JSON or XML.
func refusal(resp *http.Response, body []byte) error {
	e := &apiError{status: resp.StatusCode}
	e.code, _, _ = strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
	var fields struct {
		Message string `json:"message"` // in either case
		Type    string `json:"__type"`
	}
	var document struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if json.Unmarshal(body, &fields) == nil {
		e.code, e.message = cmp.Or(e.code, fields.Type), fields.Message
	} else if xml.Unmarshal(body, &document) == nil {
		e.code, e.message = cmp.Or(e.code, document.Code), document.Message
	}
	e.code = cmp.Or(e.code, http.StatusText(e.status))
	return e
}

// identify asks whose account this is.
func (a *account) identify(ctx context.Context) error {
	var answer struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
		ARN     string `xml:"GetCallerIdentityResult>Arn"`
	}
	if err := a.query(ctx, tokens, "2011-06-15", url.Values{"Action": {"GetCallerIdentity"}}, &answer); err != nil {
		return fmt.Errorf("asking AWS who calls: %w", err)
	}
	if answer.Account == "" {
		return errors.New("asking AWS who calls: the response names no account")
	}
	a.id, a.arn = answer.Account, answer.ARN
	return nil
}
