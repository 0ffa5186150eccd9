package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// FuzzClaims checks what becomes of a claim of any JSON value in a valid token: the policy opens items of its values alone, and
// the context has its value or none.
func FuzzClaims(f *testing.F) {
	for _, seed := range [][2]string{
		{`"acme"`, "acme"}, {`["acme","b"]`, "b"}, {`"*"`, "*"}, {`["a/b","?"]`, "a/b"}, {`7`, "7"}, {`1e2`, "100"}, {`-0`, "0"}, {`true`, "true"}, {`null`, "null"}, {`{"a":"acme"}`, "acme"},
		{`["a",["b"]]`, "b"}, {`["a",1,false]`, "1"}, {`"a\u0000b"`, "a\x00b"}, {`"a\nb"`, "a\nb"}, {`"\u202eorp"`, "orp"}, {`""`, ""}, {`"\ud800"`, "\ufffd"}, {`9223372036854775808`, "9223372036854775808"},
	} {
		f.Add(seed[0], seed[1])
	}
	b := quiet(newHarness(f, ownerTable, map[string]string{"CONTEXT_CLAIMS": "custom:tenant"}))
	usable := regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)
	f.Fuzz(func(t *testing.T, claim, called string) {
		decoder := json.NewDecoder(strings.NewReader(claim))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil || !json.Valid([]byte(claim)) || !utf8.ValidString(claim) || len(claim) > 4096 {
			t.Skip("not a claim")
		}
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		var values []string
		for _, v := range list {
			switch v.(type) {
			case string, json.Number, bool:
				values = append(values, fmt.Sprint(v))
			}
		}
		token := b.pool.AccessToken(t, cognitotest.Claim("custom:tenant", json.RawMessage(claim)), cognitotest.Claim("plan", "gold"))
		result, err := b.Invoke(t.Context(), callEvent("GET/me", "Bearer "+token.Reveal()))
		if err != nil {
			if err.Error() == errUnauthorized.Error() {
				return // such as members that are given twice
			}
			t.Fatal(err)
		}
		var got reply
		if err := json.Unmarshal(result, &got); err != nil || len(result) > apigateway.MaxResultBytes {
			t.Fatalf("%v, %d bytes", err, len(result))
		}
		for _, tenant := range append(slices.Clone(values), called) {
			owned := slices.Contains(values, tenant) && usable.MatchString(tenant) && tenant != "." && tenant != ".."
			if allowed := permits(t, got, "GET/t/"+tenant+"/orders/1", time.Now()); allowed && !owned {
				t.Errorf("%s opens the items of %q", claim, tenant)
			} else if _, isText := value.(string); !allowed && owned && isText {
				t.Errorf("%s does not open the items of %q", claim, tenant)
			}
		}
		passed, found := got.Context["custom:tenant"]
		text, _ := passed.(string)
		if found && (isList || len(values) != 1 || text != values[0] || text == "" || len(text) > 256 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })) {
			t.Errorf("%s becomes %q", claim, passed)
		}
		if bytes.Contains(result, []byte{'\n'}) {
			t.Error("the result has a line break")
		}
	})
}
