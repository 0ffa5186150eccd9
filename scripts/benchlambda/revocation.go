package main

import (
	"fmt"
	"io"
	"maps"

	"github.com/cognito-authorizer/cognito-authorizer/shared/revocation/faketable"
)

const revocationsTable = "revocations"

// mostWithTable bounds a warm round trip with a revocation table, beside the table's own latency, relative to one without.
const mostWithTable = 1.15

// startTable starts a revocation table without entries.
func startTable() (*faketable.Server, error) {
	return faketable.Start(faketable.Options{Table: revocationsTable})
}

// withTable returns the settings of an authorizer with the table added.
func withTable(table *faketable.Server, settings map[string]string) map[string]string {
	with := maps.Clone(settings)
	maps.Copy(with, map[string]string{
		"REVOCATIONS_TABLE": revocationsTable, "AWS_ENDPOINT_URL_DYNAMODB": table.URL(), "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	})
	return with
}

// withRead returns the settings with which the reader makes the call that an authorizer with these settings makes, for the person of
// newEvents.
func withRead(endpoint string, settings map[string]string) map[string]string {
	with := maps.Clone(settings)
	maps.Copy(with, map[string]string{"TABLE_URL": endpoint + "/", "TABLE_CALL": fmt.Sprintf(
		`{"RequestItems":{%q:{"Keys":[{"id":{"S":"session#%s"}},{"id":{"S":"user#%s#%s"}},{"id":{"S":"client#%[3]s#%[5]s"}}],"ConsistentRead":true}}}`,
		revocationsTable, session, settings["ISSUERS"], subject, settings["CLIENT_IDS"],
	)})
	return with
}

// printRevocation prints what the authorizer adds to the table's own latency, which is what a bare request adds to a function that
// verifies tokens.
func printRevocation(out io.Writer, verifying, reading, without, with *target) {
	trip, base := typical(with.trips), typical(without.trips)
	own := typical(reading.trips) - typical(verifying.trips)
	fmt.Fprintf(out, "\nA round trip with a revocation table takes %.0f µs (mean of the fastest 95 %%), of which the table's own latency is %.0f µs. The rest is %.2f × the %.0f µs without a table (at most %.2f).\n",
		us(trip), us(own), ratio(trip-own, base), us(base), mostWithTable)
}
