package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// statement is a statement of an IAM policy.
type statement struct {
	Action    string         `json:"Action"`
	Effect    string         `json:"Effect"`
	Resource  any            `json:"Resource"`
	Condition map[string]any `json:"Condition,omitempty"`
}

// unauthorized is the exact error text for which API Gateway responds with 401.
const unauthorized = "Unauthorized"

// authorize responds as an authorizer. The command is the caller's token, after "Bearer ".
func authorize(event json.RawMessage) (any, error) {
	var e struct {
		MethodARN          string            `json:"methodArn"`
		AuthorizationToken string            `json:"authorizationToken"`
		Headers            map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	token := e.AuthorizationToken
	for name, value := range e.Headers {
		if strings.EqualFold(name, "authorization") {
			token = value
		}
	}
	_, word, _ := strings.Cut(token, " ")
	word, argument, _ := strings.Cut(word, "=")

	stage := strings.Join(strings.SplitN(e.MethodARN, "/", 3)[:2], "/")
	allow := func(resource any) statement {
		return statement{Action: "execute-api:Invoke", Effect: "Allow", Resource: resource}
	}
	deny := func(resource any) statement {
		return statement{Action: "execute-api:Invoke", Effect: "Deny", Resource: resource}
	}
	everything := stage + "/*/*"
	answer := func(statements ...statement) map[string]any {
		return map[string]any{
			"principalId":    "probe-" + word,
			"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": statements},
			"context":        map[string]any{"text": "a b", "number": 1795360000, "yes": true, "event": string(event)},
		}
	}
	with := func(key string, value any) map[string]any {
		a := answer(allow(everything))
		a[key] = value
		return a
	}
	without := func(key string) map[string]any {
		a := answer(allow(everything))
		delete(a, key)
		return a
	}
	switch word {
	case "allow":
		return answer(allow(everything)), nil
	case "one": // a common mistake: allow only the called route
		return answer(allow(e.MethodARN)), nil
	case "getonly":
		return answer(allow(stage + "/GET/*")), nil
	case "qmark":
		return answer(allow([]string{stage + "/GET/pets/?"})), nil
	case "shout":
		s := allow(everything)
		s.Action = "EXECUTE-API:INVOKE"
		return answer(s), nil
	case "nothing":
		return answer(allow(stage + "-other/*/*")), nil
	case "deny":
		return answer(deny(everything)), nil
	case "both":
		return answer(allow(everything), deny(stage+"/GET/*")), nil
	case "until": // a time in RFC 3339
		end := deny("*")
		end.Condition = map[string]any{"DateGreaterThanEquals": map[string]string{"aws:CurrentTime": argument}}
		return answer(allow(everything), end), nil
	case "noprincipal":
		return without("principalId"), nil
	case "nopolicy":
		return without("policyDocument"), nil
	case "nocontext":
		return without("context"), nil
	case "badpolicy":
		return with("policyDocument", map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "allow"}}}), nil
	case "textpolicy":
		return with("policyDocument", `{"Version":"2012-10-17","Statement":[]}`), nil
	case "numberprincipal":
		return with("principalId", 7), nil
	case "nested":
		return with("context", map[string]any{"groups": []string{"admins"}}), nil
	case "null":
		return with("context", map[string]any{"email": nil}), nil
	case "listcontext":
		return with("context", []string{"admins"}), nil
	case "text":
		return "yes", nil
	case "nil":
		return nil, nil
	case "unauthorized":
		return nil, errors.New(unauthorized)
	case "unauthorizedplus":
		return nil, fmt.Errorf("%s: %w", unauthorized, os.ErrNotExist) // similar to unauthorized, but not equal
	case "boom":
		return nil, errors.New("the keys cannot be had")
	case "panic":
		panic("boom")
	case "exit":
		os.Exit(1)
	case "slow":
		time.Sleep(time.Hour)
	}
	return nil, fmt.Errorf("the probe does not know the word %q", word)
}
