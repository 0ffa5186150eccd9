package srp

import (
	"fmt"
	"time"
)

// timestampLayout is Cognito's own: English, UTC, 24 hours, and a day that is not padded. It refuses a
// padded day and a weekday that does not fit the date.
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// MaxClockDifference is how far the time in an answer may be from the server's. Cognito does not say
// what it allows; a user's clock that is off by more than this should be put right.
const MaxClockDifference = 5 * time.Minute

// Timestamp is t in the form in which TIMESTAMP travels, in whole seconds of UTC.
func Timestamp(t time.Time) string { return t.UTC().Format(timestampLayout) }

// ParseTimestamp reads exactly what [Timestamp] writes. The error is [ErrTimestamp].
func ParseTimestamp(s string) (time.Time, error) {
	t, err := time.Parse(timestampLayout, s)
	// Parse takes a padded day and any weekday; writing it again shows both.
	if err != nil || Timestamp(t) != s {
		return time.Time{}, fmt.Errorf("%w: want the form %q", ErrTimestamp, timestampLayout)
	}
	return t, nil
}
