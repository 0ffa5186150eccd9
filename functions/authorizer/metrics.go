package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// metrics writes the embedded metric format, from which CloudWatch Logs makes metrics without an API call, in
// the namespace CognitoAuthorizer that Terraform's alarms and dashboard name, too.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
//
// Dimensions are few and closed: no subject, client or route is among them, since every distinct value is a
// metric that is paid for.
type metrics struct {
	function string

	mu   sync.Mutex // guards the rest: a fetch of keys may end beside a request
	out  io.Writer
	line []byte // used again for every line
	cold bool   // no decision was reported yet
}

func newMetrics(function string, out io.Writer) *metrics {
	return &metrics{function: function, out: out, cold: true}
}

// The two kinds of line. What is put in is a number, or a word that needs no escape in JSON: the name of the
// function, an outcome, a reason.
const (
	decisionLine = `{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function","Outcome","Reason"]],"Metrics":[{"Name":"Decisions","Unit":"Count"}]},` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function"]],"Metrics":[{"Name":"Faults","Unit":"Count"},` +
		`{"Name":"ColdStarts","Unit":"Count"},{"Name":"Duration","Unit":"Milliseconds"}%s]}]},` +
		`"Function":"%s","Outcome":"%s","Reason":"%s","Decisions":1,"Faults":%d,"ColdStarts":%d,"Duration":%.3f`
	keyAgeMetric = `,{"Name":"KeyAge","Unit":"Seconds"}`

	fetchLine = `{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function","Result"]],"Metrics":[{"Name":"KeyFetches","Unit":"Count"}]},` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function"]],"Metrics":[{"Name":"KeyFetchFailures","Unit":"Count"}]}]},` +
		`"Function":"%s","Result":"%s","KeyFetches":1,"KeyFetchFailures":%d}` + "\n"
)

// decided reports one decision: how it came out, how long it took, and how old the keys were.
func (m *metrics) decided(d decision, took, keyAge time.Duration, keyAgeKnown bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	faults, coldStarts, more := 0, 0, ""
	if d.outcome == outcomeFault {
		faults = 1
	}
	if m.cold {
		m.cold, coldStarts = false, 1
	}
	if keyAgeKnown {
		more = keyAgeMetric
	}
	m.line = fmt.Appendf(m.line[:0], decisionLine, now.UnixMilli(), more, m.function, d.outcome, d.reason,
		faults, coldStarts, float64(took.Nanoseconds())/1e6)
	if keyAgeKnown {
		m.line = fmt.Appendf(m.line, `,"KeyAge":%.0f`, keyAge.Seconds())
	}
	m.write(append(m.line, "}\n"...))
}

// fetched reports one fetch of a key set.
func (m *metrics) fetched(failed bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	result, failures := "ok", 0
	if failed {
		result, failures = "failed", 1
	}
	m.write(fmt.Appendf(m.line[:0], fetchLine, now.UnixMilli(), m.function, result, failures))
}

// write keeps the line's memory. A log stream that is gone is no reason to fail a request.
func (m *metrics) write(line []byte) {
	m.line = line
	_, _ = m.out.Write(line)
}
