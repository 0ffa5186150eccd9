package applytest

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// alarm is an alarm of CloudWatch.
type alarm struct {
	Name              string      `xml:"AlarmName"`
	Description       string      `xml:"AlarmDescription"`
	Namespace         string      `xml:"Namespace"`
	Metric            string      `xml:"MetricName"`
	Dimensions        []dimension `xml:"Dimensions>member"`
	Statistic         string      `xml:"Statistic"`
	ExtendedStatistic string      `xml:"ExtendedStatistic"` // a percentile, instead of Statistic
	PeriodSeconds     int         `xml:"Period"`
	EvaluationPeriods int         `xml:"EvaluationPeriods"`
	DatapointsToAlarm int         `xml:"DatapointsToAlarm"` // 0: all of EvaluationPeriods
	Comparison        string      `xml:"ComparisonOperator"`
	Threshold         float64     `xml:"Threshold"`
	MissingData       string      `xml:"TreatMissingData"`
	Actions           []string    `xml:"AlarmActions>member"`
	Metrics           []struct {  // of an alarm on an expression
		ID         string      `xml:"Id"`
		Expression string      `xml:"Expression"`
		Metric     string      `xml:"MetricStat>Metric>MetricName"`
		Dimensions []dimension `xml:"MetricStat>Metric>Dimensions>member"`
	} `xml:"Metrics>member"`
}

type dimension struct{ Name, Value string }

func (c *cloud) alarms(t *testing.T, region string) []alarm {
	t.Helper()
	var result struct {
		Alarms []alarm `xml:"DescribeAlarmsResult>MetricAlarms>member"`
	}
	c.callCloudWatch(t, region, "DescribeAlarms", &result)
	return result.Alarms
}

func (c *cloud) dashboards(t *testing.T, region string) []string {
	t.Helper()
	var result struct {
		Names []string `xml:"ListDashboardsResult>DashboardEntries>member>DashboardName"`
	}
	c.callCloudWatch(t, region, "ListDashboards", &result)
	return result.Names
}

// callCloudWatch uses CloudWatch's query protocol. The SDK uses CBOR, which moto does not support.
func (c *cloud) callCloudWatch(t *testing.T, region, action string, result any) {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-08-01"}}
	c.callXMLIn(t, region, "monitoring", http.MethodPost, "/", form.Encode(), result)
}

func (c *cloud) buckets(t *testing.T) []string {
	t.Helper()
	var result struct {
		Names []string `xml:"Buckets>Bucket>Name"`
	}
	c.callXML(t, "s3", http.MethodGet, "/", "", &result)
	return result.Names
}

func (c *cloud) distributions(t *testing.T) []string {
	t.Helper()
	var result struct {
		IDs []string `xml:"Items>DistributionSummary>Id"`
	}
	c.callXML(t, "cloudfront", http.MethodGet, "/2020-05-31/distribution", "", &result)
	return result.IDs
}

// distribution is the part of a CloudFront distribution that is checked.
type distribution struct {
	Domain         string   `xml:"DomainName"`
	Origins        []string `xml:"DistributionConfig>Origins>Items>Origin>DomainName"`
	Paths          []string `xml:"DistributionConfig>CacheBehaviors>Items>CacheBehavior>PathPattern"`
	ErrorResponses int      `xml:"DistributionConfig>CustomErrorResponses>Quantity"`
}

func (c *cloud) distribution(t *testing.T, id string) (d distribution) {
	t.Helper()
	c.callXML(t, "cloudfront", http.MethodGet, "/2020-05-31/distribution/"+id, "", &d)
	return d
}

// callXML sends one request to a service that responds in XML.
func (c *cloud) callXML(t *testing.T, service, method, path, form string, result any) {
	t.Helper()
	c.callXMLIn(t, region, service, method, path, form, result)
}

func (c *cloud) callXMLIn(t *testing.T, region, service, method, path, form string, result any) {
	t.Helper()
	content, _ := c.sendTo(t, region, service, method, path, form)
	if err := xml.Unmarshal(content, result); err != nil {
		t.Fatalf("%s %s: %v", service, path, err)
	}
}

// send sends one request.
func (c *cloud) send(t *testing.T, service, method, path, form string) ([]byte, http.Header) {
	t.Helper()
	return c.sendTo(t, region, service, method, path, form)
}

// sendTo sends one request to a region. moto reads region and service from the signature, but does not verify it.
func (c *cloud) sendTo(t *testing.T, region, service, method, path, form string) ([]byte, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261122/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=none")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s (%v)", service, path, response.Status, err)
	}
	return content, response.Header
}
