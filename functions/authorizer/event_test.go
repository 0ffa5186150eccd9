package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixture reads an event as API Gateway sends it and puts a token in.
func fixture(t testing.TB, name, token string) []byte {
	t.Helper()
	event, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.ReplaceAll(string(event), "{token}", token))
}

func TestTheFiveEventsAreDistinguished(t *testing.T) {
	for name, want := range map[string]struct {
		kind     eventKind
		template string
	}{
		"rest-token.json":   {restToken, ""},
		"rest-request.json": {restRequest, "/users/{username}"},
		"http-v1.json":      {httpV1, "/users/{username}"},
		"http-v2.json":      {httpV2, "/users/{username}"},
		"websocket.json":    {webSocket, "$connect"},
	} {
		t.Run(name, func(t *testing.T) {
			ev, err := decodeEvent(fixture(t, name, "a.b.c"))
			if err != nil {
				t.Fatal(err)
			}
			if ev.kind != want.kind || ev.template != want.template {
				t.Errorf("got kind %d, template %q; want %d, %q", ev.kind, ev.template, want.kind, want.template)
			}
			if token, err := bearerToken(ev); err != nil || token.Reveal() != "a.b.c" {
				t.Errorf("the token was not found: %v", err)
			}
		})
	}
}

func TestAnyOtherEventIsRefused(t *testing.T) {
	const arn = `"arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/GET/me"`
	for name, payload := range map[string]string{
		"nothing":                             ``,
		"null":                                `null`,
		"an array":                            `[]`,
		"null and a bracket":                  `null}`,
		"null and members":                    `null,"type":"TOKEN","methodArn":` + arn + `,"authorizationToken":"Bearer a.b.c"}`,
		"a string":                            `"event"`,
		"an empty object":                     `{}`,
		"an AppSync event":                    string(fixture(t, "appsync.json", "a.b.c")),
		"an unknown type":                     `{"type":"OTHER","methodArn":` + arn + `}`,
		"no ARN":                              `{"type":"TOKEN","authorizationToken":"Bearer a.b.c"}`,
		"an invalid ARN":                      `{"type":"TOKEN","authorizationToken":"Bearer a.b.c","methodArn":"*"}`,
		"an ARN of another service":           `{"type":"TOKEN","methodArn":"arn:aws:s3:::bucket/key"}`,
		"TOKEN with a version":                `{"type":"TOKEN","version":"2.0","methodArn":` + arn + `}`,
		"format 2.0 with a method ARN":        `{"type":"REQUEST","version":"2.0","methodArn":` + arn + `}`,
		"format 1.0 with a route ARN":         `{"type":"REQUEST","version":"1.0","routeArn":` + arn + `}`,
		"both ARNs":                           `{"type":"REQUEST","version":"2.0","methodArn":` + arn + `,"routeArn":` + arn + `}`,
		"an unknown version":                  `{"type":"REQUEST","version":"3.0","routeArn":` + arn + `}`,
		"a handshake with a method":           `{"type":"REQUEST","methodArn":` + arn + `,"requestContext":{"connectionId":"x"}}`,
		"a handshake's ARN without its marks": `{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/$connect"}`,
		"the same member twice":               `{"type":"TOKEN","type":"TOKEN","methodArn":` + arn + `}`,
		"identity sources twice": strings.Replace(string(fixture(t, "http-v2.json", "a.b.c")),
			`"identitySource": ["Bearer a.b.c"]`, `"identitySource": ["somebody"], "identitySource": ["Bearer a.b.c"]`, 1),
		"headers that are a list":        `{"type":"REQUEST","methodArn":` + arn + `,"headers":["authorization"]}`,
		"a number for a header":          `{"type":"REQUEST","methodArn":` + arn + `,"headers":{"authorization":7}}`,
		"a list of numbers for a header": `{"type":"REQUEST","methodArn":` + arn + `,"multiValueHeaders":{"authorization":[7]}}`,
		"credentials outside the identity sources, format 2.0": strings.Replace(string(fixture(t, "http-v2.json", "a.b.c")),
			`"identitySource": ["Bearer a.b.c"]`, `"identitySource": ["somebody"]`, 1),
		"credentials outside the identity sources, format 1.0": strings.Replace(string(fixture(t, "http-v1.json", "a.b.c")),
			`"identitySource": "Bearer a.b.c"`, `"identitySource": "somebody"`, 1),
		"an identity source that is an object": strings.Replace(string(fixture(t, "http-v2.json", "a.b.c")), `["Bearer a.b.c"]`, `{}`, 1),
		"trailing data":                        `{"type":"TOKEN","methodArn":` + arn + `}{}`,
		"nesting without end":                  `{"type":` + strings.Repeat("[", 100000),
	} {
		t.Run(name, func(t *testing.T) {
			ev, err := decodeEvent([]byte(payload))
			if !errors.Is(err, errEvent) {
				t.Errorf("got %v, want %v", err, errEvent)
			}
			if ev.kind != 0 || ev.credentials != nil {
				t.Error("an event was returned with the error")
			}
			if err != nil && strings.Contains(err.Error(), "a.b.c") {
				t.Error("the error quotes the token")
			}
		})
	}
}

