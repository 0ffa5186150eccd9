package cognitotest

import (
	"sync"
	"time"
)

// Clock stands still until a test moves it. Its method Now goes where a Config asks for one.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock is a clock that stands at a fixed moment in whole seconds.
func NewClock() *Clock { return &Clock{now: time.Unix(1_795_360_000, 0).UTC()} }

// Now is where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d, back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
