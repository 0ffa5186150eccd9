package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda"
)

// managementEndpoint is the variable from which the AWS SDKs take the endpoint of the management API.
const managementEndpoint = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"

// webSocketEcho is a function behind a WebSocket API that replies to each message with what it was told. As a backend should, it
// closes a connection whose token has expired as soon as there is a message.
type webSocketEcho struct {
	endpoint string // of the management API
	now      func() time.Time
}

func newWebSocketEcho(endpoint string) webSocketEcho { return webSocketEcho{endpoint, time.Now} }

// Invoke handles an event of $connect, $default or $disconnect.
func (e webSocketEcho) Invoke(ctx context.Context, event []byte) (lambda.Result, error) {
	var in struct {
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		Context struct {
			EventType    string         `json:"eventType"`
			ConnectionID string         `json:"connectionId"`
			Authorizer   map[string]any `json:"authorizer"`
		} `json:"requestContext"`
	}
	if err := json.Unmarshal(event, &in); err != nil {
		return lambda.Result{}, err
	}
	answer := map[string]any{"statusCode": http.StatusOK}
	switch in.Context.EventType {
	case "CONNECT":
		if chosen := bearerProtocol(in.Headers); chosen != "" {
			answer["headers"] = map[string]string{"Sec-WebSocket-Protocol": chosen}
		}
	case "MESSAGE":
		if e.expired(in.Context.Authorizer) {
			if err := e.close(ctx, in.Context.ConnectionID); err != nil {
				return lambda.Result{}, err
			}
			break
		}
		delete(in.Context.Authorizer, "integrationLatency")
		body, err := json.Marshal(map[string]any{"message": in.Body, "caller": in.Context.Authorizer})
		if err != nil {
			return lambda.Result{}, err
		}
		answer["body"] = string(body)
	}
	payload, err := json.Marshal(answer)
	return lambda.Result{Payload: payload}, err
}

// expired reports whether the caller's token has expired. Callers without a token have none that could.
func (e webSocketEcho) expired(authorizer map[string]any) bool {
	text, ok := authorizer["expiresAt"].(string)
	if !ok {
		return false
	}
	end, err := time.Parse(time.RFC3339, text)
	return err != nil || !e.now().Before(end)
}

// close closes a connection by the management API, signed as AWS requires it.
func (e webSocketEcho) close(ctx context.Context, id string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, e.endpoint+"/@connections/"+url.PathEscape(id), http.NoBody)
	if err != nil {
		return err
	}
	const emptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // its SHA-256
	credentials := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, emptyBody, "execute-api", "eu-west-1", e.now()); err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // it is empty
	if resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusGone {
		return fmt.Errorf("the management API answered %d", resp.StatusCode)
	}
	return nil
}

// bearerProtocol returns the sub-protocol before the token, as the client spelled it; empty if it offered none. Without an
// reply to its sub-protocols a browser closes the connection.
func bearerProtocol(headers map[string]string) string {
	for name, value := range headers {
		if !strings.EqualFold(name, "Sec-WebSocket-Protocol") {
			continue
		}
		for protocol := range strings.SplitSeq(value, ",") {
			if protocol = strings.TrimSpace(protocol); strings.EqualFold(protocol, "bearer") {
				return protocol
			}
		}
	}
	return ""
}
