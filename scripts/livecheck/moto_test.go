package livecheck

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
)

var listening = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// serveMoto runs moto until its standard input ends, so that it ends with this process in whatever way that ends.
const serveMoto = `moto_server -H 127.0.0.1 -p 0 & server=$!; exec 2>/dev/null; cat >/dev/null; kill $server; wait $server`

// cloud is a moto server with a proxy in front, which can fail a call, or interrupt the run after it.
type cloud struct {
	url string // of the proxy

	mu       sync.Mutex
	creating int            // calls that create something, so far
	fail     map[int]int    // status with which the nth of them is refused
	after    map[int]func() // called once the nth of them has been answered
	busy     int            // so many calls are answered with 429 first
	keep     bool           // no REST API may be deleted
	blind    bool           // functions may not be listed
}

// startMoto starts one for a test and its subtests.
func startMoto(t *testing.T) *cloud {
	t.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil {
		if os.Getenv("APPLYTEST") != "" {
			t.Fatal("moto_server is not installed: make install-moto")
		}
		t.Skip("moto_server is not installed, so nothing was created: make install-moto")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", serveMoto)
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found, ended := make(chan string, 1), make(chan struct{})
	go func() { // and reads on, so that moto never waits for a reader
		defer close(ended)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if at := listening.FindStringSubmatch(lines.Text()); at != nil {
				found <- at[1]
				break
			}
		}
		close(found)
		_, _ = io.Copy(io.Discard, stderr)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-ended
		_ = cmd.Wait()
	})
	address, ok := <-found
	if !ok {
		t.Fatal("moto_server ended before it listened")
	}
	moto, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{}
	pass := httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(moto)
		r.Out.Host = r.In.Host
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, &pass) }))
	t.Cleanup(front.Close)
	c.url = front.URL
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": front.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	return c
}

func (c *cloud) serve(w http.ResponseWriter, r *http.Request, moto http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	creates := r.Method == http.MethodPut || r.Method == http.MethodPost &&
		(r.URL.Path != "/" || strings.Contains(string(body), "Action=CreateRole"))
	c.mu.Lock()
	status, after := 0, func() {}
	switch {
	case c.busy > 0:
		c.busy--
		status = http.StatusTooManyRequests
	case c.keep && r.Method == http.MethodDelete && strings.HasPrefix(r.URL.Path, "/restapis/"),
		c.blind && r.Method == http.MethodGet && r.URL.Path == functionsPath:
		status = http.StatusForbidden
	case creates:
		c.creating++
		status = c.fail[c.creating]
		if f := c.after[c.creating]; f != nil {
			after = f
		}
	}
	c.mu.Unlock()
	if status != 0 {
		w.Header().Set("X-Amzn-Errortype", "TestException")
		http.Error(w, `{"message":"refused by the test"}`, status)
		return
	}
	moto.ServeHTTP(w, r)
	after()
}

// plan sets what happens to the calls of the next run.
func (c *cloud) plan(fail map[int]int, after map[int]func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.creating, c.fail, c.after = 0, fail, after
}

// run runs the command without waiting.
func run(ctx context.Context, t *testing.T, l *Command) (out, stderr string, err error) {
	t.Helper()
	var stdout, notes strings.Builder
	l.Yes, l.Runtime = true, "python3.13"
	l.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	err = l.Run(ctx, cli.Console{In: os.Stdin, Out: &stdout, Err: &notes})
	return stdout.String(), notes.String(), err
}

