package applytest

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// alarm is an alarm as CloudWatch tells of it.
type alarm struct {
	Name      string   `xml:"AlarmName"`
	Namespace string   `xml:"Namespace"`
	Metric    string   `xml:"MetricName"`
	Actions   []string `xml:"AlarmActions>member"`
}

func (c *cloud) alarms(t *testing.T) []alarm {
	t.Helper()
	var answer struct {
		Alarms []alarm `xml:"DescribeAlarmsResult>MetricAlarms>member"`
	}
	c.askCloudWatch(t, "DescribeAlarms", &answer)
	return answer.Alarms
}

func (c *cloud) dashboards(t *testing.T) []string {
	t.Helper()
	var answer struct {
		Names []string `xml:"ListDashboardsResult>DashboardEntries>member>DashboardName"`
	}
	c.askCloudWatch(t, "ListDashboards", &answer)
	return answer.Names
}

// askCloudWatch speaks CloudWatch's query protocol: the SDK speaks CBOR there, which moto does not understand.
func (c *cloud) askCloudWatch(t *testing.T, action string, answer any) {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-08-01"}}
	c.ask(t, "monitoring", http.MethodPost, "/", form.Encode(), answer)
}

func (c *cloud) buckets(t *testing.T) []string {
	t.Helper()
	var answer struct {
		Names []string `xml:"Buckets>Bucket>Name"`
	}
	c.ask(t, "s3", http.MethodGet, "/", "", &answer)
	return answer.Names
}

func (c *cloud) distributions(t *testing.T) []string {
	t.Helper()
	var answer struct {
		IDs []string `xml:"Items>DistributionSummary>Id"`
	}
	c.ask(t, "cloudfront", http.MethodGet, "/2020-05-31/distribution", "", &answer)
	return answer.IDs
}

// distribution is one of CloudFront, as far as it is looked at.
type distribution struct {
	Domain         string   `xml:"DomainName"`
	Origins        []string `xml:"DistributionConfig>Origins>Items>Origin>DomainName"`
	Paths          []string `xml:"DistributionConfig>CacheBehaviors>Items>CacheBehavior>PathPattern"`
	ErrorResponses int      `xml:"DistributionConfig>CustomErrorResponses>Quantity"`
}

func (c *cloud) distribution(t *testing.T, id string) (d distribution) {
	t.Helper()
	c.ask(t, "cloudfront", http.MethodGet, "/2020-05-31/distribution/"+id, "", &d)
	return d
}

// ask sends one request to a service that answers in XML.
func (c *cloud) ask(t *testing.T, service, method, path, form string, answer any) {
	t.Helper()
	content, _ := c.send(t, service, method, path, form)
	if err := xml.Unmarshal(content, answer); err != nil {
		t.Fatalf("%s %s: %v", service, path, err)
	}
}

// send sends one request. moto looks at the service that a signature names, and not at the signature.
func (c *cloud) send(t *testing.T, service, method, path, form string) ([]byte, http.Header) {
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
