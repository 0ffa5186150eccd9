package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

// api answers the events of API Gateway. It implements [lambda.Handler].
type api struct {
	routes  router
	origins origins
	log     *slog.Logger
}

func newAPI(pool userPool, allowed origins, log *slog.Logger) *api {
	return &api{
		// As openapi.yaml has them. The first that fits answers, so a fixed path stands before {parameters}.
		routes: router{
			{method: http.MethodGet, path: "/health", public: true, handle: getHealth},
			{method: http.MethodGet, path: "/info", handle: getInfo},
			{method: http.MethodGet, path: "/me", handle: getMe},
			{method: http.MethodGet, path: "/users", handle: listUsers(pool)},
			{method: http.MethodGet, path: "/users/{username}", handle: getUser(pool)},
			{method: http.MethodPost, path: "/users/{username}/sign-out", handle: signOutUser(pool)},
		},
		origins: allowed,
		log:     log,
	}
}

// Invoke answers one event. Whatever happens is an answer for the caller: it returns no error, since
// API Gateway would turn that into a 502 without CORS headers.
func (a *api) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	var req request
	res, err := a.serve(ctx, payload, &req)
	if err != nil {
		res = problemOf(err).response()
	}
	if req.method == http.MethodHead {
		res.Body = ""
	}
	a.origins.mark(&req, &res)
	a.record(ctx, &req, res.StatusCode, err, time.Since(began))
	return json.Marshal(res)
}

// serve is one request: event, route, caller, answer. It fills req as it goes, for the log.
func (a *api) serve(ctx context.Context, payload []byte, req *request) (res response, err error) {
	defer func() {
		if v := recover(); v != nil {
			// The value may hold what a caller sent, so its type alone is logged. A stack has no values.
			a.log.ErrorContext(ctx, "panic", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			res, err = response{}, errPanic
		}
	}()
	if *req, err = readEvent(payload); err != nil {
		return response{}, err
	}
	op, err := a.routes.find(req)
	if err != nil {
		return response{}, err
	}
	if req.method == http.MethodOptions {
		return options(req), nil
	}
	if !op.public {
		if req.caller, err = identity.FromContext(req.context); err != nil {
			return response{}, err
		}
	}
	return op.handle(ctx, req)
}

var errPanic = errors.New("a handler panicked")

// record writes the one line of a request: no header, no path as called, no claim but the subject.
func (a *api) record(ctx context.Context, req *request, status int, err error, took time.Duration) {
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("route", cmp.Or(req.route, "unmatched")),
		slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000),
	}
	if req.caller.Subject != "" {
		attrs = append(attrs, slog.String("sub", req.caller.Subject))
	}
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", causeOf(err)))
	}
	a.log.LogAttrs(ctx, level, "request", attrs...)
}
