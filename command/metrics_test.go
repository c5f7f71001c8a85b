package command_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"onsale/command"
	"onsale/command/metricstest"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// counting is a setup whose node counts in the registry.
func counting(s setup) (setup, *prometheus.Registry) {
	registry := prometheus.NewRegistry()
	s.Metrics, s.writer.Metrics = registry, registry
	return s, registry
}

// wantCounted compares series of the registry with what they are to be.
func wantCounted(t *testing.T, registry *prometheus.Registry, want map[string]float64) {
	t.Helper()
	for series, value := range want {
		if got := metricstest.Value(t, registry, series); got != value {
			t.Errorf("%s is %v, want %v", series, got, value)
		}
	}
}

func TestBookingsAreCountedOnce(t *testing.T) {
	t.Parallel()
	g := new(gateway)
	s, registry := counting(charging(g))
	n := newNode(t, migrationstest.Database(t), s)
	event, buyer := n.open(t, 3), newUser()
	request := command.Book{EventID: event, Quantity: 2, Buyer: buyer, IdempotencyKey: "once"}
	for range 2 {
		if _, err := n.Book(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 2, Buyer: newUser()}); !errors.Is(err, sale.ErrNotEnoughTickets) {
		t.Fatal(err)
	}
	hold := n.holds(t, event, newUser(), 1)
	if _, err := n.ReleaseHold(t.Context(), command.ReleaseHold{HoldID: hold, Buyer: newUser()}); err == nil {
		t.Fatal("released somebody else's hold")
	}
	wantCounted(t, registry, map[string]float64{
		`onsale_bookings_total`:                                1,
		`onsale_booked_seats_total`:                            2,
		`onsale_payments_total{outcome="charged"}`:             1,
		`onsale_payments_total{outcome="refunded"}`:            0,
		`onsale_writer_commands_total{outcome="recorded"}`:     4, // opened, held, confirmed, held
		`onsale_writer_commands_total{outcome="unchanged"}`:    1,
		`onsale_writer_commands_total{outcome="refused"}`:      2,
		`onsale_writer_append_seconds_count{kind="append"}`:    4,
		`onsale_writer_append_seconds_count{kind="check"}`:     3,
		`onsale_writer_group_commands_sum`:                     7,
		`onsale_writer_conflicts_total`:                        0,
		`onsale_writer_queue_commands`:                         0,
		`onsale_writer_queue_capacity_commands`:                8192,
		`onsale_writer_position`:                               4,
		`onsale_cancellations_total`:                           0,
		`onsale_writer_commands_total{outcome="not possible"}`: -1,
	})
}

func TestWhatBecomesOfMoneyIsCounted(t *testing.T) {
	t.Parallel()
	g := &gateway{judge: func(context.Context, command.Payment) error { return command.ErrPaymentDeclined }}
	s, registry := counting(charging(g))
	n := newNode(t, migrationstest.Database(t), s)
	event := n.open(t, 1)
	if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); !errors.Is(err, command.ErrPaymentDeclined) {
		t.Fatal(err)
	}
	g.judge = func(context.Context, command.Payment) error { return errors.New("no answer") }
	if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); !errors.Is(err, command.ErrPaymentDeclined) {
		t.Fatal(err)
	}
	wantCounted(t, registry, map[string]float64{
		`onsale_payments_total{outcome="declined"}`: 1,
		`onsale_payments_total{outcome="failed"}`:   1,
		`onsale_payments_total{outcome="refunded"}`: 1,
		`onsale_payments_total{outcome="charged"}`:  0,
		`onsale_bookings_total`:                     0,
	})
}

func TestCancellationsAreCounted(t *testing.T) {
	t.Parallel()
	s, registry := counting(setup{})
	n := newNode(t, migrationstest.Database(t), s)
	event, buyer := n.open(t, 1), newUser()
	booking := n.books(t, event, buyer).Claim.ID
	cancel := command.CancelBooking{BookingID: booking, User: buyer}
	if _, err := n.CancelBooking(t.Context(), cancel); err != nil {
		t.Fatal(err)
	}
	if _, err := n.CancelBooking(t.Context(), cancel); !errors.Is(err, sale.ErrAlreadyCancelled) {
		t.Fatal(err)
	}
	wantCounted(t, registry, map[string]float64{`onsale_cancellations_total`: 1, `onsale_bookings_total`: 1})
}

