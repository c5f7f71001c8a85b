package gate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	t.Parallel()
	// occupy fills the gate with n passes and returns what lets them finish.
	occupy := func(g Gate, n int) (release func()) {
		held := make(chan struct{})
		for range n {
			go g.Pass(context.Background(), func() error { <-held; return nil })
		}
		synctest.Wait()
		return func() { close(held); synctest.Wait() }
	}
	nothing := func() error { return nil }

	t.Run("no more work than slots at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := New(3, 10)
			var inside atomic.Int32
			held := make(chan struct{})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					g.Pass(t.Context(), func() error { inside.Add(1); <-held; return nil })
				})
			}
			synctest.Wait()
			if n := inside.Load(); n != 3 {
				t.Errorf("%d inside, want 3", n)
			}
			close(held)
			wg.Wait()
			if n := inside.Load(); n != 8 {
				t.Errorf("%d came in, want 8", n)
			}
		})
	})
	t.Run("the first to come is the first to go in", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := New(1, 10)
			release := occupy(g, 1)
			var order []int
			for i := range 8 {
				go g.Pass(t.Context(), func() error { order = append(order, i); return nil })
				synctest.Wait()
			}
			release()
			if !slices.IsSorted(order) || len(order) != 8 {
				t.Errorf("they went in as %v", order)
			}
		})
	})
	t.Run("a full queue refuses at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := New(1, 2)
			release := occupy(g, 3)
			if err := g.Pass(t.Context(), nothing); !errors.Is(err, ErrFull) {
				t.Errorf("got %v, want ErrFull", err)
			}
			release()
			if err := g.Pass(t.Context(), nothing); err != nil {
				t.Errorf("after the storm: %v", err)
			}
		})
	})
	t.Run("who gives up waiting does no work and leaves the place", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := New(1, 1)
			release := occupy(g, 1)
			ctx, cancel := context.WithCancel(t.Context())
			result := make(chan error)
			go func() {
				result <- g.Pass(ctx, func() error { t.Error("worked"); return nil })
			}()
			synctest.Wait()
			cancel()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
			if g.Running() != 1 || g.Waiting() != 0 {
				t.Errorf("%d inside and %d waiting, want one inside", g.Running(), g.Waiting())
			}
			release()
		})
	})
	t.Run("who has given up before does no work though a slot is free", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		g := New(1, 1)
		for range 50 {
			err := g.Pass(ctx, func() error { t.Error("worked"); return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		}
	})
	t.Run("a slot that rests is in use half of the time, and nobody waits for its rest but the next", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g, began := NewResting(1, 10), time.Now()
			ended := make(chan time.Duration, 3)
			for range 3 {
				go func() {
					g.Pass(t.Context(), func() error { <-time.After(10 * time.Millisecond); return nil })
					ended <- time.Since(began)
				}()
			}
			for _, want := range []time.Duration{10 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond} {
				if got := <-ended; got != want {
					t.Errorf("came out after %v, want %v", got, want)
				}
			}
			<-time.After(time.Second)
			if len(g.slots) != 0 {
				t.Errorf("%d slots in use in the end", len(g.slots))
			}
		})
	})
	t.Run("who waits for a slot that rests is counted as waiting", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := NewResting(1, 10)
			counted := func(running, waiting int) {
				t.Helper()
				if g.Running() != running || g.Waiting() != waiting {
					t.Errorf("%d inside and %d waiting, want %d and %d", g.Running(), g.Waiting(), running, waiting)
				}
			}
			work := func() error { <-time.After(10 * time.Millisecond); return nil }
			g.Pass(t.Context(), work)
			counted(0, 0)
			go g.Pass(t.Context(), work)
			synctest.Wait()
			counted(0, 1)
			<-time.After(15 * time.Millisecond)
			counted(1, 0)
			<-time.After(15 * time.Millisecond)
			counted(0, 0)
		})
	})
	t.Run("a panic gives its place back", func(t *testing.T) {
		t.Parallel()
		g := New(1, 1)
		func() {
			defer func() { recover() }()
			g.Pass(t.Context(), func() error { panic("hash") })
		}()
		if g.Running() != 0 || len(g.slots) != 0 || len(g.places) != 0 {
			t.Errorf("%d places and %d slots taken, %d inside", len(g.places), len(g.slots), g.Running())
		}
	})
}
