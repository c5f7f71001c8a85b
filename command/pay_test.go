package command_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

// What the log has of a payment on the way, one that went well, and one that did not.
var (
	held   = []string{"seats.held.v1"}
	paid   = []string{"seats.held.v1", "booking.confirmed.v1"}
	unpaid = []string{"seats.held.v1", "hold.released.v1"}
)

func wantHistory(t *testing.T, n *node, event uuid.UUID, want ...string) {
	t.Helper()
	if got := n.history(t, event); !slices.Equal(got, want) {
		t.Errorf("the log has %v, want %v", got, want)
	}
}

// An answer is what a call came back with.
type answer struct {
	command.Receipt
	err error
}

// starts books one seat and returns when the payment is on its way; the answer comes when it was decided on.
func (n *node) starts(ctx context.Context, till *till, b command.Book) (command.Payment, <-chan answer) {
	answered := make(chan answer, 1)
	go func() {
		r, err := n.Book(ctx, b)
		answered <- answer{r, err}
	}()
	return <-till.waiting, answered
}

func TestPaying(t *testing.T) {
	t.Parallel()
	till := newTill()
	g := &gateway{judge: till.judge}
	n := newNode(t, migrationstest.Database(t), charging(g))
	book := func(event uuid.UUID) command.Book {
		return command.Book{EventID: event, Quantity: 1, Buyer: newUser()}
	}

	// One after the other: they share a till.
	t.Run("the seats are taken before the payment and sold after it", func(t *testing.T) {
		event := n.open(t, 5)
		order := book(event)
		order.Quantity = 2
		p, answered := n.starts(t.Context(), till, order)

		wantHistory(t, n, event, held...)
		n.wantSeats(t, event, seats{remaining: 3, held: 2})
		id := n.events(t, event)[1].Metadata.CommandID
		if want := (command.Payment{ID: id, Booking: id, Buyer: order.Buyer, Amount: 2 * price, Currency: "EUR"}); p != want {
			t.Errorf("payment %+v, want %+v", p, want)
		}
		hold, _ := n.replay(t, event).Claim(id)
		if lasts := hold.ExpiresAt.Sub(hold.CreatedAt); lasts != 90*time.Second {
			t.Errorf("the seats are taken for %s", lasts)
		}

		till.verdict <- nil
		a := <-answered
		if a.err != nil || a.Claim.Status != sale.Confirmed || a.Claim.ID != id || a.Event.Remaining != 3 || a.Replayed {
			t.Errorf("%+v", a)
		}
		wantHistory(t, n, event, paid...)
		n.wantSeats(t, event, seats{remaining: 3, booked: 2})
		if last := n.events(t, event)[2]; a.Position != last.Position {
			t.Errorf("position %d, want %d", a.Position, last.Position)
		}
	})

	t.Run("who comes second is sold out while the first one pays, and gets the seat when that is declined", func(t *testing.T) {
		event := n.open(t, 1)
		_, first := n.starts(t.Context(), till, book(event))
		if _, err := n.Book(t.Context(), book(event)); !errors.Is(err, sale.ErrSoldOut) {
			t.Errorf("error %v", err)
		}
		till.verdict <- command.ErrPaymentDeclined
		if a := <-first; !errors.Is(a.err, command.ErrPaymentDeclined) {
			t.Errorf("error %v", a.err)
		}
		_, second := n.starts(t.Context(), till, book(event))
		till.verdict <- nil
		if a := <-second; a.err != nil {
			t.Error(a.err)
		}
		n.wantSeats(t, event, seats{booked: 1})
	})

	t.Run("a second request of the same buyer is told which booking is on its way", func(t *testing.T) {
		event := n.open(t, 5)
		order := book(event)
		p, first := n.starts(t.Context(), till, order)
		_, err := n.Book(t.Context(), order)
		wantRefusal(t, err, sale.ErrBookingInProgress, p.Booking)
		_, err = n.Hold(t.Context(), command.Hold{EventID: event, Quantity: 1, Buyer: order.Buyer})
		wantRefusal(t, err, sale.ErrBookingInProgress, p.Booking)
		_, err = n.ReleaseHold(t.Context(), command.ReleaseHold{HoldID: p.Booking, Buyer: order.Buyer})
		wantRefusal(t, err, sale.ErrBookingInProgress, p.Booking)
		_, err = n.CancelBooking(t.Context(), command.CancelBooking{BookingID: p.Booking, User: order.Buyer})
		if !errors.Is(err, sale.ErrBookingNotFound) {
			t.Errorf("cancelled too early: %v", err)
		}
		till.verdict <- nil
		if a := <-first; a.err != nil {
			t.Error(a.err)
		}
		wantHistory(t, n, event, paid...)
	})

	t.Run("a client who hangs up while paying is booked all the same", func(t *testing.T) {
		event := n.open(t, 1)
		ctx, hangUp := context.WithCancel(t.Context())
		_, answered := n.starts(ctx, till, book(event))
		hangUp()
		till.verdict <- nil
		if a := <-answered; a.err != nil {
			t.Error(a.err)
		}
		n.wantSeats(t, event, seats{booked: 1})
	})

	t.Run("a client who hangs up while declined gives the seats back all the same", func(t *testing.T) {
		event := n.open(t, 1)
		ctx, hangUp := context.WithCancel(t.Context())
		_, answered := n.starts(ctx, till, book(event))
		hangUp()
		till.verdict <- command.ErrPaymentDeclined
		if a := <-answered; !errors.Is(a.err, command.ErrPaymentDeclined) {
			t.Error(a.err)
		}
		n.wantSeats(t, event, seats{remaining: 1})
	})

	if l := g.ledger(); l.refunds != 0 {
		t.Errorf("%d refunds of nothing", l.refunds)
	}
}

