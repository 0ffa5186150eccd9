package cognito_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// uncanonical changes the unused bits of the last character, so that the decoded bytes stay the same. The
// part must not be a whole number of three-byte groups.
func uncanonical(t *testing.T, part string) string {
	t.Helper()
	if len(part)%4 == 0 {
		t.Fatal("this part has no unused bits")
	}
	last := strings.IndexByte(base64url, part[len(part)-1])
	return part[:len(part)-1] + base64url[last+1:last+2]
}

// padded returns data with white space, so that its base64url has unused bits.
func padded(data string) string {
	for len(data)%3 == 0 {
		data += " "
	}
	return data
}

func TestATokenOfTheWrongFormIsRefusedBeforeAnyKeyIsAskedFor(t *testing.T) {
	r := newRig(t)
	key := r.pool.Keys()[0]
	header := padded(`{"alg":"RS256","kid":"` + key.ID + `"}`)
	payload := padded(string(r.mustVerify(t, r.pool.AccessToken(t)).Raw()))
	valid := cognitotest.Sign(t, key, []byte(header), []byte(payload)).Reveal()
	r.mustVerify(t, cognito.NewToken(valid)) // what follows differs from this in one thing
	part := strings.Split(valid, ".")
	dots := func(parts ...string) string { return strings.Join(parts, ".") }
	h, p, s := part[0], part[1], part[2]

	var rows []row
	add := func(name, raw string, want error) {
		rows = append(rows, row{name: name, token: cognito.NewToken(raw), want: want})
	}
	add("nothing", "", cognito.ErrMissing)
	add("a space", " ", cognito.ErrMalformed)
	add("spaces", strings.Repeat(" ", 100), cognito.ErrMalformed)
	add("one part", h, cognito.ErrMalformed)
	add("two parts", dots(h, p), cognito.ErrMalformed)
	add("four parts", dots(h, p, s, s), cognito.ErrMalformed)
	add("five parts, as an encrypted token has", dots(h, p, s, s, s), cognito.ErrMalformed)
	add("an empty header", dots("", p, s), cognito.ErrMalformed)
	add("an empty payload", dots(h, "", s), cognito.ErrMalformed)
	add("an empty signature", dots(h, p, ""), cognito.ErrMalformed)
	add("only dots", "..", cognito.ErrMalformed)
	add("a dot before it", "."+valid, cognito.ErrMalformed)
	add("a dot behind it", valid+".", cognito.ErrMalformed)
	add("a million dots", strings.Repeat(".", 1_000_000), cognito.ErrTooLarge)
	add("as many dots as fit", strings.Repeat(".", cognito.MaxTokenBytes), cognito.ErrMalformed)
	add("a header of one MiB", dots(strings.Repeat("A", 1<<20), p, s), cognito.ErrTooLarge)
	add("padding behind the header", dots(h+"=", p, s), cognito.ErrMalformed)
	add("padding behind the payload", dots(h, p+"==", s), cognito.ErrMalformed)
	add("padding behind the signature", dots(h, p, s+"=="), cognito.ErrMalformed)
	add("a plus sign of plain base64", dots(h, p, "+"+s[1:]), cognito.ErrMalformed)
	add("a slash of plain base64", dots(h, p, "/"+s[1:]), cognito.ErrMalformed)
	for name, c := range map[string]string{
		"a carriage return": "\r", "a line feed": "\n", "a tab": "\t", "a NUL": "\x00", "a space": " ",
		"a no-break space": "\u00a0", "a byte over 127": "\xff", "a comma": ",", "a percent sign": "%",
	} {
		add(name+" in the header", dots(h[:4]+c+h[4:], p, s), cognito.ErrMalformed)
		add(name+" in the payload", dots(h, p[:8]+c+p[8:], s), cognito.ErrMalformed)
		add(name+" in the signature", dots(h, p, s[:8]+c+s[8:]), cognito.ErrMalformed)
		add(name+" before it", c+valid, cognito.ErrMalformed)
		add(name+" behind it", valid+c, cognito.ErrMalformed)
	}
	for n := 1; n < 10; n++ { // a decoder of base64 skips them, so the lengths must tell
		feeds := strings.Repeat("\n", n)
		for cut := range 4 {
			add(fmt.Sprintf("%d line feeds, the header cut by %d", n, cut), dots(h[:len(h)-cut]+feeds, p, s), cognito.ErrMalformed)
			add(fmt.Sprintf("%d line feeds, the payload cut by %d", n, cut), dots(h, p[:len(p)-cut]+feeds, s), cognito.ErrMalformed)
			add(fmt.Sprintf("%d line feeds, the signature cut by %d", n, cut), dots(h, p, s[:len(s)-cut]+feeds), cognito.ErrMalformed)
		}
	}
	add("other unused bits at the end of the header", dots(uncanonical(t, h), p, s), cognito.ErrMalformed)
	add("other unused bits at the end of the payload", dots(h, uncanonical(t, p), s), cognito.ErrMalformed)
	add("other unused bits at the end of the signature", dots(h, p, uncanonical(t, s)), cognito.ErrMalformed)
	add("a single character as signature", dots(h, p, "A"), cognito.ErrMalformed)
	add("flattened JSON serialization", `{"protected":"`+h+`","payload":"`+p+`","signature":"`+s+`"}`, cognito.ErrMalformed)
	add("general JSON serialization with two signatures", `{"payload":"`+p+`","signatures":[{"protected":"`+h+
		`","signature":"`+s+`"},{"protected":"`+h+`","signature":"`+s+`"}]}`, cognito.ErrMalformed)
	add("percent-encoded", strings.ReplaceAll(valid, ".", "%2E"), cognito.ErrMalformed)
	add("with its scheme", "Bearer "+valid, cognito.ErrMalformed)
	add("twice, joined by a comma", valid+","+valid, cognito.ErrMalformed)
	add("twice, joined by a space", valid+" "+valid, cognito.ErrMalformed)
	add("in quotes", `"`+valid+`"`, cognito.ErrMalformed)
	rows = append(rows, row{name: "the zero Token", want: cognito.ErrMissing})
	r.run(t, rows)
}

func TestATokenMayBeAsLongAsTheCapAndNotOneByteLonger(t *testing.T) {
	r := newRig(t)
	header := `{"alg":"RS256","kid":"` + r.pool.Keys()[0].ID + `"}`
	payload := string(r.mustVerify(t, r.pool.AccessToken(t)).Raw())
	room := cognito.MaxTokenBytes - len("..") - base64.RawURLEncoding.EncodedLen(256)
	for base64.RawURLEncoding.EncodedLen(len(header))%4 != room%4 { // so that a payload of whole groups fits
		header += " "
	}
	room -= base64.RawURLEncoding.EncodedLen(len(header))
	payload += strings.Repeat(" ", room/4*3-len(payload))
	atCap := cognitotest.Sign(t, r.pool.Keys()[0], []byte(header), []byte(payload)).Reveal()
	if len(atCap) != cognito.MaxTokenBytes {
		t.Fatalf("the test did not meet the cap: %d bytes", len(atCap))
	}
	r.mustVerify(t, cognito.NewToken(atCap))
	over := cognito.NewToken(atCap + "A")
	claims, err := r.Verify(t.Context(), over)
	check(t, over, claims, err, cognito.ErrTooLarge)
}
