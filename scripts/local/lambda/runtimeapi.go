package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxPayload is the limit on events and responses in bytes: 6 MB and the 100 bytes that Lambda allows on top.
const maxPayload = 6<<20 + 100

// runtimeAPI returns the Runtime API of the environment's process.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (e *environment) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", e.serveInitError)
	return mux
}

// serveNext ends the previous invocation, if any, and waits for the next.
func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	if e.current != nil && !e.current.answered {
		e.mu.Unlock()
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the previous invocation has no response yet")
		return
	}
	if e.current != nil {
		close(e.current.over)
		e.current = nil
	}
	if !e.isReady {
		e.isReady = true
		close(e.ready)
	}
	e.mu.Unlock()

	select {
	case inv := <-e.work:
		e.mu.Lock()
		e.current = inv
		e.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.function.ARN())
		h.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%s;Sampled=0", time.Now().Unix(), randomHex(12)))
		_, _ = w.Write(inv.payload) // fails only if the process is gone, which run notices
	case <-r.Context().Done():
	case <-e.gone:
	}
}

func (e *environment) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		if e.settle(w, r.PathValue("id"), failureOf("Function.ResponseSizeTooLarge",
			"Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)) {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the response is too large")
		}
		return
	}
	if err != nil {
		return // the process is gone
	}
	if e.settle(w, r.PathValue("id"), outcome{payload: body}) {
		accept(w)
	}
}

func (e *environment) serveError(w http.ResponseWriter, r *http.Request) {
	failure, ok := readError(w, r)
	if ok && e.settle(w, r.PathValue("id"), failure) {
		accept(w)
	}
}

func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	failure, ok := readError(w, r)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.isReady {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the init phase is over")
		return
	}
	select {
	case e.initFailed <- failure:
		accept(w)
	default:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the init phase has already failed")
	}
}

// settle delivers the response of the invocation with this ID. If there is none, or it has a response already, settle sends an
// error to the process and returns false.
func (e *environment) settle(w http.ResponseWriter, id string, result outcome) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil || e.current.id != id {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "no invocation with this request ID is running")
		return false
	}
	if e.current.answered {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation already has a response")
		return false
	}
	e.current.answered = true
	e.current.answer <- result
	return true
}

// readError reads an error that the process reports. It wraps an error that is not JSON, so that callers always get errorType and
// errorMessage.
func readError(w http.ResponseWriter, r *http.Request) (outcome, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		return outcome{}, false
	}
	if !json.Valid(body) {
		kind := r.Header.Get("Lambda-Runtime-Function-Error-Type")
		if kind == "" {
			kind = "Runtime.Unknown"
		}
		return failureOf(kind, "%s", body), true
	}
	return outcome{payload: body, failed: true}, true
}

// failureOf returns an error in Lambda's form.
func failureOf(kind, format string, args ...any) outcome {
	payload, err := json.Marshal(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{kind, fmt.Sprintf(format, args...)})
	if err != nil {
		panic(err) // cannot happen: both fields are strings
	}
	return outcome{payload: payload, failed: true}
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(failureOf(kind, "%s", message).payload)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
