package revocation

import (
	"slices"
	"testing"
	"time"
)

func TestAnEntryRevokesWhatWasIssuedUpToItsSecondAndStaysAsLongAsThat(t *testing.T) {
	now := time.Unix(1_795_000_000, 5e8)
	for name, tt := range map[string]struct {
		entry     Entry
		id        string
		notBefore int64
		atLeast   time.Duration // from now to the removal of the entry
		atMost    time.Duration
	}{
		"a session without a refresh token": {Session("s", now, false), "session#s", 0, 24 * time.Hour, 25 * time.Hour},
		"a session with one":                {Session("s", now, true), "session#s", 0, 3651 * 24 * time.Hour, 3652 * 24 * time.Hour},
		"a user without refresh tokens":     {User("https://i/p", "u", now, false), "user#https://i/p#u", 1_795_000_001, 24 * time.Hour, 25 * time.Hour},
		"a user with refresh tokens":        {User("https://i/p", "u", now, true), "user#https://i/p#u", 1_795_000_001, 3651 * 24 * time.Hour, 3652 * 24 * time.Hour},
		"a client":                          {Client("https://i/p", "c", now), "client#https://i/p#c", 1_795_000_001, 3651 * 24 * time.Hour, 3652 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			e := tt.entry
			if e.ID != tt.id || !e.NotBefore.IsZero() != (tt.notBefore != 0) || tt.notBefore != 0 && e.NotBefore.Unix() != tt.notBefore {
				t.Errorf("got %+v", e)
			}
			if stays := e.ExpiresAt.Sub(now); stays < tt.atLeast || stays > tt.atMost {
				t.Errorf("it stays for %v, want %v to %v", stays, tt.atLeast, tt.atMost)
			}
			if !e.revokes(Token{IssuedAt: now.Truncate(time.Second)}) {
				t.Error("a token of the same second is not revoked")
			}
		})
	}
}

func TestATokenIsAskedForByEveryEntryThatCanRevokeIt(t *testing.T) {
	for name, tt := range map[string]struct {
		token Token
		want  []string
	}{
		"a person":         {person, []string{session, user, client}},
		"a machine client": {Token{Issuer: "https://issuer.example/pool", ClientID: "web"}, []string{client}},
	} {
		if got := tt.token.entryIDs(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
