package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// integrate responds to a proxy event. Without a command it returns the event.
func integrate(event json.RawMessage) (any, error) {
	var e struct {
		Query map[string]string `json:"queryStringParameters"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	switch word := e.Query["do"]; word {
	case "":
		return map[string]any{"statusCode": 200, "headers": map[string]any{"Content-Type": "application/json"}, "body": string(event)}, nil
	case "empty":
		return map[string]any{}, nil
	case "nocontent":
		return map[string]any{"statusCode": 204}, nil
	case "headers":
		return map[string]any{
			"statusCode": "201",
			"headers":    map[string]any{"X-One": "1", "X-Number": 7, "X-Yes": true, "x-both": "single", "Content-Length": "1000000", "Server": "probe", "WWW-Authenticate": "Basic", "Date": "today", "Connection": "close"},
			"multiValueHeaders": map[string]any{
				"Set-Cookie": []string{"a=1", "b=2"}, "X-Both": []string{"multi"},
			},
			"body": "made",
		}, nil
	case "injection":
		return map[string]any{"statusCode": 200, "headers": map[string]any{"X-One": "1\r\nX-Two: 2", "bad name": "x"}}, nil
	case "unknownfield":
		return map[string]any{"statusCode": 200, "status": 200}, nil
	case "text":
		return "hello", nil
	case "nil":
		return nil, nil
	case "objectbody":
		return map[string]any{"statusCode": 200, "body": map[string]any{"a": 1}}, nil
	case "badstatus":
		return map[string]any{"statusCode": 42}, nil
	case "wordstatus":
		return map[string]any{"statusCode": "OK"}, nil
	case "nestedheader":
		return map[string]any{"statusCode": 200, "headers": map[string]any{"X": []string{"a"}}}, nil
	case "base64":
		return map[string]any{"statusCode": 200, "isBase64Encoded": true, "body": "aGVsbG8="}, nil
	case "fail":
		return nil, errors.New("the directory is down")
	case "panic":
		panic("boom")
	case "exit":
		os.Exit(1)
	case "slow":
		time.Sleep(time.Hour)
	default:
		return nil, fmt.Errorf("the probe does not know the word %q", word)
	}
	return nil, nil
}
