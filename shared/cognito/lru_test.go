package cognito

import (
	"container/list"
	"testing"
)

func TestASegmentHoldsAsMuchAsItsBoundsAndDropsTheOldest(t *testing.T) {
	l := lru{most: 2, mostBytes: 100, index: make(map[digest]*list.Element)}
	entryOf := func(name byte, bytes int) *entry { return &entry{digest: digest{name}, bytes: bytes} }
	for _, step := range []struct {
		add   *entry
		bytes int
		held  string
	}{
		{entryOf('a', 60), 60, "a"},
		{entryOf('b', 40), 100, "ab"}, // both bounds are reached
		{entryOf('c', 1), 41, "bc"},   // one too many
		{entryOf('c', 2), 42, "bc"},   // the same again
		{entryOf('d', 98), 100, "cd"}, // b goes first
		{entryOf('e', 99), 99, "e"},   // c and d are too large beside it
		{entryOf('f', 101), 0, ""},    // larger than the segment
	} {
		l.add(step.add)
		held := ""
		for name := byte('a'); name <= 'f'; name++ {
			if l.index[digest{name}] != nil {
				held += string(name)
			}
		}
		if l.bytes != step.bytes || held != step.held || l.order.Len() != len(held) {
			t.Errorf("after %c: %q in %d bytes, want %q in %d", step.add.digest[0], held, l.bytes, step.held, step.bytes)
		}
	}
	if l.use(digest{'a'}) != nil || l.remove(digest{'a'}) != nil {
		t.Error("an entry that was dropped is found")
	}
	if newTokenCache(7).probation.most != 4 || newTokenCache(7).protected.most != 3 {
		t.Error("the segments do not hold seven tokens together")
	}
}