// exists lists what there is in the account.
func exists(t *testing.T) []resource {
	t.Helper()
	a, err := (&Command{}).account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := a.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEverythingIsCreatedAndRemoved(t *testing.T) {
	c := startMoto(t)
	var there []resource
	c.plan(nil, nil)
	total := 0
	t.Run("a run from beginning to end", func(t *testing.T) {
		out, notes, err := run(t.Context(), t, &Command{JSON: true, urls: func(*stack) (string, string) {
			there = exists(t)
			return "http://127.0.0.1:1", "http://127.0.0.1:1"
		}})
		if err == nil || !strings.Contains(err.Error(), "not every question") {
			t.Errorf("%v\n%s", err, notes)
		}
		kinds := map[string]int{}
		for _, r := range there {
			kinds[r.Kind]++
		}
		if len(there) != 4 || len(kinds) != 4 {
			t.Errorf("there were %v", there)
		}
		var report struct {
			Account string
			Answers []Answer
			Left    []resource
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || report.Account != "123456789012" || len(report.Answers) < 20 || report.Left == nil || len(report.Left) != 0 {
			t.Errorf("%v %s", err, out)
		}
		for _, want := range []string{"account 123456789012, region eu-west-1", "0.01 USD", "removing: role", "creating: REST API"} {
			if !strings.Contains(notes, want) {
				t.Errorf("%q was not written", want)
			}
		}
		total = c.creating
	})
	t.Run("an endpoint that is not AWS has no answers, and says so", func(t *testing.T) {
		out, _, err := run(t.Context(), t, &Command{JSON: true})
		if err == nil || !strings.Contains(out, c.url+" is configured instead of AWS") || strings.Contains(out, `"answer":"yes"`) {
			t.Errorf("%v %s", err, out)
		}
	})
	if total < 10 {
		t.Fatalf("only %d calls create something", total)
	}
	for n := 1; n <= total; n++ {
		t.Run(fmt.Sprintf("a failure of call %d", n), func(t *testing.T) {
			c.plan(map[int]int{n: http.StatusBadRequest}, nil)
			if _, notes, err := run(t.Context(), t, &Command{}); err == nil || !strings.Contains(err.Error(), "refused by the test") {
				t.Errorf("%v\n%s", err, notes)
			}
			if left := exists(t); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
		t.Run(fmt.Sprintf("an interrupt during call %d", n), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c.plan(nil, map[int]func(){n: cancel})
			_, notes, err := run(ctx, t, &Command{})
			if !errors.Is(err, context.Canceled) || !strings.Contains(notes, "interrupted: removing") {
				t.Errorf("%v\n%s", err, notes)
			}
			if left := exists(t); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
	t.Run("while the questions are asked", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.plan(nil, nil)
		_, _, err := run(ctx, t, &Command{urls: func(*stack) (string, string) {
			cancel()
			return "http://127.0.0.1:1", "http://127.0.0.1:1"
		}})
		if !errors.Is(err, context.Canceled) || len(exists(t)) > 0 {
			t.Errorf("%v", err)
		}
	})
	t.Run("a removal that is refused is reported, and --cleanup makes up for it", func(t *testing.T) {
		c.plan(nil, nil)
		c.mu.Lock()
		c.keep = true
		c.mu.Unlock()
		out, notes, err := run(t.Context(), t, &Command{})
		if err == nil || !strings.Contains(err.Error(), "removing the REST API") || !strings.Contains(out, "LEFT  REST API") || strings.Contains(notes, "Nothing is left") {
			t.Errorf("%v\n%s\n%s", err, out, notes)
		}
		if left := exists(t); len(left) != 1 || left[0].Kind != kindREST {
			t.Errorf("left: %v", left)
		}
		c.mu.Lock()
		c.keep = false
		c.mu.Unlock()
		if _, _, err := run(t.Context(), t, &Command{Cleanup: true}); err != nil || len(exists(t)) > 0 {
			t.Errorf("%v", err)
		}
	})
	t.Run("who may not list functions creates nothing", func(t *testing.T) {
		c.plan(nil, nil)
		c.mu.Lock()
		c.blind = true
		c.mu.Unlock()
		_, _, err := run(t.Context(), t, &Command{})
		c.mu.Lock()
		c.blind = false
		created := c.creating
		c.mu.Unlock()
		if err == nil || !strings.Contains(err.Error(), "nothing was created: listing functions") || created > 0 {
			t.Errorf("%v, %d calls", err, created)
		}
	})
	t.Run("AWS is busy", func(t *testing.T) {
		c.plan(nil, nil)
		c.mu.Lock()
		c.busy = 3
		c.mu.Unlock()
		if _, notes, err := run(t.Context(), t, &Command{}); err == nil || !strings.Contains(err.Error(), "not every question") {
			t.Errorf("%v\n%s", err, notes)
		}
	})
	t.Run("--cleanup removes what a run that was killed has left, and nothing else", func(t *testing.T) {
		c.plan(nil, nil)
		a, err := (&Command{}).account(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.wait = wait
		s := &stack{account: a, run: "0badf00d", secret: "x", runtime: "python3.13"}
		if err := s.create(t.Context(), func(string) {}); err != nil {
			t.Fatal(err)
		}
		other := map[string]any{"name": "orders", "tags": map[string]string{"team": "orders"}}
		if err := a.call(t.Context(), apiGateway, http.MethodPost, "/restapis", other, nil); err != nil {
			t.Fatal(err)
		}
		untagged := map[string]any{"name": prefix + "0badf00d", "protocolType": "HTTP"} // the name alone does not make it ours
		if err := a.call(t.Context(), apiGatewayV2, http.MethodPost, "/v2/apis", untagged, nil); err != nil {
			t.Fatal(err)
		}
		if found := exists(t); len(found) != 4 {
			t.Fatalf("found %v", found)
		}
		if _, notes, err := run(t.Context(), t, &Command{Cleanup: true}); err != nil || !strings.Contains(notes, "Nothing is left") {
			t.Errorf("%v\n%s", err, notes)
		}
		if found := exists(t); len(found) > 0 {
			t.Errorf("left: %v", found)
		}
		var apis struct {
			Items []struct{ Name string } `json:"item"`
		}
		if err := a.call(t.Context(), apiGateway, http.MethodGet, "/restapis", nil, &apis); err != nil || len(apis.Items) != 1 || apis.Items[0].Name != "orders" {
			t.Errorf("%v %v", apis, err)
		}
	})
}

func TestNothingIsCreatedWithoutLeave(t *testing.T) {
	calls := 0
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/ann</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(sts.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": sts.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} {
		t.Setenv(name, value)
	}
	nobody, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	var usage *cli.UsageError
	if err := (&Command{}).Run(t.Context(), cli.Console{In: nobody, Out: io.Discard, Err: io.Discard}); !errors.As(err, &usage) || !strings.Contains(err.Error(), "--yes") || calls > 0 {
		t.Errorf("without a terminal: %v, %d calls", err, calls)
	}
	l := &Command{}
	if err := l.confirm(cli.Console{In: nobody, Err: io.Discard}, "Create it?"); err == nil {
		t.Error("an empty answer was treated as a yes")
	}
}
