package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// response is an answer in the form that both proxy formats take. Bodies are text, never base64.
type response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	Base64     bool              `json:"isBase64Encoded"`
}

func jsonResponse(status int, contentType string, body any) (response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return response{}, fmt.Errorf("encoding the answer: %w", err)
	}
	res := noContent(status)
	res.Headers["Content-Type"] = contentType
	res.Body = string(text)
	return res, nil
}

func ok(body any) (response, error) {
	return jsonResponse(http.StatusOK, "application/json", body)
}

// noContent is an answer without a body. Nothing that this API says about people may be kept by a cache.
func noContent(status int) response {
	return response{StatusCode: status, Headers: map[string]string{"Cache-Control": "no-store"}}
}
