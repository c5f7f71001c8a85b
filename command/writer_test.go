package command_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

func newWriter(t *testing.T, store command.Store, options command.WriterOptions) *command.Writer {
	options.Log = slog.New(slog.DiscardHandler)
	w := command.NewWriter(store, options)
	t.Cleanup(w.Close)
	return w
}

func commandID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func metadata() eventstore.Metadata { return eventstore.Metadata{CommandID: commandID()} }

// opened puts a sale of one section with the given seats on the log.
func opened(t *testing.T, w *command.Writer, seats int) uuid.UUID {
	t.Helper()
	id := commandID()
	_, err := w.Do(id, sale.Open{
		Organizer: commandID(), Title: "Race", Currency: "EUR", At: time.Now(),
		Sections: []sale.OpenSection{{ID: commandID(), Name: "Floor", Price: 100, Capacity: seats, OnSale: seats}},
	}, metadata())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func book(w *command.Writer, event uuid.UUID) (command.Outcome, error) {
	m := metadata()
	return w.Do(event, sale.Book{Order: sale.Order{ID: m.CommandID, Buyer: commandID(), Quantity: 1, At: time.Now()}}, m)
}

// race has the given number of buyers book one seat each, all released together, spread over the writers.
func race(event uuid.UUID, buyers int, writers ...*command.Writer) (won, soldOut int, other error) {
	start := make(chan struct{})
	errs := make([]error, buyers)
	var done sync.WaitGroup
	for i := range buyers {
		done.Go(func() {
			<-start
			_, errs[i] = book(writers[i%len(writers)], event)
		})
	}
	close(start)
	done.Wait()
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case errors.Is(err, sale.ErrSoldOut):
			soldOut++
		default:
			other = err
		}
	}
	return won, soldOut, other
}

// oversold looks at the log itself.
func oversold(t *testing.T, pool *pgxpool.Pool, event uuid.UUID, seats int) error {
	t.Helper()
	booked := 0
	for e, err := range eventstore.New(pool).Load(t.Context(), event, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == (sale.BookingConfirmed{}).EventType() {
			booked++
		}
	}
	if booked > seats {
		return fmt.Errorf("%d of %d seats are booked", booked, seats)
	}
	return nil
}

func TestTwoWritersRacingForOneSaleSellEachSeatOnce(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	store := eventstore.New(pool)
	one, other := newWriter(t, store, command.WriterOptions{}), newWriter(t, store, command.WriterOptions{})
	for range 10 {
		event := opened(t, one, 30)
		won, soldOut, err := race(event, 120, one, other)
		if won != 30 || soldOut != 90 || err != nil {
			t.Fatalf("%d won and %d were told it is sold out, want 30 and 90; %v", won, soldOut, err)
		}
		if err := oversold(t, pool, event, 30); err != nil {
			t.Fatal(err)
		}
	}
}

// unfenced is append_events without the fence: it appends wherever the stream is, whatever version was expected.
const unfenced = `
create or replace function append_events(
    p_streams uuid[], p_expected bigint[], e_streams uuid[], e_versions bigint[], e_types text[], e_schemas smallint[],
    e_data jsonb[], e_metadata jsonb[], e_command_ids uuid[], e_command_idxs smallint[], p_last uuid[] default null,
    out first_position bigint, out recorded_at timestamptz, out conflict_streams uuid[], out conflict_versions bigint[])
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7311142570156650085);
    select coalesce(max(e.position), 0) + 1 into first_position from events e;
    recorded_at := clock_timestamp();
    insert into events (position, stream, version, type, schema, data, metadata, command_id, command_index, recorded_at)
    select first_position - 1 + row_number() over (order by e.ordinality), e.stream,
           coalesce((select max(x.version) from events x where x.stream = e.stream), 0) + row_number() over (partition by e.stream order by e.ordinality),
           e.type, e.schema, e.data, e.metadata, e.command_id, e.command_index, append_events.recorded_at
      from unnest(e_streams, e_types, e_schemas, e_data, e_metadata, e_command_ids, e_command_idxs) with ordinality
           as e (stream, type, schema, data, metadata, command_id, command_index, ordinality);
end
$$`

// The negative control of the test above.
func TestWithoutTheFenceTwoWritersOversell(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	if _, err := pool.Exec(t.Context(), unfenced); err != nil {
		t.Fatal(err)
	}
	store := eventstore.New(pool)
	one, other := newWriter(t, store, command.WriterOptions{}), newWriter(t, store, command.WriterOptions{})
	for range 50 {
		event := opened(t, one, 30)
		race(event, 120, one, other)
		if oversold(t, pool, event, 30) != nil {
			return
		}
	}
	t.Error("the race was run 50 times without the fence and never oversold: it would not notice a broken one")
}

