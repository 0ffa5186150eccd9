package revocation

import "time"

const (
	maxTokenLifetime   = 24 * time.Hour        // the longest that user pools allow for access and ID tokens
	maxRefreshLifetime = 3650 * 24 * time.Hour // the same for refresh tokens
	expiryMargin       = 10 * time.Minute      // for leeway and clock differences
)

// Entry is one item of the table.
type Entry struct {
	ID        string
	NotBefore time.Time // whole seconds; zero for a session, all of whose tokens are revoked
	ExpiresAt time.Time // whole seconds; not set in entries that were read
}

// Session revokes the tokens of one sign-in. Set refreshable if its refresh token may still be valid, so that new tokens of
// the same session can be issued.
func Session(originJTI string, now time.Time, refreshable bool) Entry {
	return Entry{ID: sessionID(originJTI), ExpiresAt: expiry(now, refreshable)}
}

// User revokes the tokens of a person that were issued up to now, or that a sign-in up to now leads to. Set refreshable if
// refresh tokens may still be valid.
func User(issuer, sub string, now time.Time, refreshable bool) Entry {
	return Entry{ID: userID(issuer, sub), NotBefore: notBefore(now), ExpiresAt: expiry(now, refreshable)}
}

// Client revokes the tokens of an app client in the same way. People may have signed in through the client, and their
// refresh tokens stay valid, so the entry stays for as long as one of those can.
func Client(issuer, clientID string, now time.Time) Entry {
	return Entry{ID: clientEntryID(issuer, clientID), NotBefore: notBefore(now), ExpiresAt: expiry(now, true)}
}

// notBefore returns the next whole second: times in tokens are truncated to seconds, so a token of the current second may be older.
func notBefore(now time.Time) time.Time { return now.Truncate(time.Second).Add(time.Second).UTC() }

func expiry(now time.Time, refreshable bool) time.Time {
	end := notBefore(now).Add(maxTokenLifetime + expiryMargin)
	if refreshable {
		end = end.Add(maxRefreshLifetime)
	}
	return end
}

// Issuers contain no "#", only the last part may. So no two entries have the same ID.

func sessionID(originJTI string) string            { return "session#" + originJTI }
func userID(issuer, sub string) string             { return "user#" + issuer + "#" + sub }
func clientEntryID(issuer, clientID string) string { return "client#" + issuer + "#" + clientID }

// Token holds the claims of a verified token that the table needs.
type Token struct {
	Issuer   string
	Subject  string // of a person; empty for a machine client
	ClientID string
	Session  string    // origin_jti; empty for a machine client
	IssuedAt time.Time // iat
	AuthTime time.Time // auth_time; zero if the token has none
}

// revokes reports whether an entry for the token's session, user or client revokes the token.
func (e Entry) revokes(t Token) bool {
	return e.NotBefore.IsZero() || t.IssuedAt.Before(e.NotBefore) || !t.AuthTime.IsZero() && t.AuthTime.Before(e.NotBefore)
}

// entryIDs returns the IDs of the entries that can revoke the token.
func (t Token) entryIDs() []string {
	ids := make([]string, 0, 3)
	if t.Session != "" {
		ids = append(ids, sessionID(t.Session))
	}
	if t.Subject != "" {
		ids = append(ids, userID(t.Issuer, t.Subject))
	}
	return append(ids, clientEntryID(t.Issuer, t.ClientID))
}
