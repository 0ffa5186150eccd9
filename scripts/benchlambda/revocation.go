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

// bareRead returns the settings with which the empty handler reads the same three entries as the authorizer, for the person and
// the client of newEvents.
func bareRead(table *faketable.Server, memory int, issuer, clientID string) map[string]string {
	return asDeployed(memory, map[string]string{"TABLE_URL": table.URL() + "/", "TABLE_CALL": fmt.Sprintf(
		`{"RequestItems":{%q:{"Keys":[{"id":{"S":"session#%s"}},{"id":{"S":"user#%s#%s"}},{"id":{"S":"client#%[3]s#%[5]s"}}],"ConsistentRead":true}}}`,
		revocationsTable, session, issuer, subject, clientID,
	)})
}

// undisturbed is the percentile of the round trips that are compared: other load on the machine only makes some longer, and adds
// up over the further process that a read involves.
const undisturbed = 10

// printRevocation prints what the authorizer adds to the table's own latency, which is what one HTTP request adds to the empty
// handler with the settings of the authorizer.
func printRevocation(out io.Writer, nop, reading, without, with *target) {
	trip, base := percentile(with.trips, undisturbed), percentile(without.trips, undisturbed)
	own := percentile(reading.trips, undisturbed) - percentile(nop.trips, undisturbed)
	fmt.Fprintf(out, "\nA round trip with a revocation table takes %.0f µs (p%d), of which the table's own latency is %.0f µs. The rest is %.2f × the %.0f µs without a table (at most %.2f).\n",
		us(trip), undisturbed, us(own), ratio(trip-own, base), us(base), mostWithTable)
}