func TestPaymentFails(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	rows := map[string]struct {
		gateway *gateway
		refunds int
		took    time.Duration
	}{
		"declined: there is nothing to give back": {gateway: &gateway{judge: declining}},
		"without a clear answer, nothing was taken: refunded to be sure": {
			gateway: &gateway{judge: func(context.Context, command.Payment) error { return errGateway }}, refunds: 1,
		},
		"without a clear answer, money was taken: refunded": {
			gateway: &gateway{lost: func(command.Payment) error { return errGateway }}, refunds: 1,
		},
		"no answer in half a minute: refunded": {
			gateway: &gateway{judge: untilTimeout}, refunds: 1, took: 30 * time.Second,
		},
		"a refund that fails is asked for again": {
			gateway: &gateway{judge: untilTimeout, refuse: firstTimes(2, errGateway)}, refunds: 3, took: 30*time.Second + 150*time.Millisecond,
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNode(t, database, charging(row.gateway))
				event, buyer := n.open(t, 1), newUser()
				began := time.Now()
				r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer})
				if took := time.Since(began); took != row.took {
					t.Errorf("it took %s, want %s", took, row.took)
				}
				if !errors.Is(err, command.ErrPaymentDeclined) {
					t.Fatalf("error %v", err)
				}
				wantHistory(t, n, event, unpaid...)
				n.wantSeats(t, event, seats{remaining: 1})
				wantPositionOnly(t, r, n.events(t, event)[2].Position)
				if l := row.gateway.ledger(); l.refunds != row.refunds || l.balance != 0 || l.asked != 1 {
					t.Errorf("the gateway has %+v, want %d refunds", l, row.refunds)
				}
				if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer}); errors.Is(err, sale.ErrAlreadyBooked) {
					t.Errorf("the buyer cannot try again: %v", err)
				}
			})
		})
	}
}

// firstTimes is an answer to the first n calls; the others go well.
func firstTimes(n int, err error) func(int) error {
	return func(call int) error {
		if call <= n {
			return err
		}
		return nil
	}
}
