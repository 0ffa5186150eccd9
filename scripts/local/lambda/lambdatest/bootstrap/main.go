// The probe is a Lambda function that executes the command in its event. It serves tests of the Lambda host and of the gateway, and uses
// the same runtime library as the real functions.
//
// There are three types of events: {"do": command} for tests of the host (host.go), authorizer events with the command as the token
// (authorizer.go), and proxy events with do=command in the query string (integration.go).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "wait" { // started by the command spawn
		fmt.Println(wait(context.Background(), os.Args[2]))
		return
	}
	switch how := os.Getenv("PROBE_INIT"); how {
	case "report": // reports an init error, as runtimes should
		post(context.Background(), "/runtime/init/error", `{"errorType":"Probe.Init","errorMessage":"a setting is missing"}`)
		os.Exit(1)
	case "exit":
		fmt.Fprintln(os.Stderr, "a setting is missing")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, event json.RawMessage) (any, error) {
	var kind struct {
		Do             string          `json:"do"`
		Type           string          `json:"type"`
		RequestContext json.RawMessage `json:"requestContext"`
	}
	if err := json.Unmarshal(event, &kind); err != nil {
		return nil, err
	}
	switch {
	case kind.Do != "":
		return host(ctx, kind.Do, event)
	case kind.Type == "TOKEN" || kind.Type == "REQUEST":
		return authorize(event)
	}
	return integrate(event)
}

// wait sends a request to the test, which may delay the response, and returns the response.
func wait(ctx context.Context, url string) string {
	_, body := call(ctx, http.MethodGet, url, "")
	return body
}

// post calls the Runtime API directly, without the runtime library, and returns the status.
func post(ctx context.Context, path, body string) int {
	status, _ := call(ctx, http.MethodPost, runtimeAPI()+path, body)
	return status
}

func runtimeAPI() string { return "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01" }

// call sends one request. A status of 0 means that there was no response; body then has the reason.
func call(ctx context.Context, method, url, body string) (status int, answer string) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(content)
}
