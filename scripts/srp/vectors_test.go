package srp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// officialClient is the content of testdata/official-client.json; testdata/README.md describes how it is generated.
type officialClient struct {
	Vectors []struct {
		Name, PoolID, User, Password, Salt, SecretBlock, Timestamp, Key, Signature string

		SecretA string `json:"a"`
		A       string `json:"A"`
		B       string
		U       string
		S       string
	}
	Timestamps []struct {
		Time time.Time
		Text string
	}
}

func official(t *testing.T) officialClient {
	t.Helper()
	raw, err := os.ReadFile("testdata/official-client.json")
	if err != nil {
		t.Fatal(err)
	}
	var c officialClient
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheClientMatchesTheOfficialClient(t *testing.T) {
	vectors := official(t).Vectors
	if len(vectors) < 24 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			client, err := NewClient(v.PoolID, bytes.NewReader(unhex(t, v.SecretA)))
			if err != nil {
				t.Fatal(err)
			}
			if client.A() != v.A {
				t.Fatalf("A = %s\nwant %s", client.A(), v.A)
			}
			challenge := Challenge{User: v.User, Salt: v.Salt, B: v.B, SecretBlock: v.SecretBlock}
			key, err := client.key(v.Password, challenge)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(key); got != v.Key {
				t.Errorf("key %s, want %s", got, v.Key)
			}
			at, err := ParseTimestamp(v.Timestamp)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client.Answer(v.Password, challenge, at)
			if err != nil {
				t.Fatal(err)
			}
			want := Answer{User: v.User, SecretBlock: v.SecretBlock, Timestamp: v.Timestamp, Signature: v.Signature}
			if answer != want {
				t.Errorf("got  %+v\nwant %+v", answer, want)
			}
		})
	}
}

// The vectors must cover the cases in which implementations differ, even after they are generated anew.
func TestTheVectorsCoverTheDifficultCases(t *testing.T) {
	short := func(digits string) bool { return len(digits) <= 2*383 }
	count := map[string]int{}
	for _, v := range official(t).Vectors {
		note := func(what string, is bool) {
			if is {
				count[what]++
			}
		}
		note("B with a leading zero byte", strings.HasPrefix(v.B, "00"))
		note("short A", short(v.A))
		note("short S", short(v.S))
		note("short u", len(v.U) <= 62)
		note("salt with a leading zero byte", strings.HasPrefix(v.Salt, "00"))
		note("password outside ASCII", len([]rune(v.Password)) != len(v.Password))
		note("long password", len([]rune(v.Password)) >= 256)
		note("blank password", len(v.Password) > 0 && len(bytes.TrimSpace([]byte(v.Password))) == 0)
	}
	for what, least := range map[string]int{
		"B with a leading zero byte": 3, "short A": 1, "short S": 2, "short u": 1,
		"salt with a leading zero byte": 1, "password outside ASCII": 4, "long password": 2, "blank password": 1,
	} {
		if count[what] < least {
			t.Errorf("%s: %d vectors, want at least %d", what, count[what], least)
		}
	}
}

func TestTimestampsMatchTheOfficialClient(t *testing.T) {
	for _, v := range official(t).Timestamps {
		t.Run(v.Text, func(t *testing.T) {
			if got := Timestamp(v.Time.In(time.FixedZone("elsewhere", 9*3600))); got != v.Text {
				t.Errorf("got %q", got)
			}
			got, err := ParseTimestamp(v.Text)
			if err != nil {
				t.Fatal(err)
			}
			if want := v.Time.Truncate(time.Second); !got.Equal(want) {
				t.Errorf("read back as %s, want %s", got, want)
			}
		})
	}
}

// A second, independent source: a sign-in computed with pycognito. Its digests are of the lower-case hexadecimal form of each number.
func TestTheClientMatchesPycognito(t *testing.T) {
	const (
		user     = "11111111-2222-3333-4444-555555555555"
		password = "P@ssw0rd-Ünïcode"
		salt     = "f00dfeed00112233445566778899aabb"
		b        = "780ad2dcf8e65b7c0a93bbf83e1229c8df2a5b86947479fd459451fcf2122eb186cdaf9fa99c07a808d1b60a10703f1e3db4e214af27e186fb2b6caf8ee93b1c19c0734a1d0d127419c81ec1244eb124e98c56dd335ec5951ba21bf2668bdac1" +
			"f33ec1c08c912b0de49481892dd27999a7989118048c7c869972124c4b8a452e129a7a4b0bfea7d639c20231aab28b29111e478ffcb3475c585094fc2835d87063cc389fbb9df291f2e2621d460eb2d9e49fdba6861fdd20ca55a6f4d313f770" +
			"8dbd8a8198da8e3513477c3a693fd3b0e36c5463340d868b891d9cddd7aa9553c76b737810d06a210bd9f01fbf9fcc16b015c84257177442455214f3ed39465039dfec559a4c1f6b9d53acb78ebf05d66990935a052dc03f669aa6dd023a5d18" +
			"4a5daf24cc251d984a10305690de1fae425c6fbe9b4e48c9122c7893f78893636229669920d2d0d2b50e26e3482b7154f742ca84a7d4b3715dc41f3c994f75dce555625ae59e6620573cf562a1a74d7bacce1b9ce9e8c610108f3ad7e389e3fc"
	)
	once := sha256.Sum256([]byte("cognito-srp test a"))
	client, err := NewClient("us-east-1_TestPool1", bytes.NewReader(bytes.Repeat(once[:], 4)))
	if err != nil {
		t.Fatal(err)
	}
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	saltNumber, err := number("SALT", salt)
	if err != nil {
		t.Fatal(err)
	}
	bNumber, err := publicValue("SRP_B", b)
	if err != nil {
		t.Fatal(err)
	}
	challenge := Challenge{User: user, Salt: salt, B: b, SecretBlock: base64.StdEncoding.EncodeToString([]byte("secret-block-bytes"))}
	key, err := client.key(password, challenge)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 2, 15, 4, 5, 0, time.UTC)
	answer, err := client.Answer(password, challenge, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ name, got, want string }{
		{"N", digest(string(prime.Bytes())), "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c"},
		{"k", multiplier.Text(16), "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"},
		{"A", digest(client.A()), "901f6800141ffaf0e000cd15e42f1896c7b455222caa2f609b9564f5b11fed31"},
		{"B", digest(b), "14ce23eafe611df00e36ab7405372bc3a6466859fa3d2137af9e985266a6be63"},
		{"u", scrambler(client.public, bNumber).Text(16), "60b625b6689a5145ebb6b5057c58cf732c79630c1eaa3d16e5922b39b78e0f69"},
		{"x", digest(privateKey("TestPool1", user, password, saltNumber).Text(16)), "9eb9492167bf89f89d4d43355fe60050391d35264e061aa95fd7074a436c1740"},
		{"key", hex.EncodeToString(key), "5a4871a9b20cb1864128f11dd56fb2d5"},
		{"timestamp", answer.Timestamp, "Mon Nov 2 15:04:05 UTC 2026"},
		{"signature", answer.Signature, "+zTWEu4vZ4nn1Lst67DMf2Q+8qUpS4SSfK8UpehZ2t8="},
	} {
		if step.got != step.want {
			t.Errorf("%s = %s\nwant %s", step.name, step.got, step.want)
		}
	}
}
