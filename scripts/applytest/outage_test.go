package applytest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// outages are the columns of the table of alarms in docs/runbook.md, in this order.
var outages = []struct {
	name        string
	keys, table bool // what cannot be reached
	warm        bool // all calls reach a function that has been running since before the outage
	status      int  // of a call of a guarded route meanwhile
}{
	{name: "keys unreachable, cached", keys: true, warm: true, status: http.StatusOK},
	{name: "keys unreachable, new instances", keys: true, status: http.StatusInternalServerError},
	{name: "revocation table down", table: true, status: http.StatusInternalServerError},
}

// checkOutages calls the deployed API before, during and after each outage, and evaluates the deployed alarms over the metrics
// that this produces: those that the authorizer logs, and API Gateway's count of responses from 500 on. docs/runbook.md must
// name the alarms that go off, and each alarm must link to a section of that page.
//
// The clock is simulated: what happens at once here counts as five minutes. The local gateway plays API Gateway and counts as
// it does; nothing here throttles, so the alarms on throttles have no data.
func checkOutages(t *testing.T, c *cloud, outputs map[string]string) {
	site := newOutageSite(t, c, outputs)
	page, sections := runbookPage(t)
	alarms := c.alarms(t, region)
	for _, alarm := range alarms {
		if _, section, _ := strings.Cut(alarm.Description, "/docs/runbook.md#"); !slices.Contains(sections, section) {
			t.Errorf("%s links to no section of the runbook: %q", alarm.Name, alarm.Description)
		}
	}
	documented := alarmTable(t, page)
	for column, outage := range outages {
		var warm *lambda.Function
		var warmLog *safeLog
		if outage.warm {
			warm, warmLog = site.newAuthorizer(t)
		}
		var periods [][]datum
		const during = 3
		for period := range 1 + during + 1 {
			down := period > 0 && period <= during
			site.keys.down.Store(down && outage.keys)
			site.tableDown.Store(down && outage.table)
			authorizer, log := warm, warmLog
			if authorizer == nil {
				authorizer, log = site.newAuthorizer(t)
			}
			want := http.StatusOK
			if down {
				want = outage.status
			}
			periods = append(periods, site.period(t, authorizer, log, want))
		}
		result := fmt.Sprintf("%s:\n%-36s %-40s %s\n", outage.name, "alarm", "metric", "state before, after 5, 10 and 15 minutes, and 5 minutes after the outage")
		for _, alarm := range alarms {
			cell, states := "–", ""
			for period := range periods {
				state := "ok"
				if alarm.goesOff(t, periods[:period+1]) {
					state = "ALARM"
					if cell == "–" {
						cell = fmt.Sprintf("%d min", 5*period)
					}
				}
				states += fmt.Sprintf(" %-5s", state)
			}
			result += fmt.Sprintf("%-36s %-40s%s\n", alarm.Name, alarm.Namespace+" "+alarm.Metric, states)
			name := strings.TrimPrefix(alarm.Name, "applytest-")
			switch row := documented[name]; {
			case strings.HasSuffix(states, "ALARM "):
				t.Errorf("%s: %s stays after the outage", outage.name, name)
			case strings.HasSuffix(name, "-latency"): // measures this machine
			case len(row) != len(outages) || row[column] != cell:
				t.Errorf("%s: %s: %s, and the table of docs/runbook.md has %q", outage.name, name, cell, row)
			}
		}
		t.Log(result)
	}
}

// alarmTable returns the rows of the table of alarms, by the name of the alarm without that of the system.
func alarmTable(t *testing.T, page string) map[string][]string {
	t.Helper()
	_, section, found := strings.Cut(page, "\n## Which alarms an outage sets off\n")
	if !found {
		t.Fatal("docs/runbook.md has no section about the alarms of an outage")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	rows := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*`) \\|(.*)\\|$").FindAllStringSubmatch(section, -1) {
		cells := strings.Split(row[2], "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for name := range strings.SplitSeq(row[1], ", ") {
			rows[strings.Trim(name, "`")] = cells
		}
	}
	var names []string
	for _, outage := range outages {
		names = append(names, outage.name)
	}
	if header := "| alarm | " + strings.Join(names, " | ") + " |"; !strings.Contains(section, header) {
		t.Fatalf("the table of alarms in docs/runbook.md must have the header %s", header)
	}
	return rows
}

