package live

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"onsale/query"
)

// told is a hub that nobody runs, with an event that so many watch who take nothing: what they are to be sent stays in their hands.
func told(n int) (h *Hub, t *topic, viewers []*viewer) {
	h = &Hub{topics: make(map[uuid.UUID]*topic), unsent: make(map[uuid.UUID]*topic), pushed: make(chan struct{}, 1)}
	h.metrics = newMetrics(nil, h)
	event := uuid.New()
	t = h.topic(event)
	t.counts = query.Counts{EventID: event, Version: 1}
	for range n {
		v := &viewer{metrics: h.metrics, writing: true}
		h.watch(v, request{Events: []uuid.UUID{event}})
		viewers = append(viewers, v)
	}
	return h, t, viewers
}

// sendAll goes on until everybody has been sent everything.
func sendAll(h *Hub) {
	for sent := 1; sent > 0; {
		sent, _ = h.sendSome()
	}
}

func TestWhoseTurnComesLateIsToldWhatIsTheNewestByThen(t *testing.T) {
	t.Parallel()
	h, topic, viewers := told(2*batch + 1)
	event, older, newer := topic.counts.EventID, new(websocket.PreparedMessage), new(websocket.PreparedMessage)
	h.send(topic, older)
	h.sendSome()
	h.send(topic, newer)
	for _, step := range []struct{ newest, older int }{{0, batch}, {batch, batch}, {batch + 1, batch}, {2*batch + 1, 0}} {
		got := map[*websocket.PreparedMessage]int{}
		for _, v := range viewers {
			got[v.counts[event]]++
		}
		if got[newer] != step.newest || got[older] != step.older {
			t.Errorf("%d have been told the newest and %d what was before, want %v", got[newer], got[older], step)
		}
		h.sendSome()
	}
	sendAll(h)
	if len(h.unsent) != 0 {
		t.Error("it is never done")
	}
}

func TestWhoTakesThePlaceOfOneWhoLeftMissesNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		sends int // until some of them have had their turn, and not all
		leave func(h *Hub, event uuid.UUID, one, all *viewer)
	}{
		"of those who watch the event": {1, func(h *Hub, event uuid.UUID, one, _ *viewer) { h.unwatch(one, event) }},
		"of those who watch all":       {2, func(h *Hub, _ uuid.UUID, _, all *viewer) { h.unwatchAll(all) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, topic, viewers := told(batch + 2)
			for range batch + 2 {
				v := &viewer{metrics: h.metrics, writing: true}
				h.watch(v, request{All: true})
				viewers = append(viewers, v)
			}
			event, frame := topic.counts.EventID, new(websocket.PreparedMessage)
			one, all := viewers[0], viewers[batch+2]
			h.send(topic, frame)
			for range row.sends {
				h.sendSome()
			}
			row.leave(h, event, one, all) // who comes last, and has not been told, has this place now
			sendAll(h)
			for i, v := range viewers {
				if v != one && v != all && v.counts[event] != frame {
					t.Errorf("viewer %d was not told", i)
				}
			}
			for _, v := range viewers {
				h.unwatch(v, event)
				h.unwatchAll(v)
			}
			if len(h.topics)+len(h.unsent)+len(h.everyone) != 0 {
				t.Error("something is left of an event that nobody watches")
			}
		})
	}
}

// Somebody leaves between two batches, and who had yet to be told is in a place that has been.
func TestARoundEndsThoughAllWhoHadYetToBeToldHaveMoved(t *testing.T) {
	t.Parallel()
	h, topic, viewers := told(batch + 1)
	event, frame := topic.counts.EventID, new(websocket.PreparedMessage)
	h.send(topic, frame)
	h.sendSome()
	h.unwatch(viewers[5], event)
	if viewers[batch].counts[event] != frame {
		t.Error("who moved was not told")
	}
	if sent, wait := h.sendSome(); sent != 0 || wait != 0 || len(h.unsent) != 0 {
		t.Errorf("%d more are told, and %d events are still to be told of in %v", sent, len(h.unsent), wait)
	}
}

// News came in a round of which nobody is left who has not been told.
func TestARoundOfWhomAllHaveLeftIsFollowedByTheNext(t *testing.T) {
	t.Parallel()
	h, topic, viewers := told(batch + 1)
	h.options.Interval = time.Hour
	event, newer := topic.counts.EventID, new(websocket.PreparedMessage)
	h.send(topic, new(websocket.PreparedMessage))
	h.sendSome()
	h.send(topic, newer)
	h.unwatch(viewers[batch], event)
	if sent, wait := h.sendSome(); sent != 0 || wait < 59*time.Minute || wait > time.Hour {
		t.Errorf("sent %d, the next round in %v", sent, wait)
	}
	topic.began = time.Time{}
	sendAll(h)
	for i, v := range viewers[:batch] {
		if v.counts[event] != newer {
			t.Errorf("viewer %d was not told the newest", i)
		}
	}
}

func TestComingsAndGoingsKeepNoRoundGoing(t *testing.T) {
	t.Parallel()
	const crowd = 20 * batch
	for name, come := range map[string]request{"of those who watch the event": {}, "of those who watch all": {All: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, topic, viewers := told(crowd)
			event := topic.counts.EventID
			if !come.All {
				come.Events = []uuid.UUID{event}
			}
			for _, v := range viewers {
				h.unsubscribe(v, request{Events: []uuid.UUID{event}})
				h.watch(v, come)
			}
			h.send(topic, new(websocket.PreparedMessage))
			frames := 0
			for i := 0; len(h.unsent) > 0 && frames < 2*crowd; i++ {
				sent, _ := h.sendSome()
				frames += sent
				v := viewers[37*i%crowd]
				h.unsubscribe(v, come)
				h.watch(v, come)
			}
			if len(h.unsent) > 0 || frames > crowd+crowd/batch {
				t.Errorf("%d frames to tell %d of one change", frames, crowd)
			}
		})
	}
}

func TestARoundBeginsNoSoonerThanAnIntervalAfterTheLast(t *testing.T) {
	t.Parallel()
	h, topic, _ := told(1)
	h.options.Interval = time.Hour
	frame := new(websocket.PreparedMessage)
	h.send(topic, frame)
	if sent, _ := h.sendSome(); sent != 1 {
		t.Fatal("the first one waits")
	}
	h.send(topic, frame)
	if sent, wait := h.sendSome(); sent != 0 || wait < 59*time.Minute || wait > time.Hour {
		t.Errorf("sent %d, the next one in %v", sent, wait)
	}
}
