package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// response is a response in the form that both proxy formats accept. Bodies are never base64-encoded.
type response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	Base64     bool              `json:"isBase64Encoded"`
}

func jsonResponse(status int, contentType string, body any) (response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return response{}, fmt.Errorf("encoding the response: %w", err)
	}
	res := noContent(status)
	res.Headers["Content-Type"] = contentType
	res.Body = string(encoded)
	return res, nil
}

func ok(body any) (response, error) {
	return jsonResponse(http.StatusOK, "application/json", body)
}

// noContent returns a response without a body. No response may be cached, because most contain personal data.
func noContent(status int) response {
	return response{StatusCode: status, Headers: map[string]string{"Cache-Control": "no-store"}}
}
