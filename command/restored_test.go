package command_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// restore takes a log to where it was when it had so many events, and leaves everything else as it is.
func restore(t *testing.T, pool *pgxpool.Pool, events int) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), "delete from events where position > $1", events); err != nil {
		t.Fatal(err)
	}
}

// bookAs books a seat for the buyer.
func bookAs(w *command.Writer, event, buyer uuid.UUID) error {
	m := metadata()
	_, err := w.Do(event, sale.Book{Order: sale.Order{ID: m.CommandID, Buyer: buyer, Quantity: 1, At: time.Now()}}, m)
	return err
}

// A log that is restored under a writer that has sold b, c and d a seat, to when only b had one. Then another writer sells
// until the log is as long as it was, or longer, to d and e.
func TestASaleIsWhatTheLogSaysAfterARestore(t *testing.T) {
	t.Parallel()
	a, b, c, d, e := newUser(), newUser(), newUser(), newUser(), newUser()
	for name, meanwhile := range map[string][]uuid.UUID{
		"that nobody used since":            nil,
		"that is as long as it was":         {d, e},
		"that is longer than it was":        {d, e, a},
		"that is not as long as it was yet": {d},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := migrationstest.Pool(t)
			store := eventstore.New(pool)
			old := newWriter(t, store, command.WriterOptions{Loops: 1, SnapshotEvery: 2})
			event := opened(t, old, 5)
			for _, buyer := range []uuid.UUID{b, c} {
				if err := bookAs(old, event, buyer); err != nil {
					t.Fatal(err)
				}
			}
			if err := bookAs(old, event, newUser()); err != nil {
				t.Fatal(err)
			}
			restore(t, pool, 2) // opened, and b's
			other := newWriter(t, eventstore.New(pool), command.WriterOptions{Loops: 1})
			for _, buyer := range meanwhile {
				if err := bookAs(other, event, buyer); err != nil {
					t.Fatal(err)
				}
			}
			if err := bookAs(old, event, c); err != nil {
				t.Errorf("a booking that is lost can be made again: %v", err)
			}
			for _, buyer := range append([]uuid.UUID{b, c}, meanwhile...) {
				if err := bookAs(old, event, buyer); !errors.Is(err, sale.ErrAlreadyBooked) {
					t.Errorf("somebody who has a seat books another: %v", err)
				}
			}
			for left := 5 - 2 - len(meanwhile); left > 0; left-- {
				if err := bookAs(old, event, newUser()); err != nil {
					t.Errorf("%d are left: %v", left, err)
				}
			}
			if err := bookAs(old, event, newUser()); !errors.Is(err, sale.ErrSoldOut) {
				t.Errorf("none is left: %v", err)
			}
			if err := oversold(t, pool, event, 5); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("that does not have it is none", func(t *testing.T) {
		t.Parallel()
		pool := migrationstest.Pool(t)
		w := newWriter(t, eventstore.New(pool), command.WriterOptions{Loops: 1})
		event := opened(t, w, 5)
		restore(t, pool, 0)
		for range 2 {
			if err := bookAs(w, event, a); !errors.Is(err, sale.ErrEventNotFound) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestASnapshotOfALogThatIsNoMoreIsNotUsed(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	store := eventstore.New(pool)
	old := newWriter(t, store, command.WriterOptions{Loops: 1, SnapshotEvery: 3})
	event := opened(t, old, 5)
	for range 3 {
		if _, err := book(old, event); err != nil {
			t.Fatal(err)
		}
	}
	old.Close()
	taken, ok, err := store.LoadSnapshot(t.Context(), event)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	restore(t, pool, 1)
	buyers := []uuid.UUID{newUser(), newUser(), newUser(), newUser()}
	for _, buyer := range buyers { // past the snapshot's version and position, by writers that begin with it
		w := newWriter(t, eventstore.New(pool), command.WriterOptions{Loops: 1})
		if err := bookAs(w, event, buyer); err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
	if again, _, err := store.LoadSnapshot(t.Context(), event); err != nil || again.Last != taken.Last {
		t.Fatalf("the old snapshot is gone: %v", err)
	}
	w := newWriter(t, store, command.WriterOptions{Loops: 1})
	for _, buyer := range buyers {
		if err := bookAs(w, event, buyer); !errors.Is(err, sale.ErrAlreadyBooked) {
			t.Errorf("got %v", err)
		}
	}
	t.Run("and can be told to go", func(t *testing.T) {
		if n, err := store.ForgetSnapshots(t.Context()); n != 1 || err != nil {
			t.Errorf("%d went, %v", n, err)
		}
	})
}

func TestWhatWasAcknowledgedBeyondTheEndOfTheLogIsTakenBack(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	store := eventstore.New(pool)
	w := newWriter(t, store, command.WriterOptions{Loops: 1})
	event := opened(t, w, 5)
	for range 3 {
		if _, err := book(w, event); err != nil {
			t.Fatal(err)
		}
	}
	head := func() (int64, error) { return store.Head(t.Context()) }
	recede := func(want int64) {
		t.Helper()
		if err := w.Recede(head); err != nil || w.Position() != want {
			t.Errorf("at %d, %v; want %d", w.Position(), err, want)
		}
	}
	recede(4)
	restore(t, pool, 2)
	recede(2)
	if _, err := book(w, event); err != nil || w.Position() != 3 {
		t.Errorf("at %d, %v", w.Position(), err)
	}
	recede(3)
}
