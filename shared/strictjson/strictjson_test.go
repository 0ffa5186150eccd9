package strictjson_test

import (
	"encoding/json"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// form is read by every method of a Reader.
type form struct {
	Name  string
	Count int64
	Yes   bool
	Names []string
	Raw   string
	Since string
	Inner []int64
}

func readForm(data string, o strictjson.Options) (f form, err error) {
	err = strictjson.Read([]byte(data), o, func(r *strictjson.Reader) error {
		return r.Object(func(name string) (err error) {
			begin := r.Offset()
			switch name {
			case "name":
				f.Name, err = r.String()
				f.Since = r.TextSince(begin)
			case "count":
				f.Count, err = r.Int()
			case "yes":
				f.Yes, err = r.Bool()
			case "names":
				f.Names, err = r.Strings()
			case "raw":
				var raw []byte
				raw, err = r.Value()
				f.Raw = string(raw)
			case "inner":
				f.Inner, err = strictjson.List(r, func() (n int64, err error) {
					err = r.Object(func(string) (err error) { n, err = r.Int(); return err })
					return n, err
				})
			}
			return err
		})
	})
	return f, err
}

func TestReadAForm(t *testing.T) {
	got, err := readForm(` { "ignored" : [{"a":null}] , "name" : "a\u00e9\"" , "count":-12,"yes":true,"raw" :
		{"x" : [1, 2]} ,"names":["x","y"],"inner":[{"n":1},{"n":9223372036854775807}], "last":1.5e3} `, strictjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := form{`aé"`, -12, true, []string{"x", "y"}, `{"x" : [1, 2]}`, `"a\u00e9\""`, []int64{1, 9223372036854775807}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestInvalidInputIsRefused(t *testing.T) {
	bounds := strictjson.Options{Depth: 3, Members: 4}
	for name, tt := range map[string]struct {
		data string
		want error
	}{
		"nothing":                         {``, strictjson.ErrSyntax},
		"white space":                     {"\n ", strictjson.ErrSyntax},
		"a byte order mark":               {"\ufeff{}", strictjson.ErrSyntax},
		"a comment":                       {`{/**/}`, strictjson.ErrSyntax},
		"NaN":                             {`{"count":NaN}`, strictjson.ErrSyntax},
		"an open object":                  {`{"name":"a"`, strictjson.ErrSyntax},
		"an open list":                    {`{"names":["a"`, strictjson.ErrSyntax},
		"a comma at the end":              {`{"names":["a",]}`, strictjson.ErrSyntax},
		"two values":                      {`{} {}`, strictjson.ErrTrailing},
		"a bracket too many":              {`{}}`, strictjson.ErrTrailing},
		"null":                            {`null`, strictjson.ErrType},
		"a list":                          {`[]`, strictjson.ErrType},
		"null for a string":               {`{"name":null}`, strictjson.ErrType},
		"null for a list":                 {`{"names":null}`, strictjson.ErrType},
		"null in a list":                  {`{"names":[null]}`, strictjson.ErrType},
		"null for a number":               {`{"count":null}`, strictjson.ErrType},
		"null for a boolean":              {`{"yes":null}`, strictjson.ErrType},
		"null for an object":              {`{"inner":[null]}`, strictjson.ErrType},
		"a number for a string":           {`{"name":1}`, strictjson.ErrType},
		"a string for a number":           {`{"count":"1"}`, strictjson.ErrType},
		"a string for a boolean":          {`{"yes":"true"}`, strictjson.ErrType},
		"a string for a list":             {`{"names":"a"}`, strictjson.ErrType},
		"a fraction":                      {`{"count":1.0}`, strictjson.ErrType},
		"an exponent":                     {`{"count":1e2}`, strictjson.ErrType},
		"minus zero":                      {`{"count":-0}`, strictjson.ErrType},
		"more than 64 bits":               {`{"count":9223372036854775808}`, strictjson.ErrType},
		"a wrong type that is not valid":  {`{"name":[}`, strictjson.ErrSyntax},
		"a name twice":                    {`{"name":"a","name":"a"}`, strictjson.ErrDuplicateName},
		"a name twice, once escaped":      {`{"name":"a","n\u0061me":"a"}`, strictjson.ErrDuplicateName},
		"a name twice in what is skipped": {`{"other":{"a":1,"a":1}}`, strictjson.ErrDuplicateName},
		"invalid UTF-8":                   {"{\"name\":\"\xff\"}", strictjson.ErrSyntax},
		"invalid UTF-8 in a name":         {"{\"\xff\":1}", strictjson.ErrSyntax},
		"invalid UTF-8 skipped":           {"{\"other\":\"\xff\"}", strictjson.ErrSyntax},
		"a lone surrogate":                {`{"name":"\ud800"}`, strictjson.ErrSyntax},
		"one level too deep":              {`{"other":[[[]]]}`, strictjson.ErrTooDeep},
		"one level too deep, read":        {`{"inner":[{"n":[]}]}`, strictjson.ErrTooDeep},
		"deep, of a wrong type":           {`{"name":[[[]]]}`, strictjson.ErrTooDeep},
		"a member too many":               {`{"a":1,"b":1,"c":1,"d":1,"e":1}`, strictjson.ErrTooMany},
		"a member too many, skipped":      {`{"other":{"b":1,"c":1,"d":1,"e":1}}`, strictjson.ErrTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readForm(tt.data, bounds)
			var violation *strictjson.Error
			if !errors.Is(err, tt.want) || !errors.As(err, &violation) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if violation.Offset < 0 || violation.Offset > int64(len(tt.data)) {
				t.Errorf("offset %d is outside the input of %d bytes", violation.Offset, len(tt.data))
			}
		})
	}
}

func TestBoundsAreInclusive(t *testing.T) {
	for _, data := range []string{`{"other":[[]]}`, `{"a":1,"b":1,"c":1,"d":1}`, `{"other":{"b":1,"c":1,"d":1}}`} {
		if _, err := readForm(data, strictjson.Options{Depth: 3, Members: 4}); err != nil {
			t.Errorf("%s: %v", data, err)
		}
	}
	deepest := strings.Repeat("[", strictjson.DefaultDepth) + strings.Repeat("]", strictjson.DefaultDepth)
	for data, want := range map[string]error{deepest: nil, "[" + deepest + "]": strictjson.ErrTooDeep} {
		if err := strictjson.Read([]byte(data), strictjson.Options{}, (*strictjson.Reader).Skip); !errors.Is(err, want) {
			t.Errorf("%d levels: got %v, want %v", len(data)/2, err, want)
		}
	}
}

func TestAnErrorGivesThePlaceAndNothingOfTheInput(t *testing.T) {
	_, err := readForm(`{"name":"secret","count":"secret"}`, strictjson.Options{})
	if got, want := fmt.Sprint(err), "byte 24: value of an unexpected type"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnErrorOfTheCallerEndsTheRead(t *testing.T) {
	own := errors.New("unknown member")
	for _, data := range []string{`{"a":1}`, `[1]`} {
		err := strictjson.Read([]byte(data), strictjson.Options{}, func(r *strictjson.Reader) error {
			if r.Kind() == '{' {
				return r.Object(func(string) error { return own })
			}
			return r.Array(func() error { return own })
		})
		if !errors.Is(err, own) {
			t.Errorf("%s: got %v, want the caller's error", data, err)
		}
	}
}

func TestAShallowReadLeavesTheInsideOfValuesToTheCaller(t *testing.T) {
	o := strictjson.Options{Shallow: true}
	for data, want := range map[string]string{
		`{"raw":{"a":1,"a":2}}`: `{"a":1,"a":2}`,
		"{\"raw\":\"\xff\"}":    "\"\xff\"",
		`{"raw": "\ud800"}`:     `"\ud800"`,
	} {
		f, err := readForm(data, o)
		if err != nil || f.Raw != want {
			t.Errorf("%q: got %q, %v", data, f.Raw, err)
		}
		if err := strictjson.Read([]byte(f.Raw), strictjson.Options{}, (*strictjson.Reader).Skip); err == nil {
			t.Errorf("%q: accepted by a strict read", f.Raw)
		}
	}
	for data, want := range map[string]error{
		`{"raw":1,"raw":1}`:         strictjson.ErrDuplicateName,
		`{"raw":1,"r\u0061w":1}`:    strictjson.ErrDuplicateName,
		"{\"name\":\"\xff\"}":       strictjson.ErrSyntax,
		"{\"\xff\":1}":              strictjson.ErrSyntax,
		`{"raw":[1,}`:               strictjson.ErrSyntax,
		`{"inner":[{"n":1,"n":1}]}`: strictjson.ErrDuplicateName,
	} {
		if _, err := readForm(data, o); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", data, err, want)
		}
	}
}

func TestAReaderKeepsNothingOfThePreviousRead(t *testing.T) {
	for range 3 { // the pool hands out the same Reader again
		if _, err := readForm(`{"name":"a","names":["b"`, strictjson.Options{Members: 2}); err == nil {
			t.Fatal("accepted")
		}
		if f, err := readForm(`{"name":"c","count":1,"yes":true}`, strictjson.Options{}); err != nil || f.Name != "c" {
			t.Fatalf("got %+v, %v", f, err)
		}
	}
}

// FuzzRead compares with the standard library: what Read accepts is valid strict JSON, and strings and numbers are
// read as encoding/json reads them.
func FuzzRead(f *testing.F) {
	f.Add(`{"name":"a\u00e9","count":1,"yes":false,"names":[],"raw":{},"inner":[{"n":1}],"x":null}`)
	f.Add(`{"name":"\ud800"}`)
	f.Add(`{"a":1,"a":2}`)
	f.Add(`[[[[`)
	f.Fuzz(func(t *testing.T, data string) {
		got, err := readForm(data, strictjson.Options{Depth: 1000})
		if err != nil {
			return
		}
		if !jsontext.Value(data).IsValid() {
			t.Fatalf("accepted, although it is not valid: %q", data)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(data), &members); err != nil {
			t.Fatal(err)
		}
		if raw, ok := members["name"]; ok {
			var want string
			if err := json.Unmarshal(raw, &want); err != nil || got.Name != want {
				t.Errorf("name: got %q, want %q", got.Name, want)
			}
			if got.Since != string(raw) {
				t.Errorf("text: got %q, want %q", got.Since, raw)
			}
		}
		if raw, ok := members["count"]; ok {
			var want int64
			if err := json.Unmarshal(raw, &want); err != nil || got.Count != want {
				t.Errorf("count: got %d, want %d", got.Count, want)
			}
		}
		if raw, ok := members["raw"]; ok && got.Raw != string(raw) {
			t.Errorf("raw: got %q, want %q", got.Raw, raw)
		}
	})
}
