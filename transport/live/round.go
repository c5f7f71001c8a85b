package live

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

const (
	frameCost = 15 * time.Microsecond // to write a frame, about; nearly all of it is the kernel's
	batch     = 128                   // frames that are begun together: what else the node does comes in between
	lateness  = 10 * time.Millisecond // that is made up for
)

// A round tells the viewers of a topic, one after the other in the order of their places, what is the newest when it is their turn:
// so counts are never older than a round for having to be told to many.
type round struct {
	frame    *websocket.PreparedMessage // the newest
	news     bool                       // it came when the round under way had begun
	underWay bool
	next     int       // whose turn it is: the topic's viewers come first, then those who watch everything
	began    time.Time // the last one
}

// send has a topic's viewers sent a newer frame. The caller has the lock.
func (h *Hub) send(t *topic, frame *websocket.PreparedMessage) {
	t.frame, t.news = frame, true
	h.unsent[t.counts.EventID] = t
	wake(h.pushed)
}

// push sends frames at a pace that takes no more than a core.
func (h *Hub) push(ctx context.Context) {
	free := time.Now() // when what was sent is written, about
	for ctx.Err() == nil {
		sent, wait := h.sendSome()
		if sent == 0 {
			h.await(ctx, wait)
			free = time.Now()
			continue
		}
		now := time.Now()
		if free = free.Add(time.Duration(sent) * frameCost); now.Sub(free) > lateness {
			free = now.Add(-lateness)
		}
		if ahead := free.Sub(now); ahead > time.Millisecond {
			sleep(ctx, ahead)
		}
	}
}

// await returns when there is more to send, or after a time, if that is not 0.
func (h *Hub) await(ctx context.Context, d time.Duration) {
	var enough <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-h.pushed:
	case <-enough:
	case <-ctx.Done():
	}
}

// sendSome goes on with the rounds that are due. It returns how many frames it sent, and if none, how long to wait for the next round, 0 if
// there is none.
func (h *Hub) sendSome() (sent int, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	waits := func(t *topic) {
		if rest := max(h.options.Interval-now.Sub(t.began), 1); wait == 0 || rest < wait {
			wait = rest
		}
	}
	for event, t := range h.unsent {
		if !t.underWay {
			if now.Sub(t.began) < h.options.Interval {
				waits(t)
				continue
			}
			t.underWay, t.news, t.next, t.began = true, false, 0, now
		}
		last := len(t.viewers) + len(h.everyone)
		for ; sent < batch && t.next < last; t.next++ {
			h.turn(t).show(event, t.frame)
			sent++
		}
		if t.next < last {
			break
		}
		if t.underWay = false; t.news {
			waits(t)
		} else {
			t.frame = nil
			delete(h.unsent, event)
		}
	}
	if sent > 0 {
		wait = 0
	}
	return sent, wait
}

// turn is the viewer whose turn it is.
func (h *Hub) turn(t *topic) *viewer {
	if t.next < len(t.viewers) {
		return t.viewers[t.next]
	}
	return h.everyone[t.next-len(t.viewers)]
}

// An audience is viewers in the order in which they are told.
type audience []*viewer

// enter takes in a viewer and returns its place.
func (a *audience) enter(v *viewer) int {
	*a = append(*a, v)
	return len(*a) - 1
}

// leave lets go of who has the place, and returns who has it now, who was the last, nil for nobody.
func (a *audience) leave(place int) (moved *viewer) {
	last := len(*a) - 1
	if place != last {
		moved = (*a)[last]
		(*a)[place] = moved
	}
	(*a)[last] = nil
	*a = (*a)[:last]
	return moved
}

// move tells who got the place of one who left, or nobody, what it would miss: its turn was to come, and that of its new place is over.
func (t *topic) move(moved *viewer, event uuid.UUID, from, to int) {
	if moved != nil && t.underWay && to < t.next && t.next <= from {
		moved.show(event, t.frame)
	}
}
