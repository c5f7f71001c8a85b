package main

import (
	"sync"

	"github.com/google/uuid"

	"onsale/projections"
)

// maxChanges bounds how many events are remembered to have changed.
const maxChanges = 10_000

// changes remembers which listings have changed lately, as far as this node has changed them: where another one did, nothing is known
// until this node has gone on from there. It need not notice that the database was restored: who asks keeps no answer for long.
type changes struct {
	mu      sync.Mutex
	after   int64 // it remembers what has changed after this position
	through int64 // and up to this one
	last    map[uuid.UUID]int64
}

// note takes in a run of the log that the listings have got, before anybody is told that they have.
func (c *changes) note(run projections.Applied) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || run.After != c.through || len(c.last) > maxChanges {
		c.after, c.last = run.After, make(map[uuid.UUID]int64)
	}
	c.through = run.Through
	for _, event := range run.Streams {
		c.last[event] = run.Through
	}
}

// unchanged reports whether the event's listing is known to be at position now as it was at position then.
func (c *changes) unchanged(event uuid.UUID, then, now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.after <= then && then <= now && now == c.through && c.last[event] <= then
}