// outageSite is the deployed API, whose keys and revocation table can be made unreachable.
type outageSite struct {
	cloud       *cloud
	environment map[string]string // of the authorizer
	keys        *egressProxy
	tableDown   atomic.Bool
	api         *lambda.Function
	contract    []byte
	dimensions  map[string]string // of API Gateway's metrics
	tokens      []cognito.Token
}

func newOutageSite(t *testing.T, c *cloud, outputs map[string]string) *outageSite {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(outputs["issuer"], "https://"), "/")
	s := &outageSite{cloud: c, keys: newEgressProxy(t, host, c)}
	table := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.tableDown.Load() {
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"down"}`)
			return
		}
		c.ServeHTTP(w, r)
	}))
	t.Cleanup(table.Close)
	s.environment = s.keys.environment()
	s.environment["AWS_ENDPOINT_URL_DYNAMODB"] = table.URL
	s.api, _ = deployed(t, c, "applytest-api", filepath.Join(zips, "api.zip"),
		localCredentials(map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": c.URL, "AWS_ENDPOINT_URL_DYNAMODB": c.URL}))
	var err error
	if s.contract, err = os.ReadFile(filepath.Join(zips, "contract.json")); err != nil {
		t.Fatal(err)
	}
	id, stage := outputs["api_id"], outputs["stage_name"]
	found, err := apigateway.NewFromConfig(c.config()).GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: &id})
	if err != nil {
		t.Fatal(err)
	}
	s.dimensions = map[string]string{"ApiName": *found.Name, "Stage": stage}
	home := pool{api: idp.NewFromConfig(c.config()), id: outputs["user_pool_id"], clientID: outputs["web_client_id"]}
	for _, name := range []string{"first", "second"} {
		home.add(t, name)
		s.tokens = append(s.tokens, home.signIn(t, name, home.clientID).access)
	}
	return s
}

// newAuthorizer starts the deployed authorizer, as Lambda does for a new instance.
func (s *outageSite) newAuthorizer(t *testing.T) (*lambda.Function, *safeLog) {
	t.Helper()
	return deployed(t, s.cloud, "applytest-authorizer", filepath.Join(zips, "authorizer.zip"), localCredentials(s.environment))
}

// period makes the calls of five minutes and returns the metrics that they produce. Results of earlier periods are no longer
// in API Gateway's cache.
func (s *outageSite) period(t *testing.T, authorizer *lambda.Function, log *safeLog, want int) (data []datum) {
	t.Helper()
	before := len(log.String())
	guard := authorizerOf(t, s.cloud.document())
	guard.Function = authorizer
	var mu sync.Mutex
	front, err := gateway.Start(gateway.Options{
		Contract: s.contract, Integration: s.api, Region: region, AllowedOrigins: []string{origin}, Authorizer: guard,
		Observe: func(made gateway.Call) {
			failed := 0.0
			if made.Status >= http.StatusInternalServerError {
				failed = 1
			}
			mu.Lock()
			defer mu.Unlock()
			data = append(data, datum{"AWS/ApiGateway", "5XXError", s.dimensions, failed})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := call(t, front, http.MethodGet, "/health", cognito.Token{}); got != http.StatusOK {
		t.Errorf("a public route: %d, want 200", got)
	}
	for _, token := range s.tokens {
		if got := call(t, front, http.MethodGet, "/me", token); got != want {
			t.Errorf("a guarded route: %d, want %d", got, want)
		}
	}
	if err := front.Close(); err != nil {
		t.Fatal(err)
	}
	made := len(data)
	data = append(data, embeddedMetrics(t, log.String()[before:])...)
	if made == 0 || len(data) == made {
		t.Fatal("the calls produced no metrics")
	}
	return data
}
