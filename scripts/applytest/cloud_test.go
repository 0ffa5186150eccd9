package applytest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const region = "eu-west-1"

// cloud is a moto server behind a proxy that implements what moto lacks, and stores what moto does not return: the document
// that API Gateway imported, and the code of functions.
type cloud struct {
	URL  string // of the proxy: what Terraform, the SDK and the functions call
	moto *url.URL

	cloudFront     cloudFront
	bucketPolicies bucketPolicies
	savedQueries   savedQueries

	mu       sync.Mutex
	imported []byte
	fixed    map[string]json.RawMessage // settings of the deployed pool that Cognito does not let anybody change
	code     map[string][]byte          // zips by their SHA-256 in base64, Lambda's CodeSha256
}

var listening = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// serve runs moto until its standard input is closed, so that it stops with this process, however that stops.
const serve = `moto_server -H 127.0.0.1 -p 0 & server=$!; exec 2>/dev/null; cat >/dev/null; kill $server; wait $server`

// startCloud starts a cloud that stops with the test.
func startCloud(t *testing.T) *cloud {
	t.Helper()
	cmd := exec.Command("sh", "-c", serve)
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1", "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
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
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
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
		t.Fatal("moto_server ended before it listened: run moto_server by hand to see why")
	}
	moto, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{
		moto: moto, code: map[string][]byte{}, fixed: map[string]json.RawMessage{},
		cloudFront:     cloudFront{functions: map[string]edgeFunction{}, policies: map[string]string{}},
		bucketPolicies: bucketPolicies{all: map[string]string{}},
		savedQueries:   savedQueries{saved: map[string]savedQuery{}},
	}
	front := httptest.NewServer(c)
	t.Cleanup(front.Close)
	c.URL = front.URL
	return c
}

// ServeHTTP forwards to moto what fillGap does not serve.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.fillGap(w, r) {
		return
	}
	pass := httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(c.moto)
		r.Out.Host = r.In.Host // tells moto the service if there is no signature
	}}
	pass.ServeHTTP(w, r)
}

// fillGap implements or changes the requests that moto does not support. It reports whether it served the request.
func (c *cloud) fillGap(w http.ResponseWriter, r *http.Request) bool {
	if c.cloudFront.serve(w, r) || c.bucketPolicies.serve(w, r) || c.savedQueries.serve(w, r) {
		return true
	}
	switch {
	// moto cannot delete a resource server. It is deleted with its pool.
	case r.Header.Get("X-Amz-Target") == "AWSCognitoIdentityProviderService.DeleteResourceServer":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, "{}")
		return true

	// On an update, moto drops the settings of a pool that cannot change.
	case r.Header.Get("X-Amz-Target") == "AWSCognitoIdentityProviderService.CreateUserPool":
		return rewrite(w, r, c.keepPool)
	case r.Header.Get("X-Amz-Target") == "AWSCognitoIdentityProviderService.UpdateUserPool":
		return rewrite(w, r, c.completePool)

	case r.Method == http.MethodPut && importPath.MatchString(r.URL.Path):
		return rewrite(w, r, func(document []byte) []byte {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.imported = document
			return importable(document)
		})

	// moto returns an unreachable address for a function's code.
	case r.Method == http.MethodPost && functionsPath.MatchString(r.URL.Path), r.Method == http.MethodPut && codePath.MatchString(r.URL.Path):
		return rewrite(w, r, func(body []byte) []byte {
			c.keepCode(body)
			return body
		})
	}
	return false
}

var (
	importPath    = regexp.MustCompile(`^/restapis/[^/]+$`)
	functionsPath = regexp.MustCompile(`^/[0-9-]+/functions/?$`)
	codePath      = regexp.MustCompile(`^/[0-9-]+/functions/[^/]+/code$`)
)

// rewrite replaces the body of a request for moto. It serves an error if the body cannot be read.
func rewrite(w http.ResponseWriter, r *http.Request, to func([]byte) []byte) (answered bool) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return true
	}
	body = to(body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return false
}

// keepPool stores the settings of a new pool that cannot change. Only the deployed pool has any.
func (c *cloud) keepPool(call []byte) []byte {
	var settings map[string]json.RawMessage
	if json.Unmarshal(call, &settings) != nil {
		return call // moto refuses it
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []string{"AliasAttributes", "Schema", "UsernameAttributes", "UsernameConfiguration"} {
		if value, set := settings[name]; set {
			c.fixed[name] = value
		}
	}
	return call
}

// completePool adds those settings to an update.
func (c *cloud) completePool(call []byte) []byte {
	var settings map[string]json.RawMessage
	if json.Unmarshal(call, &settings) != nil {
		return call
	}
	c.mu.Lock()
	maps.Copy(settings, c.fixed)
	c.mu.Unlock()
	completed, err := json.Marshal(settings)
	if err != nil {
		return call
	}
	return completed
}

// keepCode stores the zip of a call that creates a function (Code.ZipFile) or changes its code (ZipFile).
func (c *cloud) keepCode(body []byte) {
	var call struct {
		ZipFile []byte
		Code    struct{ ZipFile []byte }
	}
	if json.Unmarshal(body, &call) != nil {
		return // moto refuses it
	}
	zip := append(call.ZipFile, call.Code.ZipFile...)
	sum := sha256.Sum256(zip)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.code[base64.StdEncoding.EncodeToString(sum[:])] = zip
}

// importable adapts an OpenAPI document to moto's importer, which fails on a mock integration without address and method,
// unlike API Gateway. It leaves an invalid document for moto to refuse.
func importable(document []byte) []byte {
	var api map[string]any
	if json.Unmarshal(document, &api) != nil {
		return document
	}
	paths, _ := api["paths"].(map[string]any)
	for _, item := range paths {
		operations, _ := item.(map[string]any)
		for _, operation := range operations {
			fields, _ := operation.(map[string]any)
			integration, _ := fields["x-amazon-apigateway-integration"].(map[string]any)
			if integration["type"] == "mock" {
				integration["uri"], integration["httpMethod"] = "", "OPTIONS"
			}
		}
	}
	adapted, err := json.Marshal(api)
	if err != nil {
		return document
	}
	return adapted
}

// codeOf returns the zip with that CodeSha256.
func (c *cloud) codeOf(sha256 string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	zip, ok := c.code[sha256]
	return zip, ok
}

// document returns the document that API Gateway imported last.
func (c *cloud) document() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.imported
}

// config returns a configuration for SDK clients. moto accepts any credentials.
func (c *cloud) config() aws.Config { return c.configIn(region) }

func (c *cloud) configIn(region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(c.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}
