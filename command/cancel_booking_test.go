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

func TestCancelBooking(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	cancel := func(t *testing.T, booking, user uuid.UUID, admin bool) (command.Receipt, error) {
		return n.CancelBooking(t.Context(), command.CancelBooking{BookingID: booking, User: user, Admin: admin})
	}

	t.Run("by its owner: the seats are back, and the buyer may book again", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 1), newUser()
		booking := n.books(t, event, buyer).Claim
		r, err := cancel(t, booking.ID, buyer, false)
		if err != nil || r.Claim.Status != sale.Cancelled || !r.Claim.CancelledAt.Equal(n.clock.now().Truncate(time.Microsecond)) || r.Event.Remaining != 1 || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
		log := n.events(t, event)
		if last := log[2]; last.Type != "booking.cancelled.v1" || last.Position != r.Position || last.Metadata.UserID != buyer {
			t.Errorf("recorded %+v", last)
		}
		if again := n.books(t, event, buyer); again.Claim.ID == booking.ID || again.Replayed {
			t.Errorf("booked again: %+v", again)
		}
		n.wantSeats(t, event, seats{booked: 1})
	})
	t.Run("by an admin: the log says who", func(t *testing.T) {
		t.Parallel()
		event, buyer, admin := n.open(t, 1), newUser(), newUser()
		booking := n.books(t, event, buyer).Claim
		r, err := cancel(t, booking.ID, admin, true)
		if err != nil || r.Claim.Buyer != buyer {
			t.Fatalf("%+v, %v", r, err)
		}
		last := n.events(t, event)[2]
		e, err := sale.Decode(last.Type, last.Schema, last.Data)
		if c, ok := e.(sale.BookingCancelled); err != nil || !ok || c.By != admin || c.Buyer != buyer || last.Metadata.UserID != admin {
			t.Errorf("recorded %+v, %v", e, err)
		}
		n.wantSeats(t, event, seats{remaining: 1})
	})
	t.Run("by somebody else: refused", func(t *testing.T) {
		t.Parallel()
		event := n.open(t, 1)
		booking := n.books(t, event, newUser())
		r, err := cancel(t, booking.Claim.ID, newUser(), false)
		if !errors.Is(err, sale.ErrNotYours) {
			t.Errorf("error %v", err)
		}
		wantPositionOnly(t, r, booking.Position)
		n.wantSeats(t, event, seats{booked: 1})
	})
	t.Run("twice: told so", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		booking := n.books(t, event, buyer).Claim
		if _, err := cancel(t, booking.ID, buyer, false); err != nil {
			t.Fatal(err)
		}
		if _, err := cancel(t, booking.ID, buyer, false); !errors.Is(err, sale.ErrAlreadyCancelled) {
			t.Errorf("error %v", err)
		}
		n.wantSeats(t, event, seats{remaining: 5})
	})
	t.Run("at once, at two nodes: one wins, the seats are back once", func(t *testing.T) {
		t.Parallel()
		other := newNode(t, database, setup{})
		event, buyer := n.open(t, 5), newUser()
		booking := n.books(t, event, buyer).Claim
		errs := make([]error, 8)
		together(len(errs), func(i int) {
			_, errs[i] = []*node{n, other}[i%2].CancelBooking(t.Context(), command.CancelBooking{BookingID: booking.ID, User: buyer})
		})
		wantCounts(t, errs, map[error]int{nil: 1, sale.ErrAlreadyCancelled: 7})
		n.wantSeats(t, event, seats{remaining: 5})
		wantHistory(t, n, event, "booking.confirmed.v1", "booking.cancelled.v1")
	})
	t.Run("after the start: too late", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		booking := n.books(t, event, buyer).Claim
		late := newNode(t, database, setup{})
		late.clock.advance(31 * 24 * time.Hour)
		_, err := late.CancelBooking(t.Context(), command.CancelBooking{BookingID: booking.ID, User: buyer})
		if !errors.Is(err, sale.ErrStarted) {
			t.Errorf("error %v", err)
		}
		n.wantSeats(t, event, seats{remaining: 4, booked: 1})
	})
	t.Run("a hold is no booking, and neither is what nobody has heard of", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		for _, id := range []uuid.UUID{n.holds(t, event, buyer, 1), n.events(t, event)[0].Metadata.CommandID, uuid.New(), uuid.Nil} {
			if _, err := cancel(t, id, buyer, true); !errors.Is(err, sale.ErrBookingNotFound) {
				t.Errorf("%s: %v", id, err)
			}
		}
		n.wantSeats(t, event, seats{remaining: 4, held: 1})
	})
}
