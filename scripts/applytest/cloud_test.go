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

// cloud is a moto server of its own, and in front of it a proxy that makes up for what moto has not, and keeps what moto
// takes and does not give back: the document that API Gateway was given to import, and the code of functions.
type cloud struct {
	URL  string // of the proxy: what Terraform, the SDK and the functions call
	moto *url.URL

	cloudFront     cloudFront
	bucketPolicies bucketPolicies
	savedQueries   savedQueries

	mu       sync.Mutex
	imported []byte
	fixed    map[string]json.RawMessage // settings of the deployed pool that Cognito lets nobody change
	code     map[string][]byte          // zips by their SHA-256 in base64, as Lambda tells it
}

var listening = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// serve runs moto until its standard input ends, so that it ends with this process in whatever way that ends.
const serve = `moto_server -H 127.0.0.1 -p 0 & server=$!; exec 2>/dev/null; cat >/dev/null; kill $server; wait $server`

// startCloud starts one that ends with the test.
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

// ServeHTTP passes everything on to moto but for what fillGap answers or changes.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.fillGap(w, r) {
		return
	}
	pass := httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(c.moto)
		r.Out.Host = r.In.Host // tells moto which service is meant, where no signature does
	}}
	pass.ServeHTTP(w, r)
}

// fillGap makes up for what moto does not do, so that the rest of the deployment can be seen. It reports whether it
// has answered the request itself.
func (c *cloud) fillGap(w http.ResponseWriter, r *http.Request) bool {
	if c.cloudFront.answer(w, r) || c.bucketPolicies.answer(w, r) || c.savedQueries.answer(w, r) {
		return true
	}
	switch {
	// moto cannot delete a resource server. It goes with its pool, so nothing is left behind.
	case r.Header.Get("X-Amz-Target") == "AWSCognitoIdentityProviderService.DeleteResourceServer":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, "{}")
		return true

	// moto forgets on an update what a pool was created with and cannot change.
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

	// The address that moto names for a function's code leads nowhere.
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

// rewrite puts another body into a request, which then goes on to moto. A body that cannot be read is answered here.
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

// keepPool keeps the settings of a new pool that never change. Only the deployed pool has any.
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

// keepCode keeps the zip of a call that makes a function (Code.ZipFile) or changes its code (ZipFile).
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

// importable adapts an OpenAPI document to moto's importer, which fails on a mock integration that names no address
// and no method, as real ones do not. Text that is no document is left to moto to refuse.
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

// codeOf returns the zip of that checksum, which Lambda was given.
func (c *cloud) codeOf(sha256 string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	zip, ok := c.code[sha256]
	return zip, ok
}

// document is what API Gateway was last given to import.
func (c *cloud) document() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.imported
}

// config is for clients of the SDK. moto takes any credentials.
func (c *cloud) config() aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(c.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}
