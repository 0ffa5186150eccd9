package main

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
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// table is a DynamoDB table, of which one thing is asked: whether it has an item. The SDK's client for DynamoDB
// does the same, and its package variables alone take a millisecond of every cold start, at full speed and
// with no table configured, and most of a megabyte. So the SDK signs, and the one call is written out here.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
type table struct {
	name, region, endpoint string
	credentials            func() aws.Credentials
	kept                   *http.Client // with kept connections, for the first attempt
	fresh                  *http.Client // with a new connection for each call, for the others
	signer                 *v4.Signer
}

const (
	attempts        = 3
	attemptTimeout  = 550 * time.Millisecond // so that all attempts fit into lookUpTimeout
	firstPause      = 25 * time.Millisecond  // before the second attempt; twice that before the third
	maxTableAnswer  = 64 << 10
	contentTypeJSON = "application/x-amz-json-1.0"
)

// newTable uses what Lambda puts into the environment: the region and the credentials of the function's role,
// which last for as long as the process. AWS_ENDPOINT_URL_DYNAMODB names another place, for tests.
func newTable(name string, getenv func(string) string) *table {
	t := &table{
		name: name, region: getenv("AWS_REGION"), endpoint: getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		credentials: func() aws.Credentials {
			return aws.Credentials{
				AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    getenv("AWS_SESSION_TOKEN"),
			}
		},
		kept:   newTableClient(false),
		fresh:  newTableClient(true),
		signer: v4.NewSigner(),
	}
	if t.endpoint == "" {
		t.endpoint = "https://dynamodb." + t.region + "." + dnsSuffix(t.region)
	}
	return t
}

// newTableClient makes a client that follows no redirect.
func newTableClient(newConnections bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute, DisableKeepAlives: newConnections,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dnsSuffix is the domain of the partition that the region is in.
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

// has reports whether the table has an item whose key has this value. It reads consistently: an item that was written a
// moment ago is there.
func (t *table) has(ctx context.Context, value string) (bool, error) {
	call, err := json.Marshal(map[string]any{
		"TableName": t.name, "Key": map[string]any{sessionKey: map[string]string{"S": value}},
		"ConsistentRead": true, "ProjectionExpression": sessionKey,
	})
	if err != nil {
		return false, err
	}
	for attempt := 1; ; attempt++ {
		client := t.kept
		if attempt > 1 {
			client = t.fresh
		}
		found, again, err := t.getItem(ctx, client, call)
		if err == nil || !again || attempt == attempts {
			return found, err
		}
		// A kept connection may have gone silent while the function was frozen: do not use it again.
		t.kept.CloseIdleConnections()
		pause := firstPause << (attempt - 1)
		select {
		case <-ctx.Done():
			return false, err
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// getItem makes one attempt. On an error, again reports whether another may do better.
func (t *table) getItem(parent context.Context, client *http.Client, call []byte) (found, again bool, err error) {
	ctx, cancel := context.WithTimeout(parent, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint+"/", bytes.NewReader(call))
	if err != nil {
		return false, false, err
	}
	req.Header.Set("Content-Type", contentTypeJSON)
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	digest := sha256.Sum256(call)
	if err := t.signer.SignHTTP(ctx, t.credentials(), req, hex.EncodeToString(digest[:]), "dynamodb", t.region, time.Now()); err != nil {
		return false, false, err
	}
	res, err := client.Do(req)
	if err != nil {
		return false, parent.Err() == nil, err // such as a connection that ended while the function was frozen
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxTableAnswer))
	if err != nil {
		return false, parent.Err() == nil, err
	}
	if res.StatusCode != http.StatusOK {
		kind := errorType(body)
		return false, res.StatusCode >= 500 || throttled[kind], fmt.Errorf("DynamoDB answered %d %s", res.StatusCode, kind)
	}
	found, err = hasItem(body)
	return found, false, err
}

// throttled are the errors that ask for patience.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
var throttled = map[string]bool{
	"ProvisionedThroughputExceededException": true, "RequestLimitExceeded": true, "ThrottlingException": true,
}

var errTableAnswer = errors.New("DynamoDB's answer makes no sense")

// hasItem reads the answer. What is not an answer is an error, lest an ended session be taken for one that goes on.
func hasItem(body []byte) (found bool, err error) {
	r := reader{data: body}
	r.object()
	for name, more := r.member(); more; name, more = r.member() {
		found = found || string(name) == "Item"
		r.skip()
	}
	if !r.end() {
		return false, errTableAnswer
	}
	return found, nil
}

// errorType is the name of an error of DynamoDB's, or empty.
func errorType(body []byte) (kind string) {
	r := reader{data: body}
	r.object()
	for name, more := r.member(); more; name, more = r.member() {
		if string(name) == "__type" {
			r.text(&kind)
		} else {
			r.skip()
		}
	}
	return kind[strings.LastIndexByte(kind, '#')+1:]
}
