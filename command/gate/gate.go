// Package gate bounds work that is dear, whatever arrives: so much of it at once, so much that waits in order of arrival, and no
// more.
package gate

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ErrFull says that every place is taken, those to wait in too. The work has not run.
var ErrFull = errors.New("too many are waiting")

// A Gate has a place for everybody who is inside or waits. It is safe for concurrent use.
type Gate struct {
	places  chan struct{} // full of everybody
	slots   chan struct{} // full of those inside, and of those that rest
	working *atomic.Int32 // those inside
	rests   bool
}

// New returns a gate that lets so many inside at once, at least one, and has so many more wait.
func New(slots, queue int) Gate {
	return Gate{places: make(chan struct{}, slots+queue), slots: make(chan struct{}, slots), working: new(atomic.Int32)}
}

// NewResting returns a gate like New's where each slot, after work, rests for as long as that took, a quarter of a second at most:
// however many wait, it is in use half of the time. Whose work it was does not wait for that. It is for work that is done
// elsewhere, as by a database, and cannot be made to give way there.
func NewResting(slots, queue int) Gate {
	g := New(slots, queue)
	g.rests = true
	return g
}

// Pass runs work inside the gate, in order of arrival. It returns ErrFull at once when no place is free, and ctx's error when ctx
// ends while waiting; in both cases work has not run. Otherwise it returns what work returns.
func (g Gate) Pass(ctx context.Context, work func() error) error {
	select {
	case g.places <- struct{}{}:
		defer func() { <-g.places }()
	default:
		return ErrFull
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	began := time.Now()
	g.working.Add(1)
	defer func() { g.leave(time.Since(began)) }()
	if err := ctx.Err(); err != nil {
		return err
	}
	return work()
}

// longestRest is as long as a slot rests at most: what takes longer is slow for another reason.
const longestRest = 250 * time.Millisecond

// leave frees a slot that was in use for so long.
func (g Gate) leave(took time.Duration) {
	g.working.Add(-1)
	if g.rests && took > 0 {
		time.AfterFunc(min(took, longestRest), func() { <-g.slots })
		return
	}
	<-g.slots
}

// Places is how many may be inside or wait, Running how many are inside, and Waiting how many wait, also for a slot that rests.
func (g Gate) Places() int  { return cap(g.places) }
func (g Gate) Running() int { return int(g.working.Load()) }
func (g Gate) Waiting() int { return max(0, len(g.places)-g.Running()) }
