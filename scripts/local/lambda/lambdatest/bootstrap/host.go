package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// host executes the commands for tests of the Lambda host.
func host(ctx context.Context, do string, event json.RawMessage) (any, error) {
	var e struct {
		Text string `json:"text"`
		URL  string `json:"url"`
		Size int    `json:"size"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	lc, _ := lambdacontext.FromContext(ctx)
	answer := "/runtime/invocation/" + lc.AwsRequestID
	switch do {
	case "echo":
		return e.Text, nil
	case "pid":
		return os.Getpid(), nil
	case "environment":
		return os.Environ(), nil
	case "context":
		deadline, _ := ctx.Deadline()
		trace, _ := ctx.Value("x-amzn-trace-id").(string)
		return map[string]any{"requestId": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "deadline": deadline, "left": time.Until(deadline), "trace": trace}, nil
	case "files":
		dir, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		modes := map[string]string{}
		for _, name := range []string{"bootstrap", "data/table.json"} {
			info, err := os.Stat(name)
			if err != nil {
				return nil, err
			}
			modes[name] = info.Mode().String()
		}
		return map[string]any{"dir": dir, "modes": modes}, nil
	case "print":
		for i := range 200 {
			fmt.Printf("%s out %d\n", e.Text, i)
			fmt.Fprintf(os.Stderr, "%s err %d\n", e.Text, i)
		}
		fmt.Print("no end of line")
		return nil, nil
	case "fail":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Size)
	case "size":
		return strings.Repeat("x", e.Size-2), nil // plus two quotes
	case "hang":
		time.Sleep(time.Hour)
	case "wait":
		return map[string]any{"said": wait(ctx, e.URL), "pid": os.Getpid()}, nil
	case "spawn": // a child process that does not end by itself
		return nil, exec.CommandContext(context.WithoutCancel(ctx), os.Args[0], "wait", e.URL).Start()
	case "answer twice":
		first := post(ctx, answer+"/response", `"first"`)
		second := post(ctx, answer+"/response", `"second"`)
		fmt.Println("answers", first, second)
		return nil, nil
	case "answer another":
		return post(ctx, "/runtime/invocation/00000000-0000-4000-8000-000000000000/response", `"forged"`), nil
	case "ask early":
		status, _ := call(ctx, http.MethodGet, runtimeAPI()+"/runtime/invocation/next", "")
		return status, nil
	case "late init error":
		return post(ctx, "/runtime/init/error", `{}`), nil
	case "text as error":
		post(ctx, answer+"/error", `not JSON`)
		os.Exit(1)
	}
	return nil, fmt.Errorf("the probe does not know the word %q", do)
}
