package srp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

var reasons = []error{ErrPoolID, ErrUser, ErrRandom, ErrNumber, ErrPublicValue, ErrScrambler, ErrSecret, ErrSecretBlock,
	ErrTimestamp, ErrSignature}

func oneOfOurs(err error) bool {
	for _, reason := range reasons {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// FuzzClientAgainstAnyServer checks that the client answers every challenge with a signature or one of the package's errors.
func FuzzClientAgainstAnyServer(f *testing.F) {
	f.Add("alice", "f00d", "2", "c2VjcmV0", "Correct-Horse-1")
	f.Add("", "", "", "", "")
	f.Add("alice", "-1", "0", "=", "")
	f.Add("alice", "0", prime.Text(16), "AAAA", "Ü")
	f.Add("alice", "00", strings.Repeat("F", maxHexDigits), "AAAA", "\x00")
	client, err := NewClient(testPool, bytes.NewReader(bytes.Repeat([]byte("a"), secretBytes)))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, user, salt, b, block, password string) {
		challenge := Challenge{User: user, Salt: salt, B: b, SecretBlock: block}
		answer, err := client.Answer(password, challenge, testNow)
		if err != nil {
			if !oneOfOurs(err) || answer != (Answer{}) {
				t.Fatalf("%v with %+v", err, answer)
			}
			return
		}
		signature, err := base64.StdEncoding.DecodeString(answer.Signature)
		if err != nil || len(signature) != 32 || answer.User != user || answer.SecretBlock != block {
			t.Fatalf("answer %+v (%v)", answer, err)
		}
	})
}

// FuzzClientAndServerAgree checks that client and server agree if and only if their passwords are equal, and that the server responds to
// every A with a challenge or one of the package's errors.
func FuzzClientAndServerAgree(f *testing.F) {
	f.Add("alice", "Correct-Horse-1", "Correct-Horse-2", []byte("salt"), []byte("block"), []byte("a"), []byte("b"), "2")
	f.Add("zoë", "", " ", []byte{}, []byte{0}, []byte{0, 1}, []byte{0xff}, "-1")
	f.Add("a:b", "c", "b:c", []byte{0x80}, []byte{1}, []byte{1}, []byte{0, 0, 1}, "")
	f.Fuzz(func(t *testing.T, user, password, other string, salt, block, drawA, drawB []byte, hostileA string) {
		full := func(b []byte) *bytes.Reader {
			return bytes.NewReader(append(bytes.Clone(b), make([]byte, secretBytes)...))
		}
		verifier, err := NewVerifier(testPool, user, password, salt)
		if err != nil {
			if !oneOfOurs(err) {
				t.Fatal(err)
			}
			return
		}
		if _, err := verifier.Challenge(hostileA, block, full(drawB)); err != nil && !oneOfOurs(err) {
			t.Fatal(err)
		}
		client, err := NewClient(testPool, full(drawA))
		if err != nil {
			if !errors.Is(err, ErrRandom) {
				t.Fatal(err)
			}
			return
		}
		exchange, err := verifier.Challenge(client.A(), block, full(drawB))
		if err != nil {
			if !oneOfOurs(err) {
				t.Fatal(err)
			}
			return
		}
		for _, typed := range []string{password, other} {
			answer, err := client.Answer(typed, exchange.Challenge, testNow)
			if err != nil {
				t.Fatalf("a valid challenge was refused: %v", err)
			}
			if accepted := exchange.Check(answer, testNow) == nil; accepted != (typed == password) {
				t.Fatalf("accepted: %v", accepted)
			}
		}
	})
}
