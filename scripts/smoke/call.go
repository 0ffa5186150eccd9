package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// caller makes the calls, one after the other.
type caller struct {
	base     string // without a slash at the end
	origin   string
	client   *http.Client
	patience time.Duration // after which progress is printed
	counts   bool          // print how many are done, because nothing else is printed until the end
	progress io.Writer
}

// result is the result of a check. Its status is 0 if there was no response.
type result struct {
	check
	status  int
	headers http.Header
	took    time.Duration
	err     error
}

func newCaller(opts Command, c console) (caller, error) {
	base, err := checkURL(opts.URL)
	if err != nil {
		return caller{}, err
	}
	if o, err := url.Parse(opts.Origin); opts.Origin != "" && (err != nil || o.Host == "" || opts.Origin != o.Scheme+"://"+o.Host) {
		return caller{}, fmt.Errorf("--origin %q is not an origin: want one such as https://app.example.com, without a path", opts.Origin)
	}
	if opts.Timeout <= 0 {
		return caller{}, fmt.Errorf("--timeout %v: want more than none, such as 10s", opts.Timeout)
	}
	return caller{base: base, origin: opts.Origin, patience: c.patience, counts: opts.JSON, progress: c.err, client: &http.Client{
		Timeout: opts.Timeout,
		// The response itself is checked, not that of a redirect. And a token must not go to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// checkURL refuses an address to which tokens would be sent without TLS.
func checkURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("--url %q is not the address of an API: want one such as https://abc123.execute-api.eu-west-1.amazonaws.com/prod", raw)
	}
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return "", fmt.Errorf("--url %q: tokens are sent only over https, or over http to this machine", raw)
	}
	return strings.TrimSuffix(raw, "/"), nil
}

// all makes the checks in order, passes each result on and returns how many it made. It stops at the first without a
// response, because the others would wait for one, too.
func (c caller) all(ctx context.Context, checks []check, each func(result)) (made int) {
	told := time.Now()
	for _, check := range checks {
		r := c.one(ctx, check)
		if ctx.Err() != nil {
			break // the result comes from the interruption
		}
		each(r)
		made++
		if r.err != nil {
			break
		}
		if c.counts && time.Since(told) >= c.patience {
			fmt.Fprintf(c.progress, "%d of %d checks made\n", made, len(checks))
			told = time.Now()
		}
	}
	return made
}

func (c caller) one(ctx context.Context, check check) result {
	r := result{check: check}
	req, err := http.NewRequestWithContext(ctx, check.method, c.base+check.path, nil)
	if err != nil {
		r.err = err
		return r
	}
	if raw := check.token.Reveal(); raw != "" {
		req.Header.Set("Authorization", "Bearer "+raw)
	}
	if c.origin != "" {
		req.Header.Set("Origin", c.origin)
	}
	if check.expected == preflight {
		req.Header.Set("Access-Control-Request-Method", http.MethodGet)
		req.Header.Set("Access-Control-Request-Headers", "authorization")
	}
	waiting := time.AfterFunc(c.patience, func() {
		fmt.Fprintf(c.progress, "still waiting for %s %s as %s\n", check.method, check.route, check.caller)
	})
	defer waiting.Stop()
	began := time.Now()
	resp, err := c.client.Do(req)
	r.took = time.Since(began)
	if err != nil {
		var failed *url.Error // its text repeats the address
		if errors.As(err, &failed) {
			err = failed.Err
		}
		r.err = err
		return r
	}
	defer resp.Body.Close()
	r.status, r.headers = resp.StatusCode, resp.Header
	return r
}
