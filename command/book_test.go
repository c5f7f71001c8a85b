package command_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

func TestBookWithoutPayments(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})

	t.Run("is one event in one append", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 5), newUser()
		section := n.replay(t, event).Sections[0].ID
		r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 3, Buyer: buyer, CorrelationID: "request-1"})
		if err != nil {
			t.Fatal(err)
		}
		log := n.events(t, event)
		if len(log) != 2 {
			t.Fatalf("the log has %v", n.history(t, event))
		}
		recorded := log[1]
		if recorded.Type != "booking.confirmed.v1" || recorded.Position != r.Position {
			t.Errorf("recorded %s at %d, answered with position %d", recorded.Type, recorded.Position, r.Position)
		}
		if m := recorded.Metadata; m.CommandID != r.Claim.ID || m.UserID != buyer || m.CorrelationID != "request-1" {
			t.Errorf("metadata %+v of booking %s of %s", m, r.Claim.ID, buyer)
		}
		if v := r.Claim.ID.Version(); v != 7 {
			t.Errorf("the booking's id is a UUIDv%d", v)
		}
		now := n.clock.now().Truncate(1000)
		want := sale.Claim{
			ID: r.Claim.ID, Buyer: buyer, Seats: sale.Seats{Section: section, Quantity: 3, Amount: 3 * price},
			Status: sale.Confirmed, CreatedAt: now, ConfirmedAt: now, RemainingAfter: 2, VersionAfter: 2,
		}
		if r.Claim != want {
			t.Errorf("claim %+v, want %+v", r.Claim, want)
		}
		e := r.Event
		if e.ID != event || e.Version != 2 || e.Title != "Limited Concert" || e.Currency != "EUR" || e.Remaining != 2 || r.Replayed {
			t.Errorf("receipt %+v", r)
		}
		if at := n.writer.Position(); at < r.Position {
			t.Errorf("the writer acknowledged %d only", at)
		}
	})

	rows := map[string]struct {
		seats    int
		quantity int
		want     error
		also     func(*sale.Refusal) bool
	}{
		"no seats left is sold out":                     {seats: 0, quantity: 1, want: sale.ErrSoldOut},
		"fewer seats than asked for tells how many":     {seats: 2, quantity: 3, want: sale.ErrNotEnoughTickets, also: func(r *sale.Refusal) bool { return r.Remaining == 2 }},
		"no seats at all is no booking":                 {seats: 5, quantity: 0, want: field("qty")},
		"more than ten seats is no booking":             {seats: 50, quantity: 11, want: field("qty")},
		"a negative number of seats is no booking":      {seats: 5, quantity: -1, want: field("qty")},
		"a huge number of seats overflows into nothing": {seats: 5, quantity: 1 << 62, want: field("qty")},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := n.open(t, row.seats)
			r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: row.quantity, Buyer: newUser()})
			if !is(err, row.want) {
				t.Fatalf("error %v, want %v", err, row.want)
			}
			if refusal := (*sale.Refusal)(nil); row.also != nil && (!errors.As(err, &refusal) || !row.also(refusal)) {
				t.Errorf("refusal %+v", refusal)
			}
			wantPositionOnly(t, r, n.events(t, event)[0].Position)
			if h := n.history(t, event); h != nil {
				t.Errorf("the log has %v", h)
			}
		})
	}

	t.Run("an unknown event is not found", func(t *testing.T) {
		t.Parallel()
		r, err := n.Book(t.Context(), command.Book{EventID: uuid.New(), Quantity: 1, Buyer: newUser()})
		if !errors.Is(err, sale.ErrEventNotFound) || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("already booked is told before sold out, with the booking", func(t *testing.T) {
		t.Parallel()
		event, buyer := n.open(t, 1), newUser()
		first := n.books(t, event, buyer)
		_, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer})
		wantRefusal(t, err, sale.ErrAlreadyBooked, first.Claim.ID)
	})
	t.Run("a caller who has hung up is booked all the same", func(t *testing.T) {
		t.Parallel()
		ctx, hangUp := context.WithCancel(t.Context())
		hangUp()
		event := n.open(t, 1)
		if _, err := n.Book(ctx, command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); err != nil {
			t.Fatal(err)
		}
		n.wantSeats(t, event, seats{booked: 1})
	})
	t.Run("after the start nothing is sold", func(t *testing.T) {
		t.Parallel()
		late := newNode(t, database, setup{})
		event := late.open(t, 1)
		late.clock.advance(32 * 24 * time.Hour)
		if _, err := late.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); !errors.Is(err, sale.ErrStarted) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("ten racing for two get exactly two", func(t *testing.T) {
		t.Parallel()
		other := newNode(t, database, setup{}) // half of them come to another node
		event := n.open(t, 2)
		errs := make([]error, 10)
		together(len(errs), func(i int) {
			at := []*node{n, other}[i%2]
			_, errs[i] = at.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		})
		wantCounts(t, errs, map[error]int{nil: 2, sale.ErrSoldOut: 8})
		n.wantSeats(t, event, seats{booked: 2})
		if h := n.history(t, event); !slices.Equal(h, []string{"booking.confirmed.v1", "booking.confirmed.v1"}) {
			t.Errorf("the log has %v", h)
		}
	})
}
