package live_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/query"
	"onsale/transport/live"
)

// restore takes the read side back to where nothing was sold.
func (t *tables) restore(events ...uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log = nil
	clear(t.counts)
	for _, event := range events {
		t.counts[event] = query.Counts{EventID: event, Version: 1, Remaining: 1000}
	}
}

func TestADatabaseThatWentBack(t *testing.T) {
	t.Parallel()
	polling := func(o *live.Options) { o.PollInterval = 5 * time.Millisecond }
	// sold is a hub whose viewer has seen some sales.
	sold := func(t *testing.T) (*fixture, browser) {
		f := start(t, polling)
		b := f.watching(t)
		for range 5 {
			f.tables.sell(f.event)
		}
		b.until(995)
		return f, b
	}
	t.Run("is told to who watches, though its versions are lower", func(t *testing.T) {
		t.Parallel()
		f, b := sold(t)
		f.tables.restore(f.event)
		b.until(1000)
		f.tables.sell(f.event)
		b.until(999)
	})
	t.Run("is noticed when it was away, though it has grown since", func(t *testing.T) {
		t.Parallel()
		f, b := sold(t)
		f.tables.mu.Lock()
		f.tables.failing = true
		f.tables.mu.Unlock()
		f.tables.restore(f.event)
		for range 20 {
			f.tables.sell(uuid.New())
		}
		f.tables.mu.Lock()
		polls := make(chan struct{}, 1000)
		f.tables.polled = func() { polls <- struct{}{} }
		f.tables.mu.Unlock()
		<-polls // it has failed
		f.tables.mu.Lock()
		f.tables.failing = false
		f.tables.mu.Unlock()
		b.until(1000)
	})
	t.Run("without an event says nothing of it to who comes", func(t *testing.T) {
		t.Parallel()
		f, b := sold(t)
		other := uuid.New()
		b.send(`{"type":"subscribe","events":[%q]}`, other)
		b.next()
		f.tables.restore(other)
		b.until(1000) // of the other: all that is watched was read again
		late := f.signedIn(t)
		late.send(`{"type":"subscribe","events":[%q]}`, f.event)
		if got := late.next(); got.Type != "snapshot" || len(got.Events) != 0 {
			t.Errorf("got %+v", got)
		}
	})
}
