package revocation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// Table is a client for the revocation table. It implements the two DynamoDB operations that it needs and uses the SDK only to
// sign them: initializing the SDK's DynamoDB client package takes a millisecond of every cold start at full speed and most of a
// megabyte, even without a table.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
type Table struct {
	name, endpoint string
	credentials    aws.CredentialsProvider
	kept           *http.Transport // keeps connections; for the first attempt
	fresh          *http.Transport // opens a connection for each call; for further attempts
	region         string
	signer         *v4.Signer
}

// Config configures a Table. Name, Region and Credentials are required.
type Config struct {
	Name        string
	Region      string
	Endpoint    string // of DynamoDB; if empty, that of the region
	Credentials aws.CredentialsProvider
}

const (
	attempts        = 3
	attemptTimeout  = 550 * time.Millisecond // so that all attempts and pauses take less than two seconds
	firstPause      = 25 * time.Millisecond  // before the second attempt, twice as long before the third; plus or minus half
	maxResponse     = 64 << 10               // bytes
	contentTypeJSON = "application/x-amz-json-1.0"
)

// New returns a client for a table.
func New(c Config) *Table {
	t := &Table{
		name: c.Name, endpoint: strings.TrimSuffix(c.Endpoint, "/"), credentials: c.Credentials,
		kept: newTransport(false), fresh: newTransport(true), region: c.Region, signer: v4.NewSigner(),
	}
	if t.endpoint == "" {
		t.endpoint = "https://dynamodb." + c.Region + "." + dnsSuffix(c.Region)
	}
	return t
}

// FromEnvironment returns a client for the table, with the region and credentials that Lambda sets in the environment. The credentials
// are valid for the life of the process. AWS_ENDPOINT_URL_DYNAMODB sets another endpoint, for tests.
func FromEnvironment(name string, getenv func(string) string) *Table {
	credentials := aws.Credentials{
		AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    getenv("AWS_SESSION_TOKEN"),
	}
	return New(Config{
		Name: name, Region: getenv("AWS_REGION"), Endpoint: getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
	})
}

// IsTableName reports whether s has the form of a table's name.
func IsTableName(s string) bool { return tableNameChars.AllWithin(s, 3, 255) }

var tableNameChars = ascii.Alphanumeric.With("_.-")

// newTransport returns a transport, which unlike a client does not follow redirects.
func newTransport(newConnections bool) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute, DisableKeepAlives: newConnections, DisableCompression: true,
	}
}

// dnsSuffix returns the domain of the region's partition.
// https://docs.aws.amazon.com/general/latest/gr/ddb.html
func dnsSuffix(region string) string {
	for prefix, suffix := range map[string]string{
		"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov",
		"us-isof-": "csp.hci.ic.gov", "eu-isoe-": "cloud.adc-e.uk", "eusc-": "amazonaws.eu",
	} {
		if strings.HasPrefix(region, prefix) {
			return suffix
		}
	}
	return "amazonaws.com"
}

// key is the primary key of an entry in DynamoDB's JSON.
type key struct {
	ID struct{ S string } `json:"id"`
}

func keyOf(id string) (k key) {
	k.ID.S = id
	return k
}

// Revoked reports whether an entry of the table revokes the token. It reads consistently, so entries apply as soon as they
// are written. With an error the token must not be accepted.
func (t *Table) Revoked(ctx context.Context, token Token) (bool, error) {
	pending := token.entryIDs()
	revoked := false
	err := t.retry(ctx, func(ctx context.Context, transport *http.Transport) (again bool, err error) {
		entries, unprocessed, again, err := t.batchGet(ctx, transport, pending)
		if err != nil {
			return again, err
		}
		for _, e := range entries {
			revoked = revoked || e.revokes(token)
		}
		if pending = unprocessed; len(pending) > 0 {
			return true, errUnprocessed
		}
		return false, nil
	})
	return err == nil && revoked, err
}

// errUnprocessed reports that DynamoDB left keys of a batch unread, as it does under load.
var errUnprocessed = errors.New("DynamoDB did not process every key")

