package live

import (
	"context"
	"reflect"
	"time"

	"github.com/google/uuid"

	"onsale/query"
)

// An Announcement tells that a run of the log has reached the tables, and which events it changed.
type Announcement struct {
	After   int64       `json:"after"`   // the run follows this position
	Through int64       `json:"through"` // and ends with this one
	Events  []uuid.UUID `json:"events"`
}

// Announce makes the hub look at what has changed. An announcement may come late, twice or never: it is a way to hear of
// changes soon, and what was not announced is found by asking.
func (h *Hub) Announce(a Announcement) {
	h.mark(a.Events)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.through >= a.After {
		h.through = max(h.through, a.Through)
	}
}

// mark has those of the events pushed that somebody watches.
func (h *Hub) mark(events []uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, event := range events {
		t := h.topics[event]
		if t == nil && len(h.everyone) > 0 {
			t = h.topic(event)
		}
		if t != nil {
			h.changed[event] = t
		}
	}
	if len(h.changed) > 0 {
		wake(h.woken)
	}
}

func wake(sleeper chan<- struct{}) {
	select {
	case sleeper <- struct{}{}:
	default:
	}
}

// looks is how often in an interval counts are read while viewers are being told.
const looks = 4

// look reads the counts of what has changed, each event at most once an interval, or more often while its viewers are being told.
func (h *Hub) look(ctx context.Context) {
	for {
		select {
		case <-h.woken:
		case <-ctx.Done():
			return
		}
		for due, wait := h.due(); len(due) > 0 || wait > 0; due, wait = h.due() {
			if err := h.refresh(ctx, due); err != nil && ctx.Err() == nil {
				h.options.Log.Warn("reading counts failed, trying again", "error", err)
				h.mark(due)
				wait = max(wait, h.options.Interval)
			}
			if wait > 0 && !sleep(ctx, max(wait, h.options.Interval/10)) { // so that many events are read together
				return
			}
		}
	}
}

// due takes out the changed events that may be read now, and tells how long to wait for the next of the others, 0 if there
// are none.
func (h *Hub) due() (events []uuid.UUID, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for event, t := range h.changed {
		interval := h.options.Interval
		if t.underWay {
			interval /= looks
		}
		if rest := interval - now.Sub(t.read); rest <= 0 {
			delete(h.changed, event)
			t.read = now
			events = append(events, event)
		} else if wait == 0 || rest < wait {
			wait = rest
		}
	}
	return events, wait
}

// refresh reads the counts of events, and has those sent that are new: one encoded frame for all who watch.
func (h *Hub) refresh(ctx context.Context, events []uuid.UUID) error {
	if len(events) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	h.hurry(ctx)
	counts, err := h.options.Counts.Counts(ctx, events)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bury(events, counts)
	for _, c := range counts {
		if t := h.topics[c.EventID]; t != nil && t.learn(c) {
			h.send(t, encode(response{Type: "counts", Events: []query.Counts{c}}))
		}
	}
	return nil
}

// hurry waits for a moment until Counts shows what this node has acknowledged: the tables are in no hurry while nobody waits. Not each
// time where many events change, for pages that are hurried cost more.
func (h *Hub) hurry(ctx context.Context) {
	if time.Since(h.hurried) < h.options.Interval/looks {
		return
	}
	h.hurried = time.Now()
	ctx, enough := context.WithCancel(ctx) // no time-out: after one CatchUp looks whether the log was restored to an older state
	defer enough()
	defer time.AfterFunc(h.options.Interval/looks, enough).Stop()
	_ = h.options.CatchUp(ctx) // else what there is will do
}

// bury forgets the counts of doubted events that were read and are no more. The caller has the lock.
func (h *Hub) bury(events []uuid.UUID, counts []query.Counts) {
	there := make(map[uuid.UUID]bool, len(counts))
	for _, c := range counts {
		there[c.EventID] = true
	}
	for _, event := range events {
		if t := h.topics[event]; t != nil && t.doubted && !there[event] {
			t.counts, t.doubted = query.Counts{}, false
		}
	}
}

// learn takes in what was read of the topic's event, and reports whether that is news. The caller has the hub's lock.
func (t *topic) learn(c query.Counts) bool {
	doubted := t.doubted
	t.doubted = false
	if c.Version <= t.counts.Version && !doubted || doubted && reflect.DeepEqual(c, t.counts) {
		return false
	}
	t.counts = c
	return true
}

// learn remembers counts that somebody who subscribes has read. Where others watch too, and may have read older ones, they
// are sent.
func (h *Hub) learn(counts []query.Counts) {
	var shared []uuid.UUID
	h.mu.Lock()
	for _, c := range counts {
		if t := h.topics[c.EventID]; t != nil && c.Version > t.counts.Version {
			if len(t.viewers)+len(h.everyone) > 1 {
				shared = append(shared, c.EventID)
			} else {
				t.counts = c
			}
		}
	}
	h.mu.Unlock()
	h.mark(shared)
}

// poll finds what has changed without being announced: the bus may have lost it, or it is another node's.
func (h *Hub) poll(ctx context.Context) {
	away := false
	for sleep(ctx, h.options.PollInterval) {
		err := h.pollOnce(ctx, away)
		if away = err != nil; away && ctx.Err() == nil {
			h.options.Log.Warn("polling for changed counts failed, trying again", "error", err)
		}
	}
}

// pollOnce is told whether the database was away just now: it may have come back older than it was.
func (h *Hub) pollOnce(ctx context.Context, away bool) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	h.mu.Lock()
	after := h.through
	h.mu.Unlock()
	if after < 0 {
		return nil // nobody watches; whoever comes reads what is
	}
	changed, through, err := h.options.Counts.Changed(ctx, after)
	if err != nil {
		return err
	}
	if away || through < after {
		h.doubt(through)
		return nil
	}
	h.Announce(Announcement{After: after, Through: through, Events: changed})
	return nil
}

// doubt has everything read again that somebody watches, and begins anew at a position.
func (h *Hub) doubt(through int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.through = through
	for event, t := range h.topics {
		t.doubted = true
		h.changed[event] = t
	}
	wake(h.woken)
}

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
