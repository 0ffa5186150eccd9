package smoke

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// report is the result of a run. Its JSON form is for programs; fields may be added, but not removed.
type report struct {
	URL     string   `json:"url"`
	Passed  int      `json:"passed"`
	Failed  int      `json:"failed"`  // with --require-all, skipped ones too
	NotMade int      `json:"notMade"` // because an earlier call got no response
	Checks  []line   `json:"checks"`
	Skipped []string `json:"skipped"` // what could not be checked, in words

	opts   Command
	widths [2]int // of route and caller, in text
}

type line struct {
	Method   string  `json:"method"`
	Route    string  `json:"route"` // as in the contract
	Caller   string  `json:"caller"`
	Own      bool    `json:"own,omitempty"` // the call was for an item of the caller's own
	Expected string  `json:"expected"`
	Got      int     `json:"got"` // status; 0 if there was no response
	Millis   float64 `json:"ms"`
	OK       bool    `json:"ok"`
	Meaning  string  `json:"meaning,omitempty"` // of a failure
}

func newReport(opts Command, skipped []string, planned []check) *report {
	r := &report{URL: opts.URL, Checks: []line{}, Skipped: append([]string{}, skipped...), opts: opts}
	for _, c := range planned {
		r.widths[0] = max(r.widths[0], len(c.name()))
		r.widths[1] = max(r.widths[1], len(c.caller))
	}
	if opts.RequireAll {
		r.Failed = len(skipped)
	}
	return r
}

// add checks a result. In text, its line is printed at once, which also shows progress.
func (r *report) add(result result, w io.Writer) {
	meaning := result.problem(r.opts.Origin)
	l := line{Method: result.method, Route: result.route, Caller: result.caller, Own: result.own, Expected: result.expected.String(), Got: result.status,
		Millis: float64(result.took.Microseconds()) / 1000, OK: meaning == "", Meaning: meaning}
	r.Checks = append(r.Checks, l)
	word := "ok"
	if l.OK {
		r.Passed++
	} else {
		r.Failed++
		word = "FAIL"
	}
	if r.opts.JSON {
		return
	}
	got := strconv.Itoa(l.Got)
	if l.Got == 0 {
		got = "nothing"
	}
	fmt.Fprintf(w, "%-4s  %-*s  as %-*s  expected %-10s  got %-7s  %7.1f ms\n",
		word, r.widths[0], result.name(), r.widths[1], l.Caller, l.Expected, got, l.Millis)
	if !l.OK {
		fmt.Fprintf(w, "      %s\n", l.Meaning)
	}
}

// finish prints the rest of the report.
func (r *report) finish(w io.Writer) error {
	if r.opts.JSON {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	}
	word := "SKIPPED"
	if r.opts.RequireAll {
		word = "FAIL"
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(w, "%s  %s\n", word, s)
	}
	_, err := fmt.Fprintf(w, "%s: %d passed, %d failed, %d skipped, %d not made\n", r.URL, r.Passed, r.Failed, len(r.Skipped), r.NotMade)
	return err
}
