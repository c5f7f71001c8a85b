package identity

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestGate(t *testing.T) {
	t.Parallel()
	// occupy fills the gate with n passes and returns what lets them finish.
	occupy := func(g gate, n int) (release func()) {
		held := make(chan struct{})
		for range n {
			go g.pass(context.Background(), func() error { <-held; return nil })
		}
		synctest.Wait()
		return func() { close(held); synctest.Wait() }
	}
	nothing := func() error { return nil }

	t.Run("no more work than slots at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := newGate(3, 10)
			var inside atomic.Int32
			held := make(chan struct{})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					g.pass(t.Context(), func() error { inside.Add(1); <-held; return nil })
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
	t.Run("a full queue refuses at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := newGate(1, 2)
			release := occupy(g, 3)
			if err := g.pass(t.Context(), nothing); !errors.Is(err, ErrBusy) {
				t.Errorf("got %v, want ErrBusy", err)
			}
			release()
			if err := g.pass(t.Context(), nothing); err != nil {
				t.Errorf("after the storm: %v", err)
			}
		})
	})
	t.Run("who gives up waiting does no work and leaves the place", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := newGate(1, 1)
			release := occupy(g, 1)
			ctx, cancel := context.WithCancel(t.Context())
			result := make(chan error)
			go func() {
				result <- g.pass(ctx, func() error { t.Error("worked"); return nil })
			}()
			synctest.Wait()
			cancel()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
			if n := len(g.places); n != 1 {
				t.Errorf("%d places taken, want 1", n)
			}
			release()
		})
	})
	t.Run("who has given up before does no work though a slot is free", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		g := newGate(1, 1)
		for range 50 {
			err := g.pass(ctx, func() error { t.Error("worked"); return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		}
	})
	t.Run("a panic gives its place back", func(t *testing.T) {
		t.Parallel()
		g := newGate(1, 1)
		func() {
			defer func() { recover() }()
			g.pass(t.Context(), func() error { panic("hash") })
		}()
		if len(g.places) != 0 || len(g.slots) != 0 {
			t.Errorf("%d places and %d slots taken", len(g.places), len(g.slots))
		}
	})
}
