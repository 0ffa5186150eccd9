package main

import (
	"io"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// metrics writes CloudWatch's embedded metric format, so metrics need no API call. The namespace is CognitoAuthorizer, as in
// Terraform's alarms and dashboard.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
//
// Dimensions have few values: no subject, client or route is among them, since every distinct value is billed as a metric
// of its own.
type metrics struct {
	function string

	mu   sync.Mutex // guards what follows: a fetch of keys may end during a request
	out  io.Writer
	line []byte // buffer, reused for every line
	cold bool   // no decision has been reported yet
}

func newMetrics(function string, out io.Writer) *metrics {
	return &metrics{function: function, out: out, cold: true}
}

// decided reports one decision: its outcome, its duration and the age of the keys.
func (m *metrics) decided(d decision, took, keyAge time.Duration, keyAgeKnown bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	faults, coldStarts := int64(0), int64(0)
	if d.outcome == outcomeError {
		faults = 1
	}
	if m.cold {
		m.cold, coldStarts = false, 1
	}
	w := strictjson.Writer{Out: m.line[:0]}
	w.Raw(`{"_aws":{"Timestamp":`)
	w.Int(now.UnixMilli())
	w.Raw(`,"CloudWatchMetrics":[` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function","Outcome","Reason"]],"Metrics":[{"Name":"Decisions","Unit":"Count"}]},` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function"]],"Metrics":[{"Name":"Faults","Unit":"Count"},` +
		`{"Name":"ColdStarts","Unit":"Count"},{"Name":"Duration","Unit":"Milliseconds"}`)
	if keyAgeKnown {
		w.Raw(`,{"Name":"KeyAge","Unit":"Seconds"}`)
	}
	w.Raw(`]}]},"Function":`)
	w.String(m.function)
	w.Raw(`,"Outcome":`)
	w.String(string(d.outcome))
	w.Raw(`,"Reason":`)
	w.String(d.reason)
	w.Raw(`,"Decisions":1,"Faults":`)
	w.Int(faults)
	w.Raw(`,"ColdStarts":`)
	w.Int(coldStarts)
	w.Raw(`,"Duration":`)
	w.Decimal(took.Seconds() * 1000)
	if keyAgeKnown {
		w.Raw(`,"KeyAge":`)
		w.Int(int64(keyAge.Seconds()))
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
	w := strictjson.Writer{Out: m.line[:0]}
	w.Raw(`{"_aws":{"Timestamp":`)
	w.Int(now.UnixMilli())
	w.Raw(`,"CloudWatchMetrics":[` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function","Result"]],"Metrics":[{"Name":"KeyFetches","Unit":"Count"}]},` +
		`{"Namespace":"CognitoAuthorizer","Dimensions":[["Function"]],"Metrics":[{"Name":"KeyFetchFailures","Unit":"Count"}]}]},"Function":`)
	w.String(m.function)
	w.Raw(`,"Result":`)
	w.String(result)
	w.Raw(`,"KeyFetches":1,"KeyFetchFailures":`)
	w.Int(failures)
	m.write(&w)
}

// write ends the line and keeps its buffer. A failed write must not fail the request.
func (m *metrics) write(w *strictjson.Writer) {
	w.Raw("}\n")
	m.line = w.Out
	_, _ = m.out.Write(w.Out)
}
