package command_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// A faultyStore does something else than append once fault is set; the fault is used up by one append.
type faultyStore struct {
	*eventstore.Store
	mu    sync.Mutex
	fault func(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error)
	// lookedUp is called after each lookup by command.
	lookedUp func()
}

func (s *faultyStore) next(fault func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *faultyStore) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	s.mu.Lock()
	fault := s.fault
	s.fault = nil
	s.mu.Unlock()
	if fault != nil {
		return fault(ctx, appends)
	}
	return s.Store.Append(ctx, appends)
}

func (s *faultyStore) ByCommand(ctx context.Context, commands ...uuid.UUID) ([]eventstore.RecordedEvent, error) {
	found, err := s.Store.ByCommand(ctx, commands...)
	if s.lookedUp != nil {
		s.lookedUp()
	}
	return found, err
}

func newFaultyStore(t *testing.T) *faultyStore {
	return &faultyStore{Store: eventstore.New(migrationstest.Pool(t))}
}

// bookings counts what the log has.
func bookings(t *testing.T, store command.Store, event uuid.UUID) (n int) {
	t.Helper()
	for e, err := range store.Load(t.Context(), event, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == (sale.BookingConfirmed{}).EventType() {
			n++
		}
	}
	return n
}

func TestAnAppendWithUnknownOutcome(t *testing.T) {
	t.Parallel()
	lost := fmt.Errorf("the reply is lost: %w", eventstore.ErrUnknownOutcome)
	for name, fault := range map[string]func(s *faultyStore) func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error){
		"that took place is found out and answered": func(s *faultyStore) func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error) {
			return func(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
				if _, err := s.Store.Append(ctx, appends); err != nil {
					return eventstore.Appended{}, err
				}
				return eventstore.Appended{}, lost
			}
		},
		"that did not take place is decided again": func(*faultyStore) func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error) {
			return func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error) {
				return eventstore.Appended{}, lost
			}
		},
		"that takes place after it was looked up is noticed": func(s *faultyStore) func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error) {
			return func(_ context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
				var once sync.Once
				s.lookedUp = func() {
					once.Do(func() {
						if _, err := s.Store.Append(context.Background(), appends); err != nil {
							t.Error(err)
						}
					})
				}
				return eventstore.Appended{}, lost
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := newFaultyStore(t)
			w := newWriter(t, store, command.WriterOptions{Loops: 1})
			event := opened(t, w, 2)
			store.next(fault(store))
			o, err := book(w, event)
			if err != nil || !o.Changed || o.Claim.Status != sale.Confirmed || o.Sale.Remaining != 1 {
				t.Errorf("got %+v, %v", o, err)
			}
			if n := bookings(t, store, event); n != 1 {
				t.Errorf("the log has %d bookings", n)
			}
			if _, err := book(w, event); err != nil {
				t.Errorf("the other seat: %v", err)
			}
			if _, err := book(w, event); !errors.Is(err, sale.ErrSoldOut) {
				t.Errorf("no seat is left: %v", err)
			}
		})
	}
}

