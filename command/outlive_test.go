package command_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

// A payment that comes back after the time for it is over.
func TestPaymentOutlivesItsHold(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	const over = 91 * time.Second

	t.Run("it still buys the seats when nobody wanted them", func(t *testing.T) {
		t.Parallel()
		till := newTill()
		g := &gateway{judge: till.judge}
		n := newNode(t, database, charging(g))
		event := n.open(t, 1)
		_, answered := n.starts(t.Context(), till, command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		n.clock.advance(over)
		till.verdict <- nil
		if a := <-answered; a.err != nil {
			t.Fatal(a.err)
		}
		n.wantSeats(t, event, seats{booked: 1})
		g.want(t, ledger{asked: 1, charged: 1, balance: price})
	})

	rows := map[string]struct{ sameBuyer bool }{
		"it is refunded when somebody else has the seats":      {sameBuyer: false},
		"it is refunded when its own buyer has come once more": {sameBuyer: true},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			till := newTill()
			g := &gateway{judge: till.judge}
			n := newNode(t, database, charging(g))
			event, early, late := n.open(t, 1), newUser(), newUser()
			if row.sameBuyer {
				late = early
			}
			_, first := n.starts(t.Context(), till, command.Book{EventID: event, Quantity: 1, Buyer: early})
			n.clock.advance(over)
			_, second := n.starts(t.Context(), till, command.Book{EventID: event, Quantity: 1, Buyer: late})
			till.verdict <- nil
			till.verdict <- nil
			a, b := <-first, <-second
			if !errors.Is(a.err, sale.ErrHoldEnded) || b.err != nil {
				t.Fatalf("%v; %v", a.err, b.err)
			}
			wantHistory(t, n, event, "seats.held.v1", "hold.expired.v1", "seats.held.v1", "booking.confirmed.v1")
			n.wantSeats(t, event, seats{booked: 1})
			g.want(t, ledger{asked: 2, charged: 2, refunds: 1, balance: price})
			if a.Position < n.events(t, event)[2].Position {
				t.Errorf("the refusal's position %d is before the expiry", a.Position)
			}
		})
	}
}

// A node that is killed while its buyers pay leaves holds that nobody confirms.
func TestKilledWhilePaying(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	killed := func(t *testing.T, event uuid.UUID, quantity int) {
		t.Helper()
		now := n.clock.now().Truncate(time.Microsecond)
		hold := sale.Hold{
			Order:  sale.Order{ID: uuid.Must(uuid.NewV7()), Buyer: newUser(), Quantity: quantity, At: now},
			Paying: true, ExpiresAt: now.Add(90 * time.Second),
		}
		if _, err := n.writer.Do(event, hold, metadataOf(hold.ID)); err != nil {
			t.Fatal(err)
		}
	}

	event := n.open(t, 3)
	killed(t, event, 2)
	killed(t, event, 1)
	n.clock.advance(89 * time.Second)
	order := command.Book{EventID: event, Quantity: 3, Buyer: newUser()}
	if _, err := n.Book(t.Context(), order); !errors.Is(err, sale.ErrSoldOut) {
		t.Fatalf("a second early: %v", err)
	}
	n.clock.advance(time.Second)
	r, err := n.Book(t.Context(), order)
	if err != nil {
		t.Fatalf("on time: %v", err)
	}
	log := n.events(t, event)[3:]
	wantHistory(t, n, event, "seats.held.v1", "seats.held.v1", "hold.expired.v1", "hold.expired.v1", "booking.confirmed.v1")
	for _, e := range log {
		if e.Metadata.CommandID != r.Claim.ID || !e.RecordedAt.Equal(log[0].RecordedAt) {
			t.Errorf("%s was not in the append of the booking", e.Type)
		}
	}
	n.wantSeats(t, event, seats{booked: 3})
}

// A node that stops before a payment came back does not keep the money.
func TestStoppedWhilePaying(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	synctest.Test(t, func(t *testing.T) {
		till := newTill()
		g := &gateway{judge: till.judge}
		n := newNode(t, database, charging(g))
		event := n.open(t, 1)
		_, answered := n.starts(t.Context(), till, command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		n.writer.Close()
		began := time.Now()
		till.verdict <- nil
		if a := <-answered; !errors.Is(a.err, command.ErrStopped) || a.Position == 0 || time.Since(began) > 0 {
			t.Errorf("%+v after %s", a, time.Since(began))
		}
		g.want(t, ledger{asked: 1, charged: 1, refunds: 1})

		next := newNode(t, database, setup{})
		next.clock.advance(90 * time.Second)
		next.books(t, event, newUser())
	})
}
