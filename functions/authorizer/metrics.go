package main

import (
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

// decided reports one decision: how it came out, how long it took, and how old the keys were.
func (m *metrics) decided(d decision, took, keyAge time.Duration, keyAgeKnown bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	faults, coldStarts := int64(0), int64(0)
	if d.outcome == outcomeFault {
		faults = 1
	}
	if m.cold {
		m.cold, coldStarts = false, 1
	}
	w := writer{out: m.line[:0]}
	w.raw(`{"_aws":{"Timestamp":`)
	w.integer(now.UnixMilli())
	w.raw(`,"CloudWatchMetrics":[` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function","Outcome","Reason"]],"Metrics":[{"Name":"Decisions","Unit":"Count"}]},` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function"]],"Metrics":[{"Name":"Faults","Unit":"Count"},` +
		`{"Name":"ColdStarts","Unit":"Count"},{"Name":"Duration","Unit":"Milliseconds"}`)
	if keyAgeKnown {
		w.raw(`,{"Name":"KeyAge","Unit":"Seconds"}`)
	}
	w.raw(`]}]},"Function":`)
	w.text(m.function)
	w.raw(`,"Outcome":`)
	w.text(string(d.outcome))
	w.raw(`,"Reason":`)
	w.text(d.reason)
	w.raw(`,"Decisions":1,"Faults":`)
	w.integer(faults)
	w.raw(`,"ColdStarts":`)
	w.integer(coldStarts)
	w.raw(`,"Duration":`)
	w.decimal(took.Seconds() * 1000)
	if keyAgeKnown {
		w.raw(`,"KeyAge":`)
		w.integer(int64(keyAge.Seconds()))
	}
	m.write(&w)
}

// fetched reports one fetch of a key set.
func (m *metrics) fetched(failed bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	result, failures := "ok", int64(0)
	if failed {
		result, failures = "failed", 1
	}
	w := writer{out: m.line[:0]}
	w.raw(`{"_aws":{"Timestamp":`)
	w.integer(now.UnixMilli())
	w.raw(`,"CloudWatchMetrics":[` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function","Result"]],"Metrics":[{"Name":"KeyFetches","Unit":"Count"}]},` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function"]],"Metrics":[{"Name":"KeyFetchFailures","Unit":"Count"}]}]},"Function":`)
	w.text(m.function)
	w.raw(`,"Result":`)
	w.text(result)
	w.raw(`,"KeyFetches":1,"KeyFetchFailures":`)
	w.integer(failures)
	m.write(&w)
}

// write ends the line and keeps its memory. A log stream that is gone is no reason to fail a request.
func (m *metrics) write(w *writer) {
	w.raw("}\n")
	m.line = w.out
	_, _ = m.out.Write(w.out)
}
