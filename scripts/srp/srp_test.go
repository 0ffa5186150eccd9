package srp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	testPool     = "eu-west-1_AbCdEf123"
	testUser     = "alice"
	testPassword = "Correct-Horse-1"
)

var (
	testSalt  = []byte("0123456789abcdef")
	testBlock = []byte("names one exchange")
	testNow   = time.Date(2026, 11, 22, 5, 6, 7, 0, time.UTC)
)

func newClient(t testing.TB) *Client {
	t.Helper()
	c, err := NewClient(testPool, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newVerifier(t testing.TB, password string) Verifier {
	t.Helper()
	v, err := NewVerifier(testPool, testUser, password, testSalt)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func challenged(t testing.TB, v Verifier, c *Client) *Exchange {
	t.Helper()
	e, err := v.Challenge(c.A(), testBlock, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func answered(t testing.TB, c *Client, password string, ch Challenge) Answer {
	t.Helper()
	a, err := c.Answer(password, ch, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestOnlyTheRightAnswerIsAccepted(t *testing.T) {
	verifier := newVerifier(t, testPassword)
	client := newClient(t)
	other := challenged(t, verifier, client)
	otherAnswer := answered(t, client, testPassword, other.Challenge)
	raw := func(a Answer) []byte {
		b, err := base64.StdEncoding.DecodeString(a.Signature)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, tt := range map[string]struct {
		password string
		change   func(*Answer)
		after    time.Duration // time of the check after the answer
		want     error
	}{
		"the right password":                      {testPassword, nil, 0, nil},
		"a wrong password":                        {"correct-horse-1", nil, 0, ErrSignature},
		"an empty password":                       {"", nil, 0, ErrSignature},
		"the last second of the clock difference": {testPassword, nil, MaxClockDifference, nil},
		"a clock that is behind":                  {testPassword, nil, MaxClockDifference + time.Second, ErrTimestamp},
		"a clock that is ahead":                   {testPassword, nil, -MaxClockDifference - time.Second, ErrTimestamp},
		"another time than the signed one": {testPassword, func(a *Answer) { a.Timestamp = Timestamp(testNow.Add(time.Second)) },
			0, ErrSignature},
		"a padded day": {testPassword, func(a *Answer) { a.Timestamp = "Mon Nov 02 15:04:05 UTC 2026" }, 0, ErrTimestamp},
		"a signature of another exchange": {testPassword, func(a *Answer) { a.Signature = otherAnswer.Signature },
			0, ErrSignature},
		"a flipped bit": {testPassword, func(a *Answer) {
			b := raw(*a)
			b[31] ^= 1
			a.Signature = base64.StdEncoding.EncodeToString(b)
		}, 0, ErrSignature},
		"a shortened signature": {testPassword, func(a *Answer) { a.Signature = base64.StdEncoding.EncodeToString(raw(*a)[:16]) },
			0, ErrSignature},
		"no signature":                   {testPassword, func(a *Answer) { a.Signature = "" }, 0, ErrSignature},
		"a signature that is not base64": {testPassword, func(a *Answer) { a.Signature = "!" }, 0, ErrSignature},
		"another secret block":           {testPassword, func(a *Answer) { a.SecretBlock = "AAAA" }, 0, ErrSecretBlock},
		"no secret block":                {testPassword, func(a *Answer) { a.SecretBlock = "" }, 0, ErrSecretBlock},
		"another user":                   {testPassword, func(a *Answer) { a.User = "bob" }, 0, ErrUser},
	} {
		t.Run(name, func(t *testing.T) {
			exchange := challenged(t, verifier, client)
			answer := answered(t, client, tt.password, exchange.Challenge)
			if tt.change != nil {
				tt.change(&answer)
			}
			if err := exchange.Check(answer, testNow.Add(tt.after)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestZeroValuesAreRefused(t *testing.T) {
	if _, err := (Verifier{}).Challenge(newClient(t).A(), testBlock, rand.Reader); !errors.Is(err, ErrUser) {
		t.Errorf("the zero Verifier: %v", err)
	}
	if err := (&Exchange{}).Check(Answer{}, testNow); !errors.Is(err, ErrSignature) {
		t.Errorf("the zero Exchange: %v", err)
	}
	exchange := challenged(t, newVerifier(t, testPassword), newClient(t))
	if a, err := (&Client{}).Answer(testPassword, exchange.Challenge, testNow); !errors.Is(err, ErrRandom) || a != (Answer{}) {
		t.Errorf("the zero Client: %v", err)
	}
}

func TestInvalidChallengesAreRefused(t *testing.T) {
	client := newClient(t)
	honest := challenged(t, newVerifier(t, testPassword), client).Challenge
	n := prime.Text(16)
	twice := new(big.Int).Lsh(prime, 1).Text(16)
	above := new(big.Int).Add(prime, big.NewInt(5)).Text(16)
	// With B = k·v, B - k·gˣ and S are zero. Only the owner of the verifier can send it.
	verifier := newVerifier(t, testPassword)
	zeroSecret := new(big.Int).Mul(multiplier, verifier.v)
	zeroSecret.Mod(zeroSecret, prime)

	for name, tt := range map[string]struct {
		change func(*Challenge)
		want   error
	}{
		"B is zero":                      {func(c *Challenge) { c.B = "0" }, ErrPublicValue},
		"B is many zeros":                {func(c *Challenge) { c.B = strings.Repeat("0", 768) }, ErrPublicValue},
		"B is N":                         {func(c *Challenge) { c.B = n }, ErrPublicValue},
		"B is N with a zero byte":        {func(c *Challenge) { c.B = "00" + n }, ErrPublicValue},
		"B is twice N":                   {func(c *Challenge) { c.B = twice }, ErrPublicValue},
		"B is above N":                   {func(c *Challenge) { c.B = above }, ErrPublicValue},
		"B makes the secret zero":        {func(c *Challenge) { c.B = zeroSecret.Text(16) }, ErrSecret},
		"B is negative":                  {func(c *Challenge) { c.B = "-" + c.B[1:] }, ErrNumber},
		"B has a plus":                   {func(c *Challenge) { c.B = "+1" }, ErrNumber},
		"B has a prefix":                 {func(c *Challenge) { c.B = "0x12" }, ErrNumber},
		"B has an underscore":            {func(c *Challenge) { c.B = "1_2" }, ErrNumber},
		"B has a blank":                  {func(c *Challenge) { c.B = " 12" }, ErrNumber},
		"B is not hexadecimal":           {func(c *Challenge) { c.B = "xyz" }, ErrNumber},
		"B has digits of another kind":   {func(c *Challenge) { c.B = "１２" }, ErrNumber},
		"B is empty":                     {func(c *Challenge) { c.B = "" }, ErrNumber},
		"B is one digit too long":        {func(c *Challenge) { c.B = strings.Repeat("0", maxHexDigits) + "1" }, ErrNumber},
		"B is huge":                      {func(c *Challenge) { c.B = strings.Repeat("f", 64<<20) }, ErrNumber},
		"the salt is empty":              {func(c *Challenge) { c.Salt = "" }, ErrNumber},
		"the salt is negative":           {func(c *Challenge) { c.Salt = "-1" }, ErrNumber},
		"the salt is not hexadecimal":    {func(c *Challenge) { c.Salt = "salt" }, ErrNumber},
		"the salt is huge":               {func(c *Challenge) { c.Salt = strings.Repeat("1", 64<<20) }, ErrNumber},
		"the secret block is empty":      {func(c *Challenge) { c.SecretBlock = "" }, ErrSecretBlock},
		"the secret block is not base64": {func(c *Challenge) { c.SecretBlock = "a=b" }, ErrSecretBlock},
		"the secret block is huge":       {func(c *Challenge) { c.SecretBlock = strings.Repeat("A", 64<<20) }, ErrSecretBlock},
		"there is no user":               {func(c *Challenge) { c.User = "" }, ErrUser},
	} {
		t.Run(name, func(t *testing.T) {
			challenge := honest
			tt.change(&challenge)
			answer, err := client.Answer(testPassword, challenge, testNow)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if answer != (Answer{}) {
				t.Errorf("an answer with the error: %+v", answer)
			}
			if err != nil && (len(err.Error()) > 200 || strings.Contains(err.Error(), testPassword)) {
				t.Errorf("the error is too long or contains a secret: %.300s", err)
			}
		})
	}
}

func TestInvalidPublicValuesAreRefused(t *testing.T) {
	verifier := newVerifier(t, testPassword)
	for name, tt := range map[string]struct {
		a    string
		want error
	}{
		"A is zero":            {"0", ErrPublicValue},
		"A is N":               {prime.Text(16), ErrPublicValue},
		"A is twice N":         {new(big.Int).Lsh(prime, 1).Text(16), ErrPublicValue},
		"A is negative":        {"-1", ErrNumber},
		"A is empty":           {"", ErrNumber},
		"A is not hexadecimal": {"A=1", ErrNumber},
		"A is huge":            {strings.Repeat("f", 64<<20), ErrNumber},
	} {
		t.Run(name, func(t *testing.T) {
			exchange, err := verifier.Challenge(tt.a, testBlock, rand.Reader)
			if !errors.Is(err, tt.want) || exchange != nil {
				t.Errorf("got %v, %v, want %v", exchange, err, tt.want)
			}
		})
	}
}

func TestAZeroScramblerOrSecretIsRefused(t *testing.T) {
	one, zero := big.NewInt(1), new(big.Int)
	if key, err := sessionKey(one, zero); !errors.Is(err, ErrScrambler) || key != nil {
		t.Errorf("u = 0: %v", err)
	}
	if key, err := sessionKey(zero, one); !errors.Is(err, ErrSecret) || key != nil {
		t.Errorf("S = 0: %v", err)
	}
}

func TestInvalidArgumentsAreRefused(t *testing.T) {
	for _, id := range []string{"", "eu-west-1", "_AbC", "eu-west-1_"} {
		if _, err := NewClient(id, rand.Reader); !errors.Is(err, ErrPoolID) {
			t.Errorf("client for pool %q: %v", id, err)
		}
		if _, err := NewVerifier(id, testUser, testPassword, testSalt); !errors.Is(err, ErrPoolID) {
			t.Errorf("verifier for pool %q: %v", id, err)
		}
	}
	if _, err := NewVerifier(testPool, "", testPassword, testSalt); !errors.Is(err, ErrUser) {
		t.Errorf("no user: %v", err)
	}
	if _, err := NewVerifier(testPool, testUser, testPassword, make([]byte, 386)); !errors.Is(err, ErrNumber) {
		t.Errorf("a long salt: %v", err)
	}
	broken := errors.New("broken")
	verifier := newVerifier(t, testPassword)
	for name, source := range map[string]io.Reader{
		"a source that fails":    iotest.ErrReader(broken),
		"a source that ends":     strings.NewReader("short"),
		"a source of only zeros": bytes.NewReader(make([]byte, 1024)),
	} {
		if c, err := NewClient(testPool, source); !errors.Is(err, ErrRandom) || c != nil {
			t.Errorf("client with %s: %v", name, err)
		}
		if e, err := verifier.Challenge(newClient(t).A(), testBlock, source); !errors.Is(err, ErrRandom) || e != nil {
			t.Errorf("server with %s: %v", name, err)
		}
	}
	for name, block := range map[string][]byte{"an empty block": nil, "a block that is too long": make([]byte, maxSecretBlock)} {
		if _, err := verifier.Challenge(newClient(t).A(), block, rand.Reader); !errors.Is(err, ErrSecretBlock) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInvalidTimestampsAreRefused(t *testing.T) {
	for _, s := range []string{
		"", "x", "Mon Nov 02 15:04:05 UTC 2026", "Tue Nov 2 15:04:05 UTC 2026", "Mon Nov 2 03:04:05 PM UTC 2026",
		"Mon Nov 2 15:04:05 GMT 2026", "Mon Nov  2 15:04:05 UTC 2026", "Mon Nov 2 15:04:05 UTC 2026 ",
		"mon nov 2 15:04:05 UTC 2026", "2026-11-02T15:04:05Z", "Mon Nov 2 15:04:05.5 UTC 2026",
	} {
		if at, err := ParseTimestamp(s); !errors.Is(err, ErrTimestamp) || !at.IsZero() {
			t.Errorf("%q: %v, %v", s, at, err)
		}
	}
}

func TestSignedIsTheShortestTwosComplement(t *testing.T) {
	for digits, want := range map[string]string{
		"0": "\x00", "14": "\x14", "7f": "\x7f", "80": "\x00\x80", "ec": "\x00\xec", "100": "\x01\x00", "ff00": "\x00\xff\x00",
	} {
		i, _ := new(big.Int).SetString(digits, 16)
		if got := string(signed(i)); got != want {
			t.Errorf("%s: % x, want % x", digits, got, want)
		}
	}
}

func TestMessagesRoundTrip(t *testing.T) {
	challenge := Challenge{User: "u", Salt: "1", B: "2", SecretBlock: "s"}
	if got := ChallengeFrom(challenge.Parameters()); got != challenge {
		t.Errorf("got %+v", got)
	}
	answer := Answer{User: "u", SecretBlock: "s", Timestamp: "t", Signature: "g"}
	if got := AnswerFrom(answer.Responses()); got != answer {
		t.Errorf("got %+v", got)
	}
	want := map[string]string{"USERNAME": "u", "PASSWORD_CLAIM_SECRET_BLOCK": "s", "TIMESTAMP": "t", "PASSWORD_CLAIM_SIGNATURE": "g"}
	if !maps.Equal(answer.Responses(), want) {
		t.Errorf("got %v", answer.Responses())
	}
}

func BenchmarkSignIn(b *testing.B) {
	verifier := newVerifier(b, testPassword)
	for b.Loop() {
		client := newClient(b)
		exchange := challenged(b, verifier, client)
		if err := exchange.Check(answered(b, client, testPassword, exchange.Challenge), testNow); err != nil {
			b.Fatal(err)
		}
	}
}
