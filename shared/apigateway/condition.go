package apigateway

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// test is one operator and key of a Condition with its values. It holds if the comparison with any of the values does.
type test struct {
	compare func(now, value int64) bool // nil when the key is absent from the call
	negate  bool                        // a "Not" operator: no comparison may hold
	absent  bool                        // the result if the key is absent
	values  []int64                     // seconds since 1970
}

// newTest parses a date or numeric operator on one of the two keys for the current time. An unknown key counts as absent from the call,
// as in IAM: then an operator only holds if it contains "Not" or ends in IfExists. An unknown operator is an error.
func newTest(operator, key string, values []string) (test, error) {
	name, ifExists := strings.CutSuffix(operator, "IfExists")
	kind, relation := "", ""
	for _, k := range []string{"Date", "Numeric"} {
		if r, ok := strings.CutPrefix(name, k); ok {
			kind, relation = k, r
		}
	}
	compare, known := map[string]func(now, value int64) bool{
		"Equals":            func(now, value int64) bool { return now == value },
		"NotEquals":         func(now, value int64) bool { return now == value },
		"LessThan":          func(now, value int64) bool { return now < value },
		"LessThanEquals":    func(now, value int64) bool { return now <= value },
		"GreaterThan":       func(now, value int64) bool { return now > value },
		"GreaterThanEquals": func(now, value int64) bool { return now >= value },
	}[relation]
	if !known {
		return test{}, fmt.Errorf("operator %q is not supported", operator)
	}
	if len(values) == 0 {
		return test{}, fmt.Errorf("%s has no value", operator)
	}
	t := test{negate: relation == "NotEquals"}
	t.absent = t.negate || ifExists
	switch key = strings.ToLower(key); {
	case key == "aws:epochtime", key == "aws:currenttime" && kind == "Date":
		t.compare = compare
	}
	for _, v := range values {
		seconds, err := parseMoment(kind, v)
		if err != nil {
			return test{}, err
		}
		t.values = append(t.values, seconds)
	}
	return t, nil
}

// parseMoment parses an ISO 8601 date or a number of seconds. Numeric operators only accept the number.
func parseMoment(kind, value string) (int64, error) {
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return seconds, nil
	}
	if kind == "Date" {
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return at.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is not a valid value for a %s operator", value, kind)
}

func (t test) holds(now time.Time) bool {
	if t.compare == nil {
		return t.absent
	}
	return t.negate != slices.ContainsFunc(t.values, func(v int64) bool { return t.compare(now.Unix(), v) })
}
