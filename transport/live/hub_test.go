package live_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command/identity"
	"onsale/query"
	"onsale/transport/live"
)

func TestSubscribe(t *testing.T) {
	t.Parallel()
	t.Run("is answered with the counts as they are", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","events":[%q,%q]}`, f.event, uuid.New())
		got := b.next()
		if got.Type != "snapshot" || len(got.Events) != 1 || got.Events[0].Remaining != 1000 || got.Events[0].Version != 1 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("to an event that does not exist shows nothing", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","events":[%q]}`, uuid.New())
		if got := b.next(); got.Type != "snapshot" || len(got.Events) != 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("to all shows all, and what comes later", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","all":true}`)
		if got := b.next(); got.Type != "snapshot" || len(got.Events) != 1 {
			t.Errorf("got %+v", got)
		}
		f.hub.Announce(f.tables.sell(uuid.New()))
		b.until(-1)
	})
	t.Run("misses nothing that changes meanwhile", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		var once sync.Once
		f.tables.reading = func() { once.Do(func() { f.hub.Announce(f.tables.sell(f.event)) }) }
		b := f.signedIn(t)
		b.send(`{"type":"subscribe","events":[%q]}`, f.event)
		b.until(999)
	})
	t.Run("says so when the counts cannot be read", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.signedIn(t)
		f.tables.failing = true
		b.send(`{"type":"subscribe","events":[%q]}`, f.event)
		if got := b.closed(); got != live.CloseUnavailable {
			t.Errorf("got %v", got)
		}
	})
	t.Run("can be taken back", func(t *testing.T) {
		t.Parallel()
		f := start(t, nil)
		b := f.watching(t)
		b.send(`{"type":"unsubscribe","events":[%q]}`, f.event)
		other := uuid.New()
		b.send(`{"type":"subscribe","events":[%q]}`, other)
		b.next()
		f.hub.Announce(f.tables.sell(f.event))
		f.hub.Announce(f.tables.sell(other))
		if got := b.next(); got.Events[0].EventID != other {
			t.Errorf("got %+v", got)
		}
	})
}

func TestChangesReachEveryViewer(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	viewers := make([]browser, 20)
	for i := range viewers {
		viewers[i] = f.watching(t)
	}
	for range 500 {
		f.hub.Announce(f.tables.sell(f.event))
	}
	for _, b := range viewers {
		b.until(500)
	}
}

func TestChangesAreMerged(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Interval = 50 * time.Millisecond })
	b := f.watching(t)
	began := time.Now()
	for range 900 {
		f.hub.Announce(f.tables.sell(f.event))
	}
	frames := b.until(100)
	if most := 2 + int(time.Since(began)/(50*time.Millisecond)); frames > most {
		t.Errorf("900 changes came in %d frames, want at most %d", frames, most)
	}
}

func TestAnAnnouncementThatComesLateOrTwiceShowsNothingOld(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.watching(t)
	older, newer := f.tables.sell(f.event), f.tables.sell(f.event)
	f.hub.Announce(newer)
	b.until(998)
	f.hub.Announce(older)
	f.hub.Announce(newer)
	f.hub.Announce(f.tables.sell(f.event))
	if got := b.next(); got.Events[0].Remaining != 997 {
		t.Errorf("got %+v", got)
	}
}

func TestCountsThatCannotBeReadAreReadAgain(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.watching(t)
	f.tables.mu.Lock()
	f.tables.failing = true
	failed := make(chan struct{}, 1000)
	f.tables.reading = func() { failed <- struct{}{} }
	f.tables.mu.Unlock()
	f.hub.Announce(f.tables.sell(f.event))
	<-failed
	<-failed
	f.tables.mu.Lock()
	f.tables.failing = false
	f.tables.mu.Unlock()
	b.until(999)
}

func TestWhatWasNotAnnouncedIsFoundByAsking(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.PollInterval = 5 * time.Millisecond })
	b := f.watching(t)
	f.tables.sell(f.event) // its announcement is lost
	b.until(999)
	f.tables.mu.Lock()
	f.tables.failing = true
	f.tables.mu.Unlock()
	f.tables.sell(f.event)
	f.tables.mu.Lock()
	f.tables.failing = false
	f.tables.mu.Unlock()
	b.until(998)
	t.Run("also when a later one was announced", func(t *testing.T) {
		other := uuid.New()
		b.send(`{"type":"subscribe","events":[%q]}`, other)
		b.next()
		f.tables.sell(f.event) // lost
		f.hub.Announce(f.tables.sell(other))
		b.until(997)
	})
}

func TestASlowViewerSlowsNobody(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Interval = time.Nanosecond })
	f.watching(t) // and reads nothing any more
	quick := f.watching(t)
	f.tables.mu.Lock()
	c := f.tables.counts[f.event]
	c.Sections = make([]query.SectionCounts, 500) // so that the slow one's buffers are full soon
	f.tables.counts[f.event] = c
	f.tables.mu.Unlock()
	for sold := 1; sold < 120; sold++ {
		f.hub.Announce(f.tables.sell(f.event))
		quick.until(1000 - sold)
	}
}

func TestCloseSendsEverybodyAway(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	viewers := []browser{f.signedIn(t), f.watching(t)}
	f.hub.Close()
	f.hub.Close()
	for _, b := range viewers {
		if got := b.closed(); got != live.CloseGoingAway {
			t.Errorf("got %v", got)
		}
	}
	if n := f.hub.Viewers(); n != 0 {
		t.Errorf("%d viewers are left", n)
	}
	late := f.connect(t)
	late.send(`{"type":"auth","token":%q}`, uuid.New())
	if got := late.closed(); got != live.CloseGoingAway {
		t.Errorf("after Close: %v", got)
	}
}

// A panickyAccounts is a bug.
type panickyAccounts struct{}

func (panickyAccounts) Authenticate(string) (identity.Caller, error) { panic("a bug") }

func TestAPanicIsOneViewersTrouble(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Accounts = panickyAccounts{} })
	b := f.connect(t)
	b.send(`{"type":"auth","token":"x"}`)
	if got := b.closed(); got != live.CloseUnavailable {
		t.Errorf("got %v", got)
	}
	if got := f.connect(t); got.Conn == nil {
		t.Error("the hub is gone")
	}
}

func TestSubscribingWaitsForWhatTheNodeHasAcknowledged(t *testing.T) {
	t.Parallel()
	asked, caughtUp := make(chan struct{}, 1), make(chan struct{})
	f := start(t, func(o *live.Options) {
		o.CatchUp = func(ctx context.Context) error {
			asked <- struct{}{}
			select {
			case <-caughtUp:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	b, created := f.signedIn(t), uuid.New()
	b.send(`{"type":"subscribe","events":[%q]}`, created)
	<-asked
	f.tables.sell(created) // only now do the tables have it
	close(caughtUp)
	if got := b.next(); got.Type != "snapshot" || len(got.Events) != 1 || got.Events[0].EventID != created {
		t.Errorf("got %+v", got)
	}
}

func TestAnEmptySnapshotSaysSo(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b := f.signedIn(t)
	b.send(`{"type":"subscribe","events":[%q]}`, uuid.New())
	_, text, err := b.ReadMessage()
	if err != nil || string(text) != `{"type":"snapshot","events":[]}` {
		t.Errorf("got %s, %v", text, err)
	}
}
