package contract

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrRefused reports that no table can be compiled from a document. Every [*Error] is one.
var ErrRefused = errors.New("contract refused")

// Severity is the severity of a finding.
type Severity string

// Severities.
const (
	SeverityError   Severity = "error"   // the document is refused
	SeverityWarning Severity = "warning" // it compiles, but something is narrower or weaker than it seems
	SeverityNote    Severity = "note"    // something is done elsewhere, or left out
)

// Finding is one error, warning or note about a document. The same finding for several routes is reported once, with all routes.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // stable, for programs: "no-security"
	File     string   `json:"file"`
	Line     int      `json:"line,omitzero"`   // the first one; absent: the file as a whole
	Column   int      `json:"column,omitzero"` // in bytes
	Count    int      `json:"count"`           // how often it was found
	Routes   []string `json:"routes,omitempty"`
	Lines    []int    `json:"lines,omitempty"` // where each of Routes stands
	Message  string   `json:"message"`
	WayOut   string   `json:"way_out,omitempty"`

	cause error
}

// namedRoutes is the number of routes that the text of a finding names before it only counts the rest.
const namedRoutes = 3

// String returns the finding on one line: position, routes, message and advice.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		b.WriteString(":" + strconv.Itoa(f.Line))
		if f.Column > 0 {
			b.WriteString(":" + strconv.Itoa(f.Column))
		}
	}
	b.WriteString(": ")
	if n := len(f.Routes); n > 0 {
		b.WriteString(strings.Join(f.Routes[:min(n, namedRoutes)], ", "))
		if n > namedRoutes {
			fmt.Fprintf(&b, " and %d more", n-namedRoutes)
		}
		b.WriteString(": ")
	}
	b.WriteString(f.Message)
	if len(f.Routes) == 0 && f.Count > 1 {
		fmt.Fprintf(&b, " (%d times)", f.Count)
	}
	if f.WayOut != "" {
		b.WriteString(". " + f.WayOut)
	}
	return b.String()
}

// Error reports that a document is refused. It holds all findings, warnings and notes included, in the order of their lines.
type Error struct {
	Findings []Finding
}

// Error returns the errors among the findings, one per line.
func (e *Error) Error() string {
	var lines []string
	for _, f := range e.Findings {
		if f.Severity == SeverityError {
			lines = append(lines, f.String())
		}
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns [ErrRefused] and the errors of other packages that were the cause of a finding.
func (e *Error) Unwrap() []error {
	all := []error{ErrRefused}
	for _, f := range e.Findings {
		if f.cause != nil {
			all = append(all, f.cause)
		}
	}
	return all
}

// found is a finding that is still being collected.
type found struct {
	Finding
	first position
}

func (c *compiler) report(s Severity, code string, at position, route, message, wayOut string, cause error) {
	key := string(s) + "\n" + code + "\n" + message + "\n" + wayOut
	f := c.byKey[key]
	if f == nil {
		f = &found{Finding: Finding{Severity: s, Code: code, Message: message, WayOut: wayOut, cause: cause}, first: at}
		c.byKey[key] = f
		c.found = append(c.found, f)
	}
	f.Count++
	if comparePositions(at, f.first) < 0 {
		f.first = at
	}
	if route != "" && !slices.Contains(f.Routes[max(0, len(f.Routes)-1):], route) {
		f.Routes = append(f.Routes, route)
		f.Lines = append(f.Lines, at.line)
	}
}

func (c *compiler) refuse(code string, at position, route, message, wayOut string) {
	c.refused = true
	c.report(SeverityError, code, at, route, message, wayOut, nil)
}

func (c *compiler) refuseFor(code string, at position, route string, cause error, wayOut string) {
	c.refused = true
	c.report(SeverityError, code, at, route, cause.Error(), wayOut, cause)
}

func (c *compiler) warn(code string, at position, route, message, wayOut string) {
	c.report(SeverityWarning, code, at, route, message, wayOut, nil)
}

func (c *compiler) note(code string, at position, route, message, wayOut string) {
	c.report(SeverityNote, code, at, route, message, wayOut, nil)
}

// findings returns all that was found, in the order of files and lines.
func (c *compiler) findings() []Finding {
	slices.SortStableFunc(c.found, func(a, b *found) int { return comparePositions(a.first, b.first) })
	all := make([]Finding, len(c.found))
	for i, f := range c.found {
		f.File, f.Line, f.Column = cmp.Or(f.first.file, c.file), f.first.line, f.first.column
		all[i] = f.Finding
	}
	return all
}

func comparePositions(a, b position) int {
	return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
}

// short quotes a string of the document for a message, at most 64 bytes of it.
func short(s string) string {
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	return strconv.Quote(s)
}