func TestARefusalIsTrueWhenItIsGiven(t *testing.T) {
	t.Parallel()
	store := eventstore.New(migrationstest.Pool(t))
	here, elsewhere := newWriter(t, store, command.WriterOptions{}), newWriter(t, store, command.WriterOptions{})
	event := opened(t, here, 1)

	first, err := book(here, event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book(elsewhere, event); !errors.Is(err, sale.ErrSoldOut) {
		t.Fatalf("a writer that has not seen the sale: %v", err)
	}
	cancel := sale.Cancel{Booking: first.Claim.ID, User: first.Claim.Buyer, At: time.Now()}
	if _, err := here.Do(event, cancel, metadata()); err != nil {
		t.Fatal(err)
	}
	// The other writer still believes it is sold out. It must find out before it says so.
	if _, err := book(elsewhere, event); err != nil {
		t.Errorf("the seat was free again: %v", err)
	}
	if _, err := book(here, event); !errors.Is(err, sale.ErrSoldOut) {
		t.Errorf("the first writer still believes the seat is free: %v", err)
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	store := eventstore.New(migrationstest.Pool(t))
	w := newWriter(t, store, command.WriterOptions{})
	event := opened(t, w, 3)
	m := metadata()
	order := sale.Order{ID: m.CommandID, Buyer: commandID(), Quantity: 2, At: time.Now(), Idempotency: sale.Idempotency{Key: "k", Fingerprint: "f"}}
	first, err := w.Do(event, sale.Book{Order: order}, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a command that changed something says so, and where", func(t *testing.T) {
		head, err := store.Head(t.Context())
		if err != nil || !first.Changed || first.Position != head || w.Position() != head {
			t.Errorf("changed %v at %d, the writer is at %d, the log at %d, %v", first.Changed, first.Position, w.Position(), head, err)
		}
	})
	t.Run("it tells of its claim and the sale after it", func(t *testing.T) {
		if first.Claim.ID != order.ID || first.Claim.Status != sale.Confirmed || first.Sale.Remaining != 1 || first.Sale.Version != 2 {
			t.Errorf("got %+v", first)
		}
	})
	t.Run("a command that was carried out before changes nothing and has the same claim", func(t *testing.T) {
		again := order
		again.ID = commandID()
		o, err := w.Do(event, sale.Book{Order: again}, metadata())
		if err != nil || o.Changed || o.Claim.ID != order.ID || o.Position != first.Position {
			t.Errorf("got %+v, %v", o, err)
		}
	})
	t.Run("a refusal has its position", func(t *testing.T) {
		other := order
		other.ID, other.Idempotency = commandID(), sale.Idempotency{}
		o, err := w.Do(event, sale.Book{Order: other}, metadata())
		if !errors.Is(err, sale.ErrAlreadyBooked) || o.Position != first.Position {
			t.Errorf("got %+v, %v", o, err)
		}
	})
	t.Run("an event that does not exist is refused and takes no place in memory", func(t *testing.T) {
		if _, err := book(w, commandID()); !errors.Is(err, sale.ErrEventNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCommandsOfOneGroupSeeEachOther(t *testing.T) {
	t.Parallel()
	gate := newGatedStore(eventstore.New(migrationstest.Pool(t)))
	w := newWriter(t, gate, command.WriterOptions{Loops: 1})
	event := opened(t, w, 5)
	appends := gate.appends.Load()

	gate.shut()
	results := make(chan error, 20)
	for range 20 {
		go func() { _, err := book(w, event); results <- err }()
	}
	gate.waiting(t) // the first group is at the store; the others queue up behind it
	gate.open()
	won := 0
	for range 20 {
		if err := <-results; err == nil {
			won++
		}
	}
	if won != 5 {
		t.Errorf("%d of 5 seats were sold", won)
	}
	if groups := gate.appends.Load() - appends; groups > 10 {
		t.Errorf("20 commands took %d appends: they were not grouped", groups)
	}
}

func TestARefusalWaitsForTheAppendItWasDecidedBehind(t *testing.T) {
	t.Parallel()
	gate := newGatedStore(eventstore.New(migrationstest.Pool(t)))
	w := newWriter(t, gate, command.WriterOptions{Loops: 1})
	event := opened(t, w, 1)

	gate.shut()
	plug := make(chan error, 1)
	go func() { _, err := book(w, commandID()); plug <- err }()
	gate.waiting(t)
	type answer struct {
		outcome command.Outcome
		err     error
	}
	answers := make(chan answer, 2)
	for range 2 {
		go func() { o, err := book(w, event); answers <- answer{o, err} }()
	}
	w.WaitQueued(2)
	gate.one() // the plug goes, and the next group has both: one takes the seat, the other is refused behind it
	<-plug
	gate.waiting(t)
	select {
	case a := <-answers:
		t.Fatalf("answered %v while the append was under way", a.err)
	default:
	}
	// Meanwhile another node takes the seat and gives it back: what ours was decided on is not true any more, but the seat
	// is free again. Had the refusal been answered, it would have been for a booking that never was.
	elsewhere := newWriter(t, gate.Store, command.WriterOptions{})
	theirs, err := book(elsewhere, event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.Do(event, sale.Cancel{Booking: theirs.Claim.ID, User: theirs.Claim.Buyer, At: time.Now()}, metadata()); err != nil {
		t.Fatal(err)
	}
	gate.open()
	won := 0
	for range 2 {
		if a := <-answers; a.err == nil {
			won++
			if a.outcome.Sale.Version != 4 {
				t.Errorf("booked at version %d, want 4: opened, theirs booked, theirs cancelled, ours", a.outcome.Sale.Version)
			}
		}
	}
	if won != 1 {
		t.Errorf("%d got the one seat", won)
	}
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	t.Parallel()
	gate := newGatedStore(eventstore.New(migrationstest.Pool(t)))
	w := newWriter(t, gate, command.WriterOptions{Loops: 1, Queue: 4, Group: 1})
	event := opened(t, w, 100)
	gate.shut()
	results := make(chan error, 50)
	go func() { _, err := book(w, event); results <- err }()
	gate.waiting(t)
	overloaded := 0
	for range 10 {
		go func() { _, err := book(w, event); results <- err }()
	}
	for range 6 { // 4 wait in the queue, the other 6 are answered while the store stands still
		if err := <-results; errors.Is(err, command.ErrOverloaded) {
			overloaded++
		}
	}
	gate.open()
	for range 5 {
		if err := <-results; err != nil {
			t.Errorf("a command that was let in: %v", err)
		}
	}
	if overloaded != 6 {
		t.Errorf("%d were refused, want 6", overloaded)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	gate := newGatedStore(eventstore.New(migrationstest.Pool(t)))
	w := newWriter(t, gate, command.WriterOptions{Loops: 1, Group: 2})
	event := opened(t, w, 100)
	gate.shut()
	results := make(chan error, 10)
	for range 10 {
		go func() { _, err := book(w, event); results <- err }()
	}
	gate.waiting(t)
	closed := make(chan struct{})
	go func() { w.Close(); w.Close(); close(closed) }()
	gate.open()
	<-closed
	for range 10 {
		if err := <-results; err != nil && !errors.Is(err, command.ErrStopped) {
			t.Errorf("a command that had arrived, or came too late: %v", err)
		}
	}
	if _, err := book(w, event); !errors.Is(err, command.ErrStopped) {
		t.Errorf("after Close: %v", err)
	}
}

// A gatedStore lets appends through while it is open.
type gatedStore struct {
	command.Store
	mu      sync.Mutex
	pass    chan struct{} // closed while the gate is open; each receive lets one append through
	arrived chan struct{}
	appends atomic.Int64
}

func newGatedStore(store command.Store) *gatedStore {
	g := &gatedStore{Store: store, pass: make(chan struct{}), arrived: make(chan struct{}, 1000)}
	close(g.pass)
	return g
}

func (g *gatedStore) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pass = make(chan struct{})
}

func (g *gatedStore) open() { close(g.pass) }

// one lets one append through that waits.
func (g *gatedStore) one() { g.pass <- struct{}{} }

// waiting returns when an append stands at the shut gate.
func (g *gatedStore) waiting(t *testing.T) {
	t.Helper()
	select {
	case <-g.arrived:
	case <-time.After(10 * time.Second):
		t.Fatal("no append arrived")
	}
}

func (g *gatedStore) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	g.appends.Add(1)
	g.mu.Lock()
	pass := g.pass
	g.mu.Unlock()
	select {
	case <-pass:
	default:
		g.arrived <- struct{}{}
		<-pass
	}
	return g.Store.Append(ctx, appends)
}
