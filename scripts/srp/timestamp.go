package srp

import (
	"fmt"
	"time"
)

// timestampLayout is Cognito's format: English, UTC, 24 hours, unpadded day. Cognito refuses a padded day and a weekday that does not
// match the date.
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// MaxClockDifference is the maximum difference between the time in an answer and the server's time. Cognito does not document its
// own limit.
const MaxClockDifference = 5 * time.Minute

// Timestamp returns t in the format of TIMESTAMP, in whole seconds of UTC.
func Timestamp(t time.Time) string { return t.UTC().Format(timestampLayout) }

// ParseTimestamp parses exactly the format of [Timestamp]. The error is [ErrTimestamp].
func ParseTimestamp(s string) (time.Time, error) {
	t, err := time.Parse(timestampLayout, s)
	// Parse accepts a padded day and any weekday; formatting again reveals both.
	if err != nil || Timestamp(t) != s {
		return time.Time{}, fmt.Errorf("%w: want the form %q", ErrTimestamp, timestampLayout)
	}
	return t, nil
}
