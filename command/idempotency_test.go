package command_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

const key = "ada@example.com/order-1"

// wantReplay wants the first answer again, whatever has happened since.
func wantReplay(t *testing.T, first, again command.Receipt, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !again.Replayed || again.Claim != first.Claim || again.Event.Remaining != first.Event.Remaining || again.Event.Version != first.Event.Version ||
		again.Event.ID != first.Event.ID || again.Event.Title != first.Event.Title || again.Event.Currency != first.Event.Currency {
		t.Errorf("again %+v, first %+v", again, first)
	}
	if again.Position < first.Position {
		t.Errorf("position %d after %d", again.Position, first.Position)
	}
}

// both runs a test without payments and with them.
func both(t *testing.T, database string, f func(t *testing.T, n *node, charges func() int)) {
	t.Run("without payments", func(t *testing.T) {
		t.Parallel()
		f(t, newNode(t, database, setup{}), func() int { return 1 })
	})
	t.Run("with payments", func(t *testing.T) {
		t.Parallel()
		g := new(gateway)
		f(t, newNode(t, database, charging(g)), func() int { return g.ledger().asked })
	})
}

func TestSameKeySameBody(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	both(t, database, func(t *testing.T, n *node, charges func() int) {
		event := n.open(t, 9)
		order := command.Book{EventID: event, Quantity: 2, Buyer: newUser(), IdempotencyKey: key}
		first, err := n.Book(t.Context(), order)
		if err != nil || first.Replayed {
			t.Fatalf("%+v, %v", first, err)
		}
		again, err := n.Book(t.Context(), order)
		wantReplay(t, first, again, err)

		n.books(t, event, newUser())
		again, err = n.Book(t.Context(), order)
		wantReplay(t, first, again, err)

		if _, err := n.CancelBooking(t.Context(), command.CancelBooking{BookingID: first.Claim.ID, User: order.Buyer}); err != nil {
			t.Fatal(err)
		}
		again, err = n.Book(t.Context(), order)
		wantReplay(t, first, again, err)

		elsewhere := newNode(t, database, charging(&gateway{judge: declining}))
		again, err = elsewhere.Book(t.Context(), order)
		wantReplay(t, first, again, err)

		if charges() > 2 { // the other buyer's is one
			t.Errorf("%d charges", charges())
		}
	})
}

func TestSameKeyAtOnce(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	both(t, database, func(t *testing.T, n *node, charges func() int) {
		event := n.open(t, 9)
		order := command.Book{EventID: event, Quantity: 1, Buyer: newUser(), IdempotencyKey: key}
		answers := make([]answer, 8)
		together(len(answers), func(i int) {
			r, err := n.Book(t.Context(), order)
			answers[i] = answer{r, err}
		})
		first := 0
		for _, a := range answers {
			switch {
			case a.err != nil && !errors.Is(a.err, sale.ErrBookingInProgress):
				t.Errorf("error %v", a.err)
			case a.err == nil && !a.Replayed:
				first++
			}
		}
		if first != 1 || charges() != 1 {
			t.Errorf("%d booked, %d charged", first, charges())
		}
		n.wantSeats(t, event, seats{remaining: 8, booked: 1})
	})
}

func TestKeyWhilePaying(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	till := newTill()
	g := &gateway{judge: till.judge}
	n := newNode(t, database, charging(g))
	order := command.Book{EventID: n.open(t, 9), Quantity: 1, Buyer: newUser(), IdempotencyKey: key}
	ctx, hangUp := context.WithCancel(t.Context())
	p, lost := n.starts(ctx, till, order)
	hangUp() // the answer is lost
	_, err := n.Book(t.Context(), order)
	wantRefusal(t, err, sale.ErrBookingInProgress, p.Booking)
	till.verdict <- nil
	first := <-lost
	again, err := n.Book(t.Context(), order)
	wantReplay(t, first.Receipt, again, err)
	g.want(t, ledger{asked: 1, charged: 1, balance: price})
}