// batchGet makes one attempt to read entries. On an error, again reports whether another attempt may succeed.
func (t *Table) batchGet(ctx context.Context, transport *http.Transport, ids []string) (entries []Entry, unprocessed []string, again bool, err error) {
	w := strictjson.Writer{Out: make([]byte, 0, 512)}
	w.Raw(`{"RequestItems":{`)
	w.String(t.name)
	w.Raw(`:{"Keys":[`)
	for i, id := range ids {
		w.Comma(i)
		w.Raw(`{"id":{"S":`)
		w.String(id)
		w.Raw(`}}`)
	}
	w.Raw(`],"ConsistentRead":true}}}`)
	if w.Err != nil {
		return nil, nil, false, w.Err
	}
	body, again, err := t.do(ctx, transport, "BatchGetItem", w.Out)
	if err != nil {
		return nil, nil, again, err
	}
	entries, unprocessed, err = readBatch(body, t.name, ids)
	return entries, unprocessed, false, err
}

// Put writes an entry. It never weakens an existing entry, because it only increases its times. So the order of writes does not matter,
// and Put is idempotent.
func (t *Table) Put(ctx context.Context, e Entry) error {
	// not_before first: without it, a user's entry would revoke too much.
	if !e.NotBefore.IsZero() {
		if err := t.raise(ctx, e.ID, "not_before", e.NotBefore); err != nil {
			return err
		}
	}
	return t.raise(ctx, e.ID, "expires_at", e.ExpiresAt)
}

// conditionFailed is DynamoDB's error type for a failed condition.
const conditionFailed = "ConditionalCheckFailedException"

// raise sets an attribute of an item to a time unless it has a later one.
func (t *Table) raise(ctx context.Context, id, attribute string, to time.Time) error {
	type number struct{ N string }
	call, err := json.Marshal(map[string]any{
		"TableName": t.name, "Key": keyOf(id),
		"UpdateExpression":          "SET #a = :v",
		"ConditionExpression":       "attribute_not_exists(#a) OR #a < :v",
		"ExpressionAttributeNames":  map[string]string{"#a": attribute},
		"ExpressionAttributeValues": map[string]number{":v": {strconv.FormatInt(to.Unix(), 10)}},
	})
	if err != nil {
		return err
	}
	err = t.retry(ctx, func(ctx context.Context, transport *http.Transport) (bool, error) {
		_, again, err := t.do(ctx, transport, "UpdateItem", call)
		return again, err
	})
	var answered *Error
	if errors.As(err, &answered) && answered.Type == conditionFailed {
		return nil
	}
	return err
}

// retry makes attempts until one succeeds, none is left, or the error is permanent. Each attempt has its own timeout.
func (t *Table) retry(ctx context.Context, attempt func(context.Context, *http.Transport) (again bool, err error)) error {
	transport := t.kept
	for n := 1; ; n++ {
		attemptCtx, cancel := context.WithTimeout(ctx, attemptTimeout)
		again, err := attempt(attemptCtx, transport)
		cancel()
		if err == nil || !again || n == attempts || ctx.Err() != nil {
			return err
		}
		// A kept connection may have died while the function was frozen: do not reuse it.
		t.kept.CloseIdleConnections()
		transport = t.fresh
		pause := firstPause << (n - 1)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// Error is an error response of DynamoDB.
type Error struct {
	Status int
	Type   string // such as ResourceNotFoundException; empty if the response has none
}

func (e *Error) Error() string { return fmt.Sprintf("DynamoDB answered %d %s", e.Status, e.Type) }

// throttled lists the errors after which a call may be retried.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
var throttled = map[string]bool{
	"ProvisionedThroughputExceededException": true, "RequestLimitExceeded": true, "ThrottlingException": true,
}

// do makes one call and returns the body of a response with status 200.
func (t *Table) do(ctx context.Context, transport *http.Transport, operation string, call []byte) (body []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint+"/", bytes.NewReader(call))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", contentTypeJSON)
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	credentials, err := t.credentials.Retrieve(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("AWS credentials: %w", err)
	}
	digest := sha256.Sum256(call)
	if err := t.signer.SignHTTP(ctx, credentials, req, hex.EncodeToString(digest[:]), "dynamodb", t.region, time.Now()); err != nil {
		return nil, false, err
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, true, fmt.Errorf("call %s: %w", t.endpoint, err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxResponse))
	if err != nil {
		return nil, true, err
	}
	if res.StatusCode != http.StatusOK {
		answered := &Error{res.StatusCode, errorType(body)}
		return nil, res.StatusCode >= 500 || throttled[answered.Type], answered
	}
	return body, false, nil
}
