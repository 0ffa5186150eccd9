package browser

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// intercept lets change modify the tab's requests or their responses. It lasts until the next intercept. Failures fail the test.
func (b *tab) intercept(pattern string, stage fetch.RequestStage, change func(context.Context, *chromedp.Target, *fetch.EventRequestPaused) error) {
	b.t.Helper()
	err := chromedp.Listen(b.ctx, func(event any) {
		paused, ok := event.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		go func() { // listeners must not send commands
			target := chromedp.FromContext(b.ctx).Target
			if err := change(b.ctx, target, paused); err != nil && b.ctx.Err() == nil {
				b.t.Errorf("%s: %v", paused.Request.URL, err)
			}
		}()
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(command(fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern, RequestStage: stage}}}))
}

// instead replaces the access token in the next response of the token endpoint. Later responses are unchanged.
func (b *tab) instead(token string) {
	b.t.Helper()
	replaced := false
	b.intercept("*/oauth2/token", fetch.RequestStageResponse, func(ctx context.Context, target *chromedp.Target, p *fetch.EventRequestPaused) error {
		if replaced || p.Request.Method != http.MethodPost {
			_, err := cdp.Call(ctx, target, fetch.ContinueResponse, fetch.ContinueResponseParams{RequestID: p.RequestID})
			return err
		}
		replaced = true
		was, err := cdp.Call(ctx, target, fetch.GetResponseBody, fetch.GetResponseBodyParams{RequestID: p.RequestID})
		if err != nil {
			return err
		}
		var answer map[string]any
		if err := json.Unmarshal(was.Body, &answer); err != nil {
			return err
		}
		answer["access_token"] = token
		body, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		var headers []*fetch.HeaderEntry
		for _, h := range p.ResponseHeaders {
			if !strings.EqualFold(h.Name, "Content-Length") {
				headers = append(headers, h)
			}
		}
		_, err = cdp.Call(ctx, target, fetch.FulfillRequest, fetch.FulfillRequestParams{
			RequestID: p.RequestID, ResponseCode: p.ResponseStatusCode, ResponseHeaders: headers, Body: body,
		})
		return err
	})
}
