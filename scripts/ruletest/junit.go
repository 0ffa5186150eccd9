package ruletest

import (
	"encoding/xml"
	"fmt"
	"os"
	"time"
)

// The elements that pipelines read, https://github.com/testmoapp/junitxml.
type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"` // seconds
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
}

func writeJUnit(path, rules string, results []result, took time.Duration) error {
	suite := junitSuite{Name: rules, Tests: len(results), Time: fmt.Sprintf("%.3f", took.Seconds())}
	for _, r := range results {
		c := junitCase{Class: r.Caller, Name: r.Route + " " + r.Expected, File: rules, Line: r.Line}
		if !r.OK {
			suite.Failures++
			c.Failure = &junitFailure{fmt.Sprintf("expected %s, actual %s: %s", r.Expected, r.Actual, r.Reason)}
		}
		suite.Cases = append(suite.Cases, c)
	}
	document, err := xml.MarshalIndent(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append([]byte(xml.Header), append(document, '\n')...), 0o644)
}
