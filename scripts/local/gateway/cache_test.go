package gateway_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/gateway"
)

// step is one call of a sequence with one gateway, the clock moved before it.
type step struct {
	name   string
	after  time.Duration
	call   string
	header []string
	cached bool
	want   answer
}

func TestCallsThatGetACachedResult(t *testing.T) {
	get, token := "GET /pets", bearer("allow")
	for _, tt := range []struct {
		name      string
		configure func(*gateway.Authorizer)
		steps     []step
	}{
		{"a policy for what was called only is used for other routes too", nil, []step{
			{"the call itself", 0, get, []string{bearer("one")}, false, functionAnswered(200)},
			{"the same again", 0, get, []string{bearer("one")}, true, functionAnswered(200)},
			{"another method", 0, "POST /pets", []string{bearer("one")}, true, implicitDeny},
			{"another path", 0, "GET /pets/7", []string{bearer("one")}, true, implicitDeny},
		}},
		{"GET/* and then DELETE", nil, []step{
			{"GET", 0, get, []string{bearer("getonly")}, false, functionAnswered(200)},
			{"DELETE", 0, "DELETE /pets", []string{bearer("getonly")}, true, implicitDeny},
		}},
		{"a denial is kept", nil, []step{
			{"first", 0, get, []string{bearer("deny")}, false, explicitDeny},
			{"second", 0, get, []string{bearer("deny")}, true, explicitDeny},
		}},
		{"an error is not kept", nil, []step{
			{"Unauthorized", 0, get, []string{bearer("unauthorized")}, false, unauthorized},
			{"Unauthorized again", 0, get, []string{bearer("unauthorized")}, false, unauthorized},
			{"another error", 0, get, []string{bearer("boom")}, false, configuration},
			{"another error again", 0, get, []string{bearer("boom")}, false, configuration},
			{"output that is not valid", 0, get, []string{bearer("nested")}, false, configuration},
			{"output that is not valid again", 0, get, []string{bearer("nested")}, false, configuration},
		}},
		{"tokens are kept apart", nil, []step{
			{"one", 0, get, []string{token}, false, functionAnswered(200)},
			{"another", 0, get, []string{bearer("deny")}, false, explicitDeny},
			{"the same word, spelled otherwise", 0, get, []string{"Authorization: bearer allow"}, false, functionAnswered(200)},
			{"the one again", 0, get, []string{token}, true, functionAnswered(200)},
		}},
		{"a result lapses when its time is over", nil, []step{
			{"first", 0, get, []string{token}, false, functionAnswered(200)},
			{"just before", gateway.DefaultTTL - time.Nanosecond, get, []string{token}, true, functionAnswered(200)},
			{"on time", time.Nanosecond, get, []string{token}, false, functionAnswered(200)},
			{"and is kept anew", gateway.DefaultTTL - time.Nanosecond, get, []string{token}, true, functionAnswered(200)},
		}},
		{"conditions are evaluated at each call", nil, []step{
			{"before the end", 0, get, []string{bearer("until=2026-11-22T12:01:00Z")}, false, functionAnswered(200)},
			{"a second before", 59 * time.Second, get, []string{bearer("until=2026-11-22T12:01:00Z")}, true, functionAnswered(200)},
			{"at the end", time.Second, get, []string{bearer("until=2026-11-22T12:01:00Z")}, true, explicitDeny},
		}},
		{"a TTL of 0 keeps nothing", func(a *gateway.Authorizer) { a.TTL = 0 }, []step{
			{"first", 0, get, []string{token}, false, functionAnswered(200)},
			{"second", 0, get, []string{token}, false, functionAnswered(200)},
		}},
		{"all identity sources together are the key", func(a *gateway.Authorizer) {
			a.Type = gateway.Request
			a.IdentitySources = []string{"method.request.header.Authorization", "method.request.querystring.tenant"}
		}, []step{
			{"first", 0, "GET /pets?tenant=a", []string{token}, false, functionAnswered(200)},
			{"the same", 0, "POST /pets?tenant=a", []string{token}, true, functionAnswered(200)},
			{"another value of one", 0, "GET /pets?tenant=b", []string{token}, false, functionAnswered(200)},
			{"one missing", 0, get, []string{token}, false, unauthorized},
			{"one empty", 0, "GET /pets?tenant=", []string{token}, false, unauthorized},
			{"the other missing", 0, "GET /pets?tenant=a", nil, false, unauthorized},
		}},
		{"with the route among the sources, each route has its own", func(a *gateway.Authorizer) {
			a.Type = gateway.Request
			a.IdentitySources = []string{"method.request.header.Authorization", "context.httpMethod", "context.resourcePath"}
		}, []step{
			{"one route", 0, "GET /pets/7", []string{bearer("one")}, false, functionAnswered(200)},
			{"another method", 0, "PATCH /pets/7", []string{bearer("one")}, false, functionAnswered(200)},
			{"another path", 0, get, []string{bearer("one")}, false, functionAnswered(200)},
			{"the same template", 0, "GET /pets/8", []string{bearer("one")}, true, implicitDeny},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, func(o *gateway.Options) {
				if tt.configure != nil {
					tt.configure(&o.Authorizer)
				}
			})
			for _, step := range tt.steps {
				s.pass(step.after)
				before := s.authorizer.Stats().Invocations
				got := s.send(t, step.call, step.header...)
				asked := s.authorizer.Stats().Invocations > before
				t.Run(step.name, func(t *testing.T) {
					step.want.check(t, got)
					if got.call.Authorizer.Cached != step.cached {
						t.Errorf("cached: %v, want %v", got.call.Authorizer.Cached, step.cached)
					}
					if asked && step.cached {
						t.Error("the authorizer was asked nevertheless")
					}
				})
			}
		})
	}
}

func TestFlushingForgetsEverything(t *testing.T) {
	s := start(t, nil)
	for _, want := range []bool{false, true} {
		if got := s.send(t, "GET /pets", bearer("allow")); got.call.Authorizer.Cached != want {
			t.Fatalf("cached: %v, want %v", got.call.Authorizer.Cached, want)
		}
	}
	s.FlushCache()
	if got := s.send(t, "GET /pets", bearer("allow")); got.call.Authorizer.Cached {
		t.Error("cached after flushing")
	}
}

// API Gateway's response does not show whether its result was cached, so neither may this one: a client could rely on it.
func TestOnlyTheObserverLearnsOfTheCache(t *testing.T) {
	s := start(t, nil)
	fresh, cached := s.send(t, "GET /pets?do=empty", bearer("allow")), s.send(t, "GET /pets?do=empty", bearer("allow"))
	if !cached.call.Authorizer.Cached || cached.call.PrincipalID != "probe-allow" {
		t.Fatalf("the observer was told %+v", cached.call)
	}
	names := func(h http.Header) (n int) {
		for name := range h {
			if _, ok := fresh.header[name]; !ok {
				t.Errorf("the header %s comes only with a cached result", name)
			}
			n++
		}
		return n
	}
	if names(cached.header) != len(fresh.header) {
		t.Errorf("headers %v and %v", fresh.header, cached.header)
	}
}
