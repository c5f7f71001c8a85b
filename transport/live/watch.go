package live

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"onsale/query"
)

// subscribe first lets changes through and then reads what is, so that none is missed in between. That they may overtake
// what is read is what versions are for.
func (h *Hub) subscribe(v *viewer, r request) (Close, bool) {
	ctx, cancel := context.WithTimeout(h.life, queryTimeout)
	defer cancel()
	if err := errors.Join(h.options.CatchUp(ctx), h.begin(ctx)); err != nil {
		return h.unavailable(err)
	}
	known, unknown, tooMany := h.watch(v, r)
	if tooMany {
		return CloseManyEvents, false
	}
	if r.All || len(unknown) > 0 {
		read, err := h.options.Counts.Counts(ctx, unknown)
		if err != nil {
			return h.unavailable(err)
		}
		h.learn(read)
		known = append(known, read...)
	}
	for chunk := range slices.Chunk(known, snapshotMax) {
		v.reply(encode(response{Type: "snapshot", Events: chunk}))
	}
	if len(known) == 0 {
		v.reply(nothing)
	}
	return Close{}, true
}

func (h *Hub) unavailable(err error) (Close, bool) {
	if h.life.Err() != nil {
		return CloseGoingAway, false
	}
	h.options.Log.Warn("reading counts failed", "error", err)
	return CloseUnavailable, false
}

// begin finds out where the log is when nobody has been watching, so that what changes from now on is not missed.
func (h *Hub) begin(ctx context.Context) error {
	h.mu.Lock()
	watching := h.through >= 0
	h.mu.Unlock()
	if watching {
		return nil
	}
	_, through, err := h.options.Counts.Changed(ctx, -1)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.through < 0 {
		h.through = through
	}
	return nil
}

var nothing = encode(response{Type: "snapshot", Events: []query.Counts{}})

// watch lets the viewer see what it asks for. It returns the counts that are known, and the events whose counts are not.
func (h *Hub) watch(v *viewer, r request) (known []query.Counts, unknown []uuid.UUID, tooMany bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	more := 0
	for _, event := range r.Events {
		if _, watches := v.watched[event]; !watches {
			more++
		}
	}
	if len(v.watched)+more > maxWatched {
		return nil, nil, true
	}
	if r.All && v.all == 0 {
		v.all = 1 + h.everyone.enter(v)
	}
	if v.watched == nil {
		v.watched = make(map[uuid.UUID]int, len(r.Events))
	}
	for _, event := range r.Events {
		t := h.topic(event)
		if _, watches := v.watched[event]; !watches {
			v.watched[event] = t.viewers.enter(v)
		}
		if t.counts.Version > 0 {
			known = append(known, t.counts)
		} else {
			unknown = append(unknown, event)
		}
	}
	return known, unknown, false
}

// topic returns the topic of an event, new if need be. The caller has the lock.
func (h *Hub) topic(event uuid.UUID) *topic {
	t := h.topics[event]
	if t == nil {
		t = new(topic)
		h.topics[event] = t
	}
	return t
}

func (h *Hub) unsubscribe(v *viewer, r request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.All {
		h.unwatchAll(v)
	}
	for _, event := range r.Events {
		h.unwatch(v, event)
	}
}

// unwatch ends what watch began. The caller has the lock.
func (h *Hub) unwatch(v *viewer, event uuid.UUID) {
	place, watches := v.watched[event]
	if !watches {
		return
	}
	delete(v.watched, event)
	t := h.topics[event]
	moved := t.viewers.leave(place)
	if moved != nil {
		moved.watched[event] = place
	}
	t.move(moved, event, len(t.viewers), place)
	if t.next > len(t.viewers) {
		t.next-- // those who watch everything come after those who watch the event
	}
	h.drop(event, t)
}

// unwatchAll ends what watch began for all events. The caller has the lock.
func (h *Hub) unwatchAll(v *viewer) {
	if v.all == 0 {
		return
	}
	place := v.all - 1
	moved := h.everyone.leave(place)
	if moved != nil {
		moved.all = v.all
	}
	v.all = 0
	for event, t := range h.unsent {
		t.move(moved, event, len(t.viewers)+len(h.everyone), len(t.viewers)+place)
	}
	if len(h.everyone) == 0 {
		for event, t := range h.topics {
			h.drop(event, t)
		}
	}
}

// drop forgets a topic that nobody watches.
func (h *Hub) drop(event uuid.UUID, t *topic) {
	if len(t.viewers) == 0 && len(h.everyone) == 0 {
		delete(h.topics, event)
		delete(h.changed, event)
		delete(h.unsent, event)
	}
}