func TestAConflictBetweenTwoNodesIsCountedByTheOneThatLost(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	s, registry := counting(setup{})
	loser, winner := newNode(t, database, s), newNode(t, database, setup{})
	event := loser.open(t, 2)
	winner.books(t, event, newUser())
	wantCounted(t, registry, map[string]float64{`onsale_writer_conflicts_total`: 0, `onsale_writer_retries_total`: 0})
	loser.books(t, event, newUser())
	wantCounted(t, registry, map[string]float64{`onsale_writer_conflicts_total`: 1, `onsale_writer_retries_total`: 1, `onsale_bookings_total`: 1})
}

// lostReply is a store whose next append takes place and is not heard of, or does not take place and is not heard of.
type lostReply struct {
	command.Store
	lose   bool
	append bool
}

func (s *lostReply) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	if !s.lose {
		return s.Store.Append(ctx, appends)
	}
	s.lose = false
	if s.append {
		if _, err := s.Store.Append(ctx, appends); err != nil {
			return eventstore.Appended{}, err
		}
	}
	return eventstore.Appended{}, eventstore.ErrUnknownOutcome
}

func TestUnknownOutcomesAreCountedByWhatTheyTurnOutToBe(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	for as, took := range map[string]bool{"recorded": true, "decided_again": false} {
		t.Run(as, func(t *testing.T) {
			t.Parallel()
			lossy := &lostReply{append: took}
			s, registry := counting(setup{store: func(log command.Store) command.Store { lossy.Store = log; return lossy }})
			n := newNode(t, database, s)
			event := n.open(t, 1)
			lossy.lose = true
			n.books(t, event, newUser())
			for _, other := range []string{"recorded", "decided_again", "unknown"} {
				want := map[bool]float64{true: 1}[other == as]
				wantCounted(t, registry, map[string]float64{`onsale_writer_unknown_outcomes_resolved_total{as="` + other + `"}`: want})
			}
			wantCounted(t, registry, map[string]float64{`onsale_writer_unknown_outcomes_total`: 1, `onsale_bookings_total`: 1})
		})
	}
}

// turnstile is a store that tells of an append and lets it through when it is told to.
type turnstile struct {
	command.Store
	arrived, leave chan struct{} // nil: open
}

func (s *turnstile) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	if s.arrived != nil {
		s.arrived <- struct{}{}
		<-s.leave
	}
	return s.Store.Append(ctx, appends)
}

func TestTheQueueIsCountedAndWhoFindsItFull(t *testing.T) {
	t.Parallel()
	store := new(turnstile)
	s, registry := counting(setup{
		store:  func(log command.Store) command.Store { store.Store = log; return store },
		writer: command.WriterOptions{Loops: 1, Queue: 2, Group: 1},
	})
	n := newNode(t, migrationstest.Database(t), s)
	event := n.open(t, 9)
	store.arrived, store.leave = make(chan struct{}), make(chan struct{})
	answers := make(chan error, 3)
	book := func() error {
		_, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		return err
	}
	go func() { answers <- book() }()
	<-store.arrived
	for range 2 {
		go func() { answers <- book() }()
	}
	n.writer.WaitQueued(2)
	if err := book(); !errors.Is(err, command.ErrOverloaded) {
		t.Errorf("error %v", err)
	}
	wantCounted(t, registry, map[string]float64{
		`onsale_writer_commands_total{outcome="overloaded"}`: 1,
		`onsale_writer_queue_commands`:                       2,
		`onsale_writer_queue_capacity_commands`:              2,
	})
	store.leave <- struct{}{}
	for range 2 {
		<-store.arrived
		store.leave <- struct{}{}
	}
	for range 3 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}
