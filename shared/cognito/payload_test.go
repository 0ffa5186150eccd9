package cognito_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

func TestAPayloadThatIsNotOneStrictJSONObjectIsRefused(t *testing.T) {
	k := newKit(t)
	constant := func(s string) func(string) string { return func(string) string { return s } }
	k.payload("as it is", nil, func(valid string) string { return valid })
	k.payload("with white space around it", nil, func(valid string) string { return " \n" + valid + "\t " })
	for name, s := range map[string]string{
		"null": "null", "an array": "[]", "a string": `"x"`, "a number": "1", "true": "true", "white space": " ",
	} {
		k.payload(name, cognito.ErrPayload, constant(s))
	}
	k.payload("an empty object", cognito.ErrIssuer, constant("{}"))
	k.payload("in an array", cognito.ErrPayload, func(valid string) string { return "[" + valid + "]" })
	k.payload("behind a byte order mark", cognito.ErrPayload, func(valid string) string { return "\ufeff" + valid })
	k.payload("twice", cognito.ErrPayload, func(valid string) string { return valid + valid })
	k.payload("with junk behind it", cognito.ErrPayload, func(valid string) string { return valid + "x" })
	k.payload("with a NUL behind it", cognito.ErrPayload, func(valid string) string { return valid + "\x00" })
	k.payload("cut short", cognito.ErrPayload, func(valid string) string { return valid[:len(valid)-1] })
	k.payload("with NaN", cognito.ErrPayload, with(`"x":NaN`))
	k.payload("with Infinity", cognito.ErrPayload, with(`"x":-Infinity`))
	k.payload("with a comment", cognito.ErrPayload, with(`/* x */"x":1`))
	k.payload("with a trailing comma", cognito.ErrPayload, func(valid string) string { return valid[:len(valid)-1] + ",}" })
	k.payload("with single quotes", cognito.ErrPayload, with(`'x':1`))
	k.payload("with a hexadecimal number", cognito.ErrPayload, with(`"x":0x10`))
	k.payload("with a leading zero", cognito.ErrPayload, with(`"x":01`))
	k.payload("with a raw control character", cognito.ErrPayload, with("\"x\":\"\n\""))
	k.payload("with invalid UTF-8", cognito.ErrPayload, with("\"x\":\"\xff\""))
	k.payload("with invalid UTF-8 in a name", cognito.ErrPayload, with("\"\xff\":1"))
	k.payload("with overlong UTF-8", cognito.ErrPayload, with("\"x\":\"\xc0\xaf\""))
	k.payload("with a surrogate in UTF-8", cognito.ErrPayload, with("\"x\":\"\xed\xa0\x80\""))
	k.payload("with a lone high surrogate", cognito.ErrPayload, with(`"x":"\ud800"`))
	k.payload("with a lone low surrogate in a list", cognito.ErrPayload, with(`"x":["\udc00"]`))
	k.payload("with a pair of surrogates", nil, with(`"x":"\ud83d\ude00"`))
	k.access("sub with invalid UTF-8", cognito.ErrPayload, cognitotest.RawPayload("{\"sub\":\"\xff\"}"))
	k.access("sub with a lone surrogate", cognito.ErrPayload, cognitotest.RawPayload(`{"sub":"x\ud800"}`))
	k.run()
}

func TestANameTwiceIsRefused(t *testing.T) {
	k := newKit(t)
	_, valid, _ := parts(t, k.pool.AccessToken(t, claim("nbf", k.clock.Now().Unix()), claim("aud", cognitotest.WebClient), claim("cognito:groups", []string{"a"})))
	var members map[string]json.RawMessage
	if err := json.Unmarshal(valid, &members); err != nil {
		t.Fatal(err)
	}
	if len(members) < 15 {
		t.Fatalf("only %d names are tried", len(members))
	}
	for name, value := range members { // the same value again: even that is refused
		k.payload(name, cognito.ErrPayload, func(string) string { return with(fmt.Sprintf("%q:%s", name, value))(string(valid)) })
		escaped := fmt.Sprintf(`"\u%04x%s":%s`, name[0], name[1:], value)
		k.payload(name+", once escaped", cognito.ErrPayload, func(string) string { return with(escaped)(string(valid)) })
	}
	k.payload("an unknown name", cognito.ErrPayload, with(`"x":1,"x":1`))
	k.payload("in an object inside", cognito.ErrPayload, with(`"x":{"y":1,"y":1}`))
	k.payload("in an object in a list", cognito.ErrPayload, with(`"x":[{"y":1,"y":1}]`))
	k.run()
}

func TestANameThatDiffersFromAClaimOnlyInCaseIsRefused(t *testing.T) {
	k := newKit(t)
	for _, name := range []string{
		"EXP", "Exp", "ISS", "SUB", "Sub", "ſub", "iſs", "AUD", "IAT", "NBF", "JTI", "Client_Id", "CLIENT_ID", "Token_Use",
		"to\u212aen_use", "token_uſe", "Scope", "ſcope", "Username", "uſername", "Cognito:Groups", "cognito:groupſ",
		"COGNITO:USERNAME", "Auth_Time", "Origin_JTI",
	} {
		k.both(name, cognito.ErrPayloadName, claim(name, "x"))
	}
	k.access("EXP instead of exp", cognito.ErrPayloadName, without("exp"), claim("EXP", k.clock.Now().Unix()+60))
	for _, name := range []string{"__proto__", "constructor", "prototype", "toString", "", ".", "$where", "custom:exp", "email", "exp ", "subject", "e\u0301xp"} {
		k.both("the harmless name "+name, nil, claim(name, "x"))
	}
	k.run()
}

func TestAPayloadIsOfBoundedDepthAndMembers(t *testing.T) {
	k := newKit(t)
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	objects := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	k.payload("arrays as deep as allowed", nil, with(`"x":`+nested(7)))
	k.payload("arrays one deeper", cognito.ErrTooDeep, with(`"x":`+nested(8)))
	k.payload("arrays as deep as fits", cognito.ErrTooDeep, with(`"x":`+nested(2000)))
	k.payload("objects as deep as allowed", nil, with(`"x":`+objects(7)))
	k.payload("objects one deeper", cognito.ErrTooDeep, with(`"x":`+objects(8)))
	k.payload("deep instead of a claim", cognito.ErrTooDeep, with(`"nbf":`+nested(2000)))
	k.payload("deep in the list of groups", cognito.ErrTooDeep, with(`"cognito:groups":[`+nested(2000)+`]`))

	_, valid, _ := parts(t, k.pool.AccessToken(t))
	var own map[string]any
	if err := json.Unmarshal(valid, &own); err != nil {
		t.Fatal(err)
	}
	members := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`"m%d":0`, i)
		}
		return strings.Join(list, ",")
	}
	k.payload("as many members as allowed", nil, with(members(256-len(own))))
	k.payload("one member more", cognito.ErrTooMany, with(members(257-len(own))))
	k.payload("as many members as allowed, one level down", nil, with(`"x":{`+members(255-len(own))+`}`))
	k.payload("one member more, one level down", cognito.ErrTooMany, with(`"x":{`+members(256-len(own))+`}`))
	k.run()
}