// Parsers disagree on which of two members with the same name counts, so the event is refused whatever the values are.
func TestADuplicateMemberIsRefused(t *testing.T) {
	values := []string{`null`, `""`, `"x"`, `[]`, `["x"]`, `{}`, `{"authorization":"Bearer a.b.c"}`, `{"access_token":"a.b.c"}`}
	for _, member := range []string{
		"version", "type", "methodArn", "routeArn", "routeKey", "resource", "httpMethod", "authorizationToken", "identitySource",
		"headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "requestContext",
		"requestContext.connectionId", "requestContext.eventType",
	} {
		for _, first := range values {
			outer, inner, nested := strings.Cut(member, ".")
			event := func(values ...string) []byte {
				name := outer
				if nested {
					name = inner
				}
				var members []string
				for _, value := range values {
					members = append(members, `"`+name+`":`+value)
				}
				text := "{" + strings.Join(members, ",") + "}"
				if nested {
					text = `{"` + outer + `":` + text + "}"
				}
				return []byte(text)
			}
			if _, ok := readEvent(event(first)); !ok {
				continue // this member has another type
			}
			for _, second := range append(values, first) {
				if _, ok := readEvent(event(first, second)); ok {
					t.Errorf("accepted: %s", event(first, second))
				}
			}
		}
	}
	if _, ok := readEvent([]byte(`{"unknown":1,"unknown":2}`)); !ok {
		t.Error("a duplicate member that the authorizer does not read was refused")
	}
}

