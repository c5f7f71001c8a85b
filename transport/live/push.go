package live

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onsale/query"
)

// An Announcement tells what a run of the log has changed.
type Announcement struct {
	After   int64          `json:"after"`   // the run follows this position
	Through int64          `json:"through"` // and ends with this one
	Events  []query.Counts `json:"events"`  // the counts, after it, of the events it changed
}

// Announce pushes what has changed. An announcement may come late, twice or never: it is a way to hear of changes soon, and
// what it does not say is found by asking.
func (h *Hub) Announce(a Announcement) {
	h.note(a.Events)
	h.mu.Lock()
	defer h.mu.Unlock()
	if a.After <= h.through && h.through < a.Through {
		h.through = a.Through
	}
}

// note takes in counts and pushes those that are newer than what is known.
func (h *Hub) note(counts []query.Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range counts {
		if t := h.update(c); t != nil {
			h.dirty[t] = struct{}{}
		}
	}
	h.wakePush()
}

// learn takes in counts that a viewer who subscribes has read. They are pushed only where others may be waiting too.
func (h *Hub) learn(counts []query.Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range counts {
		if t := h.update(c); t != nil && len(t.viewers)+len(h.everyone) > 1 {
			h.dirty[t] = struct{}{}
		}
	}
	h.wakePush()
}

// update returns the topic if somebody watches it and the counts are newer than what it has, which they replace.
func (h *Hub) update(c query.Counts) *topic {
	t := h.topics[c.EventID]
	if t == nil && len(h.everyone) > 0 {
		t = h.topic(c.EventID)
	}
	if t == nil || c.Version <= t.counts.Version {
		return nil
	}
	t.counts = c
	return t
}

func (h *Hub) wakePush() {
	if len(h.dirty) == 0 {
		return
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// push sends the counts of what has changed, each event at most once an interval.
func (h *Hub) push(ctx context.Context) {
	for {
		select {
		case <-h.changed:
		case <-ctx.Done():
			return
		}
		for wait := h.pushDue(); wait > 0; wait = h.pushDue() {
			if !sleep(ctx, wait) {
				return
			}
		}
	}
}

// pushDue pushes what is due and returns how long to wait for what is not, 0 for nothing.
func (h *Hub) pushDue() (wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for t := range h.dirty {
		if rest := h.options.Interval - now.Sub(t.sent); rest > 0 {
			if wait == 0 || rest < wait {
				wait = rest
			}
			continue
		}
		t.sent = now
		delete(h.dirty, t)
		frame := encode(response{Type: "counts", Events: []query.Counts{t.counts}})
		for v := range t.viewers {
			v.show(t.counts.EventID, frame)
		}
		for v := range h.everyone {
			v.show(t.counts.EventID, frame)
		}
	}
	return wait
}

// poll finds what has changed without being announced: the bus may have lost it, or it is another node's.
func (h *Hub) poll(ctx context.Context) {
	for sleep(ctx, h.options.PollInterval) {
		if err := h.pollOnce(ctx); err != nil && ctx.Err() == nil {
			h.options.Log.Warn("polling for changed counts failed, trying again", "error", err)
		}
	}
}

func (h *Hub) pollOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	h.mu.Lock()
	after := h.through
	h.mu.Unlock()
	if after < 0 {
		return nil // nobody watches; whoever comes reads what is
	}
	changed, through, err := h.options.Counts.Changed(ctx, after)
	if err != nil || through == after {
		return err
	}
	var counts []query.Counts
	if watched := h.watchedOf(changed); len(watched) > 0 {
		if counts, err = h.options.Counts.Counts(ctx, watched); err != nil {
			return err
		}
	}
	h.note(counts)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.through >= 0 {
		h.through = max(h.through, through)
	}
	return nil
}

// watchedOf returns those of the events that somebody watches.
func (h *Hub) watchedOf(events []uuid.UUID) []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.everyone) > 0 {
		return events
	}
	var watched []uuid.UUID
	for _, event := range events {
		if _, ok := h.topics[event]; ok {
			watched = append(watched, event)
		}
	}
	return watched
}

// tend pings viewers and closes those whose token is over.
func (h *Hub) tend(ctx context.Context) {
	const look = time.Second
	pinged := time.Now()
	for sleep(ctx, look) {
		ping := time.Since(pinged) >= h.options.PingInterval
		if ping {
			pinged = time.Now()
		}
		h.mu.Lock()
		now := h.options.Clock()
		for v := range h.viewers {
			if !now.Before(v.caller.ExpiresAt) {
				v.close(CloseTokenExpired)
			} else if ping {
				v.sendPing()
			}
		}
		h.mu.Unlock()
	}
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
