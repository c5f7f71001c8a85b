package command_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

func TestHold(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})

	t.Run("takes the seats for ten minutes, or as long as the house says", func(t *testing.T) {
		t.Parallel()
		short := newNode(t, database, setup{Options: command.Options{HoldTTL: time.Minute}})
		for node, want := range map[*node]time.Duration{n: 10 * time.Minute, short: time.Minute} {
			event, buyer := node.open(t, 5), newUser()
			r, err := node.Hold(t.Context(), command.Hold{EventID: event, Quantity: 2, Buyer: buyer})
			if err != nil {
				t.Fatal(err)
			}
			now := node.clock.now().Truncate(time.Microsecond)
			c := r.Claim
			if c.Status != sale.Held || c.Buyer != buyer || !c.CreatedAt.Equal(now) || !c.ExpiresAt.Equal(now.Add(want)) || c.Amount != 2*price {
				t.Errorf("hold %+v, want it to last %s", c, want)
			}
			if last := node.events(t, event)[1]; r.Position != last.Position || r.Event.Remaining != 3 || r.Replayed {
				t.Errorf("receipt %+v", r)
			}
			wantHistory(t, node, event, "seats.held.v1")
			node.wantSeats(t, event, seats{remaining: 3, held: 2})
		}
	})
	t.Run("keeps its buyer from another one, and from booking beside it", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 1)
		_, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer})
		wantRefusal(t, err, sale.ErrAlreadyHolding, hold)
		_, err = n.Hold(t.Context(), command.Hold{EventID: event, Quantity: 1, Buyer: buyer})
		wantRefusal(t, err, sale.ErrAlreadyHolding, hold)
	})
	t.Run("is free for others when its time is over, not before", func(t *testing.T) {
		t.Parallel()
		n := newNode(t, database, setup{})
		event := n.open(t, 1)
		n.holds(t, event, newUser(), 1)
		n.clock.advance(10*time.Minute - time.Microsecond)
		if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); !errors.Is(err, sale.ErrSoldOut) {
			t.Errorf("error %v", err)
		}
		n.clock.advance(time.Microsecond)
		n.books(t, event, newUser())
	})
	t.Run("a refused one has nothing but a position", func(t *testing.T) {
		t.Parallel()
		event := n.open(t, 0)
		r, err := n.Hold(t.Context(), command.Hold{EventID: event, Quantity: 1, Buyer: newUser()})
		if !errors.Is(err, sale.ErrSoldOut) {
			t.Errorf("error %v", err)
		}
		wantPositionOnly(t, r, n.events(t, event)[0].Position)
	})
}

func TestReleaseHold(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	release := func(t *testing.T, hold, buyer uuid.UUID) (command.Receipt, error) {
		return n.ReleaseHold(t.Context(), command.ReleaseHold{HoldID: hold, Buyer: buyer})
	}

	t.Run("returns the seats; twice is once", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 2)
		r, err := release(t, hold, buyer)
		if err != nil || r.Claim.Status != sale.Released || r.Event.Remaining != 5 || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
		again, err := release(t, hold, buyer)
		if err != nil || !again.Replayed || again.Position < r.Position {
			t.Errorf("again %+v, %v", again, err)
		}
		wantHistory(t, n, event, "seats.held.v1", "hold.released.v1")
		n.holds(t, event, buyer, 1) // and the buyer is free to come again
	})
	t.Run("two at once return the seats once", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 2)
		errs := make([]error, 4)
		together(len(errs), func(i int) { _, errs[i] = release(t, hold, buyer) })
		wantCounts(t, errs, map[error]int{nil: 4})
		n.wantSeats(t, event, seats{remaining: 5})
	})
	t.Run("a foreign one is not found", func(t *testing.T) {
		t.Parallel()
		event := n.open(t, 5)
		if _, err := release(t, n.holds(t, event, newUser(), 1), newUser()); !errors.Is(err, sale.ErrHoldNotFound) {
			t.Errorf("error %v", err)
		}
		n.wantSeats(t, event, seats{remaining: 4, held: 1})
	})
	t.Run("an unknown one is not found", func(t *testing.T) {
		t.Parallel()
		for _, id := range []uuid.UUID{uuid.New(), uuid.Nil} {
			if _, err := release(t, id, newUser()); !errors.Is(err, sale.ErrHoldNotFound) {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("a booking has ended as a hold", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		r := n.books(t, event, buyer)
		if _, err := release(t, r.Claim.ID, buyer); !errors.Is(err, sale.ErrHoldEnded) {
			t.Errorf("error %v", err)
		}
		n.wantSeats(t, event, seats{remaining: 4, booked: 1})
	})
}

// A hold is found through the log alone: no read table exists here, and the other node has nothing in memory.
func TestHoldIsFoundThroughTheLog(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	var tables int
	const readTables = `select count(*) from information_schema.tables where table_schema in ('bookings', 'listings')`
	if err := n.pool.QueryRow(t.Context(), readTables).Scan(&tables); err != nil || tables > 0 {
		t.Fatalf("%d read tables, %v", tables, err)
	}
	event, buyer := n.open(t, 5), newUser()
	hold := n.holds(t, event, buyer, 1)
	r, err := newNode(t, database, setup{}).ConfirmHold(t.Context(), command.ConfirmHold{HoldID: hold, Buyer: buyer})
	if err != nil || r.Event.ID != event || r.Claim.ID != hold {
		t.Errorf("%+v, %v", r, err)
	}

	t.Run("when that is out of reach, nothing is known", func(t *testing.T) {
		weak := new(weakStore)
		weak.on(n.store).(*weakStore).suffer(fault{lookups: forever})
		n := newNode(t, database, setup{lookup: func(command.Lookup) command.Lookup { return weak }})
		_, err := n.ConfirmHold(t.Context(), command.ConfirmHold{HoldID: hold, Buyer: buyer})
		if !errors.Is(err, command.ErrUnavailable) || !errors.Is(err, errOutage) {
			t.Errorf("confirm: %v", err)
		}
		_, err = n.CancelBooking(t.Context(), command.CancelBooking{BookingID: hold, User: buyer})
		if !errors.Is(err, command.ErrUnavailable) {
			t.Errorf("cancel: %v", err)
		}
	})
}
