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

// api serves API Gateway proxy events. It implements [lambda.Handler].
type api struct {
	routes  router
	origins origins
	log     *slog.Logger
}

func newAPI(pool userPool, revoked revocations, allowed origins, log *slog.Logger) *api {
	return &api{
		// The operations of openapi.yaml. The first match wins, so fixed paths come before paths with {parameters}.
		routes: router{
			{method: http.MethodGet, path: "/health", public: true, handle: getHealth},
			{method: http.MethodGet, path: "/info", handle: getInfo},
			{method: http.MethodGet, path: "/me", handle: getMe},
			{method: http.MethodPost, path: "/sign-out", handle: signOut(revoked)},
			{method: http.MethodPost, path: "/sign-out/everywhere", handle: signOutEverywhere(pool, revoked)},
			{method: http.MethodGet, path: "/users", handle: listUsers(pool)},
			{method: http.MethodGet, path: "/users/{username}", handle: getUser(pool)},
			{method: http.MethodPost, path: "/users/{username}/sign-out", handle: signOutUser(pool, revoked)},
		},
		origins: allowed,
		log:     log,
	}
}

// Invoke handles one event. It never returns an error, because API Gateway would turn that into a 502 without CORS headers:
// every failure becomes a response.
func (a *api) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	start := time.Now()
	var req request
	res, err := a.serve(ctx, payload, &req)
	if err != nil {
		res = problemOf(err).response()
	}
	if req.method == http.MethodHead {
		res.Body = ""
	}
	a.origins.setHeaders(&req, &res)
	a.record(ctx, &req, res.StatusCode, err, time.Since(start))
	return json.Marshal(res)
}

// serve reads the event, finds the operation, reads the caller's identity and calls the handler. It fills req as it goes, for
// the log.
func (a *api) serve(ctx context.Context, payload []byte, req *request) (res response, err error) {
	defer func() {
		if v := recover(); v != nil {
			// The value may contain caller input, so only its type is logged. A stack trace contains no values.
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
		return optionsResponse(req), nil
	}
	if !op.public {
		if req.caller, err = identity.FromContext(req.context); err != nil {
			return response{}, err
		}
	}
	return op.handle(ctx, req)
}

var errPanic = errors.New("a handler panicked")

// record logs the request on one line. No header, no raw path and no claim except the subject is logged.
func (a *api) record(ctx context.Context, req *request, status int, err error, elapsed time.Duration) {
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("route", cmp.Or(req.route, "unmatched")),
		slog.Int("status", status),
		slog.Float64("ms", float64(elapsed.Microseconds())/1000),
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
