package main

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Times are durations since the run began, by one monotonic clock; the clocks of nodes are told from it by their offsets.
// slack is how far the machine's wall clock may drift from it in a round, and more.
const slack = 25 * time.Millisecond

// A skew is how far the clock of one node is off, and ever was.
type skew struct {
	path string // the file from which the node reads it
	now  func() time.Duration

	mu      sync.Mutex
	changes []offsetChange
}

// An offsetChange took place at some moment between earliest and latest.
type offsetChange struct {
	earliest, latest time.Duration
	offset           time.Duration
}

func newSkew(path string, now func() time.Duration) (*skew, error) {
	s := &skew{path: path, now: now}
	return s, s.set(0)
}

// set changes the offset at once, for a node that runs and for those to come.
func (s *skew) set(offset time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := offsetChange{earliest: s.now(), offset: offset}
	next := filepath.Join(filepath.Dir(s.path), "."+filepath.Base(s.path))
	if err := os.WriteFile(next, []byte(offset.String()), 0o644); err != nil {
		return err
	}
	if err := os.Rename(next, s.path); err != nil {
		return err
	}
	c.latest = s.now()
	s.changes = append(s.changes, c)
	return nil
}

// history is all changes so far.
func (s *skew) history() offsets {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.changes)
}

// offsets are the changes of one node's clock, in order; before the first it was on time.
type offsets []offsetChange

// during returns what the node's clock may have shown between two moments, at least and at most.
func (o offsets) during(from, to time.Duration) (low, high time.Duration) {
	low, high = from, to
	first := true
	for i, c := range o {
		until := to
		if i+1 < len(o) {
			until = min(to, o[i+1].latest)
		}
		if c.earliest > to || until < from {
			continue
		}
		l, h := max(from, c.earliest)+c.offset, until+c.offset
		if first {
			low, high, first = l, h, false
			continue
		}
		low, high = min(low, l), max(high, h)
	}
	return low - slack, high + slack
}

// reaches returns the first moment at which the node's clock may have shown t, and whether there is one.
func (o offsets) reaches(t time.Duration) (time.Duration, bool) {
	for i, c := range o {
		at := max(c.earliest, t-c.offset-slack)
		if i+1 == len(o) || at <= o[i+1].latest {
			return at, true
		}
	}
	return 0, false
}

// firstToReach is the first moment at which any of the clocks may have shown t.
func firstToReach(clocks []offsets, t time.Duration) time.Duration {
	first := t
	for i, o := range clocks {
		if at, ok := o.reaches(t); ok && (i == 0 || at < first) {
			first = at
		}
	}
	return first
}
