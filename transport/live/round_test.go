package live_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/transport/live"
)

// crowd is more viewers of the event than are told at once.
func (f *fixture) crowd(t *testing.T) []browser {
	t.Helper()
	viewers := make([]browser, 300)
	for i := range viewers {
		viewers[i] = f.watching(t)
	}
	return viewers
}

// sellOne sells a ticket, tells the hub, and returns how many are left.
func (f *fixture) sellOne() int {
	f.hub.Announce(f.tables.sell(f.event))
	f.tables.mu.Lock()
	defer f.tables.mu.Unlock()
	return f.tables.counts[f.event].Remaining
}

func TestWhoeverLeavesInARoundKeepsNobodyFromTheNewest(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	viewers := f.crowd(t)
	for len(viewers) > 50 {
		var leaving, reading sync.WaitGroup
		leave, stay := viewers[:50], viewers[50:]
		remaining := f.sellOne()
		leaving.Go(func() { // the first ones, whose places the last ones take
			for _, b := range leave {
				b.Close()
			}
		})
		for _, b := range stay {
			reading.Go(func() { b.until(remaining) })
		}
		reading.Wait()
		leaving.Wait()
		viewers = stay
	}
}

// answer reads frames until the answer to a subscription, which counts that were pushed may come before.
func (b browser) answer() {
	b.t.Helper()
	for b.next().Type != "snapshot" {
	}
}

func TestWhoWatchesAllAndOneIsToldOfItUntilBothAreTakenBack(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	b, other := f.signedIn(t), uuid.New()
	for range 2 { // the second time nothing is new
		b.send(`{"type":"subscribe","all":true}`)
		b.answer()
		b.send(`{"type":"subscribe","events":[%q]}`, f.event)
		b.answer()
	}
	b.send(`{"type":"unsubscribe","events":[%q]}`, f.event)
	b.send(`{"type":"subscribe","events":[%q]}`, other) // answered after that was done
	b.answer()
	b.until(f.sellOne())
	b.send(`{"type":"unsubscribe","all":true}`)
	b.send(`{"type":"subscribe","events":[%q]}`, other)
	b.answer()
	f.sellOne()
	f.hub.Announce(f.tables.sell(other))
	if got := b.next(); got.Events[0].EventID != other {
		t.Errorf("got %+v", got)
	}
}

func TestAManyWatchedEventKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	f := start(t, func(o *live.Options) { o.Interval = time.Millisecond })
	f.crowd(t)
	other := uuid.New()
	b := f.signedIn(t)
	b.send(`{"type":"subscribe","events":[%q]}`, other)
	b.next()
	for range 100 {
		f.sellOne()
		f.hub.Announce(f.tables.sell(other))
	}
	b.until(-100)
}

func TestViewersAreToldWhatTheNodeHasAcknowledged(t *testing.T) {
	t.Parallel()
	told := func(t *testing.T, catchUp func(context.Context, *fixture) error) (remaining int) {
		t.Helper()
		var subscribed atomic.Bool
		var f *fixture
		f = start(t, func(o *live.Options) {
			o.Interval = 10 * time.Millisecond
			o.CatchUp = func(ctx context.Context) error {
				if !subscribed.Load() {
					return nil
				}
				return catchUp(ctx, f)
			}
		})
		b := f.watching(t)
		subscribed.Store(true)
		f.sellOne()
		return b.next().Events[0].Remaining
	}
	got := told(t, func(_ context.Context, f *fixture) error { f.tables.sell(f.event); return nil }) // the tables get one more
	if got != 998 {
		t.Errorf("%d are left", got)
	}
	t.Run("or what there is, if that takes long", func(t *testing.T) {
		t.Parallel()
		if got := told(t, func(ctx context.Context, _ *fixture) error { <-ctx.Done(); return ctx.Err() }); got != 999 {
			t.Errorf("%d are left", got)
		}
	})
}
