package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

const revocationsTable = "revocations"

// mostWithTable bounds a warm round trip with a revocation table, beside the table's own latency, relative to one without.
const mostWithTable = 1.15

// revocations is a revocation table on this machine, which has no entries, and how long it takes to answer.
type revocations struct {
	server *faketable.Server
	client http.Client
	call   string          // the body of a read, of the authorizer's size
	trips  []time.Duration // of bare reads: network, table and client, without signing and without reading the response
}

func newRevocations(issuer, clientID string) (*revocations, error) {
	server, err := faketable.Start(faketable.Options{Table: revocationsTable})
	if err != nil {
		return nil, err
	}
	return &revocations{server: server, call: fmt.Sprintf(
		`{"RequestItems":{%q:{"Keys":[{"id":{"S":"client#%s#%s"}}],"ConsistentRead":true}}}`, revocationsTable, issuer, clientID,
	)}, nil
}

// environment returns settings with the table added.
func (r *revocations) environment(settings map[string]string) map[string]string {
	with := maps.Clone(settings)
	maps.Copy(with, map[string]string{
		"REVOCATIONS_TABLE": revocationsTable, "AWS_ENDPOINT_URL_DYNAMODB": r.server.URL(), "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	})
	return with
}

// read reads the table n times.
func (r *revocations) read(ctx context.Context, n int) error {
	for range n {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.server.URL()+"/", strings.NewReader(r.call))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/") // the table checks no more
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
		start := time.Now()
		res, err := r.client.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		r.trips = append(r.trips, time.Since(start))
		_ = res.Body.Close() // it has been read
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("the table answered %s", res.Status)
		}
	}
	return nil
}

// print prints what the table adds to a warm round trip.
func (r *revocations) print(out io.Writer, without, with *target) {
	trip, base, own := percentile(with.trips, 50), percentile(without.trips, 50), percentile(r.trips, 50)
	fmt.Fprintf(out, "\nWith a revocation table: %.0f µs, of which the table's own latency is %.0f µs. The rest is %.2f × the %.0f µs without a table (at most %.2f).\n",
		us(trip), us(own), ratio(trip-own, base), us(base), mostWithTable)
}