func TestAnOutcomeThatCannotBeFoundOutInTimeIsSaidToBeUnknown(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	blind := &blindStore{Store: store}
	w := newWriter(t, blind, command.WriterOptions{Loops: 1, ResolveTimeout: time.Millisecond})
	event := opened(t, w, 2)
	blind.set(true)
	store.next(func(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
		_, err := store.Store.Append(ctx, appends)
		return eventstore.Appended{}, errors.Join(eventstore.ErrUnknownOutcome, err)
	})
	if _, err := book(w, event); !errors.Is(err, command.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
	blind.set(false)
	if o, err := book(w, event); err != nil || o.Sale.Remaining != 0 {
		t.Errorf("the writer goes on with what the log really has: %+v, %v", o, err)
	}
}

// A blindStore cannot look up commands while it is blind.
type blindStore struct {
	command.Store
	mu    sync.Mutex
	blind bool
}

func (s *blindStore) set(blind bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blind = blind
}

func (s *blindStore) ByCommand(ctx context.Context, commands ...uuid.UUID) ([]eventstore.RecordedEvent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blind {
		return nil, errors.New("the log cannot be reached")
	}
	return s.Store.ByCommand(ctx, commands...)
}

func TestALogThatCannotBeReachedFailsCommandsAtOnce(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	w := newWriter(t, store, command.WriterOptions{Loops: 1})
	event := opened(t, w, 2)
	store.next(func(context.Context, []eventstore.StreamAppend) (eventstore.Appended, error) {
		return eventstore.Appended{}, errors.New("connection refused")
	})
	if _, err := book(w, event); !errors.Is(err, command.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if o, err := book(w, event); err != nil || o.Sale.Remaining != 1 {
		t.Errorf("and nothing was done: %+v, %v", o, err)
	}
}

func TestLosingTooOftenIsContention(t *testing.T) {
	t.Parallel()
	store := &losingStore{Store: eventstore.New(migrationstest.Pool(t))}
	w := newWriter(t, store, command.WriterOptions{Loops: 1, Attempts: 5})
	event := opened(t, w, 2)
	store.losing = true
	if _, err := book(w, event); !errors.Is(err, command.ErrContended) {
		t.Errorf("got %v", err)
	}
	if store.lost != 5 {
		t.Errorf("decided %d times, want 5", store.lost)
	}
}

// A losingStore always finds that somebody else was first.
type losingStore struct {
	command.Store
	losing bool
	lost   int
}

func (s *losingStore) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	if !s.losing {
		return s.Store.Append(ctx, appends)
	}
	s.lost++
	var a eventstore.Appended
	for _, each := range appends {
		a.Conflicts = append(a.Conflicts, eventstore.Conflict{Stream: each.Stream, Version: each.Expected + 1})
	}
	return a, nil
}

func TestACommandThatTheLogCannotTakeDoesNotHarmItsNeighbours(t *testing.T) {
	t.Parallel()
	gate := newGatedStore(eventstore.New(migrationstest.Pool(t)))
	w := newWriter(t, gate, command.WriterOptions{Loops: 1})
	event := opened(t, w, 10)
	gate.shut()
	plug := make(chan error, 1)
	go func() { _, err := book(w, event); plug <- err }()
	gate.waiting(t)
	good, bad := make(chan error, 3), make(chan error, 1)
	for range 3 {
		go func() { _, err := book(w, event); good <- err }()
	}
	go func() {
		m := metadata()
		m.CorrelationID = "\x00" // PostgreSQL's jsonb has no such character
		_, err := w.Do(event, sale.Book{Order: sale.Order{ID: m.CommandID, Buyer: commandID(), Quantity: 1, At: time.Now()}}, m)
		bad <- err
	}()
	w.WaitQueued(4)
	gate.open()
	if err := <-bad; !errors.Is(err, eventstore.ErrRejected) {
		t.Errorf("the bad one: %v", err)
	}
	for range 3 {
		if err := <-good; err != nil {
			t.Errorf("a neighbour: %v", err)
		}
	}
	if err := <-plug; err != nil {
		t.Error(err)
	}
	if n := bookings(t, gate, event); n != 4 {
		t.Errorf("the log has %d bookings, want 4", n)
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	store := eventstore.New(pool)
	w := newWriter(t, store, command.WriterOptions{Loops: 1, SnapshotEvery: 10})
	event := opened(t, w, 25)
	for range 24 {
		if _, err := book(w, event); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	taken, ok, err := store.LoadSnapshot(t.Context(), event)
	if err != nil || !ok || taken.Version <= 25-10 || taken.Version > 25 {
		t.Fatalf("the writer leaves a snapshot (%v) at %d of 25, %v", ok, taken.Version, err)
	}
	sellsTheLastSeatOnly := func(t *testing.T) {
		w := newWriter(t, store, command.WriterOptions{Loops: 1})
		last, err := book(w, event)
		if err != nil || last.Sale.Remaining != 0 {
			t.Fatalf("the last seat: %+v, %v", last, err)
		}
		if _, err := book(w, event); !errors.Is(err, sale.ErrSoldOut) {
			t.Errorf("no seat is left: %v", err)
		}
		if _, err := w.Do(event, sale.Cancel{Booking: last.Claim.ID, User: last.Claim.Buyer, At: time.Now()}, metadata()); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(s eventstore.Snapshot) {
		s.Stream = event
		if err := store.SaveSnapshot(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a sale is loaded from its snapshot and what follows", sellsTheLastSeatOnly)
	t.Run("a snapshot that cannot be read is ignored", func(t *testing.T) {
		keep(eventstore.Snapshot{Version: taken.Version + 100, Position: taken.Position, Schema: sale.SnapshotSchema, State: []byte("spoiled")})
		sellsTheLastSeatOnly(t)
	})
	t.Run("a snapshot of another schema is ignored", func(t *testing.T) {
		keep(eventstore.Snapshot{Version: 1, Position: 1, Schema: sale.SnapshotSchema + 1, State: taken.State})
		sellsTheLastSeatOnly(t)
	})
	t.Run("a snapshot of the schema before is ignored", func(t *testing.T) {
		soldOut, err := sale.Restore(taken.State)
		if err != nil {
			t.Fatal(err)
		}
		for n := soldOut.Remaining(); n > 0; n-- {
			soldOut.Evolve(sale.BookingConfirmed{Booking: commandID(), Buyer: commandID(), Seats: sale.Seats{Section: soldOut.Sections[0].ID, Quantity: 1}})
		}
		soldOut.Version = taken.Version
		state, err := soldOut.Snapshot()()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), `delete from snapshots where stream = $1`, event); err != nil {
			t.Fatal(err)
		}
		keep(eventstore.Snapshot{Version: taken.Version, Position: taken.Position, Last: taken.Last, Schema: sale.SnapshotSchema - 1, State: state})
		sellsTheLastSeatOnly(t)
	})
	t.Run("a snapshot that knows more than the log is not believed", func(t *testing.T) {
		ahead, err := sale.Restore(taken.State)
		if err != nil {
			t.Fatal(err)
		}
		for ahead.Version < 1000 { // a sale that has been sold out in another life
			ahead.Evolve(sale.BookingConfirmed{Booking: commandID(), Buyer: commandID(), Seats: sale.Seats{Section: ahead.Sections[0].ID, Quantity: 1}})
		}
		state, err := ahead.Snapshot()()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), `delete from snapshots where stream = $1`, event); err != nil {
			t.Fatal(err)
		}
		keep(eventstore.Snapshot{Version: ahead.Version, Position: 1 << 40, Schema: sale.SnapshotSchema, State: state})
		sellsTheLastSeatOnly(t)
	})
}

func TestSalesThatDoNotFitInMemoryAreLoadedAgain(t *testing.T) {
	t.Parallel()
	store := &countingStore{Store: eventstore.New(migrationstest.Pool(t))}
	w := newWriter(t, store, command.WriterOptions{Loops: 1, Sales: 1})
	one, other := opened(t, w, 3), opened(t, w, 3)
	for range 3 {
		for _, event := range []uuid.UUID{one, other} {
			if _, err := book(w, event); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, event := range []uuid.UUID{one, other} {
		if _, err := book(w, event); !errors.Is(err, sale.ErrSoldOut) {
			t.Errorf("got %v", err)
		}
	}
	if store.loads < 6 {
		t.Errorf("%d loads: more than one sale is kept", store.loads)
	}
}

// A countingStore counts what is asked of it.
type countingStore struct {
	command.Store
	loads, appends int
}

func (s *countingStore) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	s.appends++
	return s.Store.Append(ctx, appends)
}

func (s *countingStore) Load(ctx context.Context, stream uuid.UUID, after int64) iter.Seq2[eventstore.RecordedEvent, error] {
	s.loads++
	return s.Store.Load(ctx, stream, after)
}