func TestKeyReused(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	event, buyer := n.open(t, 9), newUser()
	section := n.replay(t, event).Sections[0].ID
	first, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer, IdempotencyKey: key})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]func() (command.Receipt, error){
		"for another quantity": func() (command.Receipt, error) {
			return n.Book(t.Context(), command.Book{EventID: event, Quantity: 2, Buyer: buyer, IdempotencyKey: key})
		},
		"with a section, if only the one that there is": func() (command.Receipt, error) {
			return n.Book(t.Context(), command.Book{EventID: event, SectionID: section, Quantity: 1, Buyer: buyer, IdempotencyKey: key})
		},
		"for a hold": func() (command.Receipt, error) {
			return n.Hold(t.Context(), command.Hold{EventID: event, Quantity: 1, Buyer: buyer, IdempotencyKey: key})
		},
	}
	for name, again := range rows {
		t.Run(name, func(t *testing.T) {
			if r, err := again(); !errors.Is(err, sale.ErrKeyReused) {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	t.Run("not by another buyer", func(t *testing.T) {
		r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 2, Buyer: newUser(), IdempotencyKey: key})
		if err != nil || r.Replayed || r.Claim.ID == first.Claim.ID {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("not at another event", func(t *testing.T) {
		r, err := n.Book(t.Context(), command.Book{EventID: n.open(t, 1), Quantity: 1, Buyer: buyer, IdempotencyKey: key})
		if err != nil || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("another key does not make another booking", func(t *testing.T) {
		_, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer, IdempotencyKey: key + "2"})
		wantRefusal(t, err, sale.ErrAlreadyBooked, first.Claim.ID)
	})
}

func TestKeyTriesAgain(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	t.Run("after a decline", func(t *testing.T) {
		t.Parallel()
		g := &gateway{judge: declining}
		n := newNode(t, database, charging(g))
		order := command.Book{EventID: n.open(t, 1), Quantity: 1, Buyer: newUser(), IdempotencyKey: key}
		if _, err := n.Book(t.Context(), order); !errors.Is(err, command.ErrPaymentDeclined) {
			t.Fatal(err)
		}
		g.judge = nil
		if r, err := n.Book(t.Context(), order); err != nil || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
		g.want(t, ledger{asked: 2, charged: 1, balance: price})
	})
	t.Run("after a payment that nobody came back from", func(t *testing.T) {
		t.Parallel()
		till := newTill()
		n := newNode(t, database, charging(&gateway{judge: till.judge}))
		order := command.Book{EventID: n.open(t, 1), Quantity: 1, Buyer: newUser(), IdempotencyKey: key}
		_, lost := n.starts(t.Context(), till, order)
		n.clock.advance(90 * time.Second)
		next := newNode(t, database, setup{})
		next.clock.advance(90 * time.Second)
		if r, err := next.Book(t.Context(), order); err != nil || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
		till.verdict <- nil
		if a := <-lost; !errors.Is(a.err, sale.ErrHoldEnded) {
			t.Error(a.err)
		}
	})
}

func TestKeyOfAHold(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	event := n.open(t, 9)
	order := command.Hold{EventID: event, Quantity: 2, Buyer: newUser(), IdempotencyKey: key}
	first, err := n.Hold(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	again, err := n.Hold(t.Context(), order)
	wantReplay(t, first, again, err)

	if _, err := n.ConfirmHold(t.Context(), command.ConfirmHold{HoldID: first.Claim.ID, Buyer: order.Buyer}); err != nil {
		t.Fatal(err)
	}
	again, err = n.Hold(t.Context(), order)
	if err != nil || !again.Replayed || again.Claim.ID != first.Claim.ID || again.Claim.Status != sale.Held ||
		!again.Claim.ExpiresAt.Equal(first.Claim.ExpiresAt) {
		t.Errorf("the key of a hold that is booked by now gets the first answer: %+v, %v", again, err)
	}
	n.wantSeats(t, event, seats{remaining: 7, booked: 2})
}
