package applytest

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// datum is one value of a metric.
type datum struct {
	namespace, metric string
	dimensions        map[string]string
	value             float64
}

// embeddedMetrics returns what CloudWatch extracts from lines in embedded metric format.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func embeddedMetrics(t *testing.T, log string) (all []datum) {
	t.Helper()
	for line := range strings.Lines(log) {
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(line), &members) != nil || members["_aws"] == nil {
			continue
		}
		for _, directive := range decodeInto[struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		}](t, members["_aws"]).CloudWatchMetrics {
			for _, names := range directive.Dimensions {
				dimensions := map[string]string{}
				for _, name := range names {
					dimensions[name] = decodeInto[string](t, members[name])
				}
				for _, metric := range directive.Metrics {
					all = append(all, datum{directive.Namespace, metric.Name, dimensions, decodeInto[float64](t, members[metric.Name])})
				}
			}
		}
	}
	return all
}

// goesOff reports whether the alarm is in the state ALARM at the end of consecutive periods. It supports what the alarms
// of terraform/ use, and fails the test on anything else. It differs from CloudWatch in two ways: where data is missing,
// CloudWatch also looks at earlier periods than the last EvaluationPeriods; and it interpolates percentiles.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
func (a alarm) goesOff(t *testing.T, periods [][]datum) bool {
	t.Helper()
	if a.PeriodSeconds != 300 || a.Comparison != "GreaterThanOrEqualToThreshold" || a.MissingData != "notBreaching" || len(a.Metrics) > 0 {
		t.Fatalf("this test cannot evaluate the alarm %+v", a)
	}
	breaching := 0
	for _, period := range periods[max(0, len(periods)-a.EvaluationPeriods):] {
		if value, found := a.statistic(t, period); found && value >= a.Threshold {
			breaching++
		}
	}
	needed := a.DatapointsToAlarm
	if needed == 0 {
		needed = a.EvaluationPeriods
	}
	return breaching >= needed
}

// statistic returns the alarm's statistic of one period, and false if there is no value.
func (a alarm) statistic(t *testing.T, period []datum) (float64, bool) {
	t.Helper()
	var values []float64
	sum := 0.0
	for _, d := range period {
		if a.measures(d) {
			values = append(values, d.value)
			sum += d.value
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	switch a.Statistic + a.ExtendedStatistic {
	case "Sum":
		return sum, true
	case "Average":
		return sum / float64(len(values)), true
	case "p99":
		slices.Sort(values)
		return values[int(math.Ceil(0.99*float64(len(values))))-1], true
	}
	t.Fatalf("%s: this test cannot compute %s%s", a.Name, a.Statistic, a.ExtendedStatistic)
	return 0, false
}

// measures reports whether the value belongs to the alarm's metric. Metrics with other dimensions are other metrics.
func (a alarm) measures(d datum) bool {
	if d.namespace != a.Namespace || d.metric != a.Metric || len(d.dimensions) != len(a.Dimensions) {
		return false
	}
	return !slices.ContainsFunc(a.Dimensions, func(one dimension) bool {
		value, found := d.dimensions[one.Name]
		return !found || value != one.Value
	})
}

func TestAnAlarmGoesOffAsCloudWatchEvaluatesIt(t *testing.T) {
	t.Parallel()
	f := alarm{
		Namespace: "N", Metric: "M", Dimensions: []dimension{{"Function", "f"}}, Statistic: "Sum", PeriodSeconds: 300,
		EvaluationPeriods: 2, Comparison: "GreaterThanOrEqualToThreshold", Threshold: 1, MissingData: "notBreaching",
	}
	average, either, p99 := f, f, f
	average.Statistic, average.Threshold = "Average", 0.05
	either.DatapointsToAlarm = 1
	p99.Statistic, p99.ExtendedStatistic, p99.Threshold = "", "p99", 99
	values := func(all ...float64) (period []datum) {
		for _, value := range all {
			period = append(period, datum{"N", "M", map[string]string{"Function": "f"}, value})
		}
		return period
	}
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i)
	}
	for _, test := range []struct {
		name    string
		alarm   alarm
		periods [][]datum
		want    bool
	}{
		{"no data", f, [][]datum{nil, nil}, false},
		{"too few periods", f, [][]datum{values(1)}, false},
		{"each period", f, [][]datum{values(0), values(1), values(0, 1)}, true},
		{"over again", f, [][]datum{values(1), values(1), values(0)}, false},
		{"missing data counts as none", f, [][]datum{values(1), nil, values(1)}, false},
		{"one of two", either, [][]datum{values(1), values(0)}, true},
		{"at the threshold", average, [][]datum{values(append(make([]float64, 19), 1)...), values(1)}, true},
		{"below the threshold", average, [][]datum{values(append(make([]float64, 20), 1)...), values(1)}, false},
		{"one of a hundred", p99, [][]datum{values(hundred...), values(hundred...)}, false},
		{"two of a hundred", p99, [][]datum{values(append(hundred[1:], 100)...), values(100)}, true},
		{"another metric", f, [][]datum{{{"N", "L", map[string]string{"Function": "f"}, 1}}, {{"N", "L", map[string]string{"Function": "f"}, 1}}}, false},
		{"another function", f, [][]datum{{{"N", "M", map[string]string{"Function": "g"}, 1}}, {{"N", "M", map[string]string{"Function": "g"}, 1}}}, false},
		{"more dimensions", either, [][]datum{{{"N", "M", map[string]string{"Function": "f", "Reason": "r"}, 1}}}, false},
	} {
		if got := test.alarm.goesOff(t, test.periods); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}

// runbookPage returns docs/runbook.md, and the fragments by which a link names its sections.
func runbookPage(t *testing.T) (page string, sections []string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "docs", "runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, heading := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(content), -1) {
		sections = append(sections, strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-"))
	}
	return string(content), sections
}