func TestExactlyOneBearerTokenIsFound(t *testing.T) {
	request := func(headers, multi string) string {
		return `{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/GET/me",
			"headers":` + headers + `,"multiValueHeaders":` + multi + `,"queryStringParameters":{"access_token":"q.q.q"}}`
	}
	token := func(credentials string) string {
		return `{"type":"TOKEN","methodArn":"arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/GET/me","authorizationToken":"` + credentials + `"}`
	}
	socket := func(members string) string {
		return `{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/$connect",
			"requestContext":{"connectionId":"x","eventType":"CONNECT"},` + members + `}`
	}
	for name, tt := range map[string]struct {
		payload string
		want    error
	}{
		"as everybody sends it":             {token("Bearer a.b.c"), nil},
		"the scheme in lower case":          {token("bearer a.b.c"), nil},
		"the scheme in capitals":            {token("BEARER a.b.c"), nil},
		"several spaces":                    {token("Bearer   a.b.c"), nil},
		"nothing":                           {token(""), errTokenMissing},
		"spaces":                            {token("   "), errTokenScheme},
		"the scheme alone":                  {token("Bearer"), errTokenScheme},
		"the scheme and a space":            {token("Bearer "), errTokenScheme},
		"the token alone":                   {token("a.b.c"), errTokenScheme},
		"no space":                          {token("Bearera.b.c"), errTokenScheme},
		"a tab for the space":               {token(`Bearer\ta.b.c`), errTokenScheme},
		"a tab after the space":             {token(`Bearer \ta.b.c`), errTokenScheme},
		"a space before the scheme":         {token(" Bearer a.b.c"), errTokenScheme},
		"a space after the token":           {token("Bearer a.b.c "), errTokenScheme},
		"the scheme twice":                  {token("Bearer Bearer a.b.c"), errTokenScheme},
		"Basic":                             {token("Basic YTpi"), errTokenScheme},
		"DPoP":                              {token("DPoP a.b.c"), errTokenScheme},
		"a token and something":             {token("Bearer a.b.c d"), errTokenScheme},
		"two headers joined by a comma":     {token("Bearer a.b.c,Bearer d.e.f"), errTokenScheme},
		"two tokens joined by a comma":      {token("Bearer a.b.c,d.e.f"), errTokenAmbiguous},
		"no headers at all":                 {request(`null`, `null`), errTokenMissing},
		"other headers":                     {request(`{"Cookie":"a.b.c"}`, `{}`), errTokenMissing},
		"a header in any case":              {request(`{"aUTHORIZATION":"Bearer a.b.c"}`, `{}`), nil},
		"in the second map only":            {request(`{}`, `{"authorization":["Bearer a.b.c"]}`), nil},
		"the same in both maps":             {request(`{"Authorization":"Bearer a.b.c"}`, `{"Authorization":["Bearer a.b.c"]}`), nil},
		"another in the second map":         {request(`{"Authorization":"Bearer a.b.c"}`, `{"Authorization":["Bearer d.e.f"]}`), errTokenAmbiguous},
		"two values":                        {request(`{"Authorization":"Bearer a.b.c"}`, `{"Authorization":["Bearer d.e.f","Bearer a.b.c"]}`), errTokenAmbiguous},
		"two spellings of the header":       {request(`{"Authorization":"Bearer a.b.c","authorization":"Bearer d.e.f"}`, `{}`), errTokenAmbiguous},
		"an empty header beside a full one": {request(`{"Authorization":"","authorization":"Bearer a.b.c"}`, `{}`), errTokenAmbiguous},
		"in the query of a call that is not a handshake": {request(`{}`, `{}`), errTokenMissing},
		"a handshake's query":                            {socket(`"queryStringParameters":{"access_token":"a.b.c"}`), nil},
		"a handshake's header":                           {socket(`"headers":{"Authorization":"Bearer a.b.c"}`), nil},
		"a handshake's sub-protocol":                     {socket(`"headers":{"Sec-WebSocket-Protocol":"chat, bearer, a.b.c"}`), nil},
		"a handshake's sub-protocol after Bearer":        {socket(`"headers":{"Sec-WebSocket-Protocol":"Bearer, a.b.c"}`), nil},
		"a handshake's sub-protocol after BEARER":        {socket(`"headers":{"Sec-WebSocket-Protocol":"BEARER,a.b.c"}`), nil},
		"a handshake's sub-protocol without the word":    {socket(`"headers":{"Sec-WebSocket-Protocol":"chat, a.b.c"}`), errTokenMissing},
		"a handshake's sub-protocol cut short":           {socket(`"headers":{"Sec-WebSocket-Protocol":"bearer"}`), errTokenMissing},
		"a handshake with two":                           {socket(`"headers":{"Sec-WebSocket-Protocol":"bearer, d.e.f"},"queryStringParameters":{"access_token":"a.b.c"}`), errTokenAmbiguous},
		"a handshake with the same twice":                {socket(`"headers":{"Sec-WebSocket-Protocol":"bearer, a.b.c"},"queryStringParameters":{"access_token":"a.b.c"}`), nil},
		"a handshake with an empty query":                {socket(`"queryStringParameters":{"access_token":""}`), errTokenScheme},
	} {
		t.Run(name, func(t *testing.T) {
			ev, err := decodeEvent([]byte(tt.payload))
			if err != nil {
				t.Fatal(err)
			}
			got, err := bearerToken(ev)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if want := map[bool]string{true: "a.b.c"}[tt.want == nil]; got.Reveal() != want {
				t.Error("not the token that was sent")
			}
		})
	}
}

// FuzzDecodeEvent checks that no event panics, and that none of two different credentials is ever chosen.
func FuzzDecodeEvent(f *testing.F) {
	for _, name := range []string{"rest-token.json", "rest-request.json", "http-v1.json", "http-v2.json", "websocket.json", "appsync.json"} {
		f.Add(fixture(f, name, "a.b.c"))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		ev, err := decodeEvent(payload)
		if err != nil {
			if !errors.Is(err, errEvent) {
				t.Fatalf("an error without a reason: %v", err)
			}
			return
		}
		token, err := bearerToken(ev)
		if (err == nil) != (token.Reveal() != "") {
			t.Fatal("want either a token or an error")
		}
		for _, credentials := range ev.credentials {
			if err == nil && credentials != ev.credentials[0] {
				t.Fatal("one of two credentials was chosen")
			}
		}
	})
}
