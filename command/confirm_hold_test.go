package command_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

func (n *node) confirms(t *testing.T, hold, buyer uuid.UUID) (command.Receipt, error) {
	t.Helper()
	return n.ConfirmHold(t.Context(), command.ConfirmHold{HoldID: hold, Buyer: buyer})
}

func TestConfirmHold(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	t.Run("without payments it is booked in one append", func(t *testing.T) {
		t.Parallel()
		n := newNode(t, database, setup{})
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 2)
		r, err := n.confirms(t, hold, buyer)
		if err != nil || r.Claim.ID != hold || r.Claim.Status != sale.Confirmed || r.Event.Remaining != 3 || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
		wantHistory(t, n, event, paid...)
		again, err := n.confirms(t, hold, buyer)
		wantReplay(t, r, again, err)
	})
	t.Run("it is paid for, once, and booked", func(t *testing.T) {
		t.Parallel()
		g := new(gateway)
		n := newNode(t, database, charging(g))
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 2)
		r, err := n.confirms(t, hold, buyer)
		if err != nil || r.Claim.ID != hold || r.Claim.Status != sale.Confirmed || r.Event.Remaining != 3 || r.Replayed {
			t.Errorf("%+v, %v", r, err)
		}
		wantHistory(t, n, event, "seats.held.v1", "payment.started.v1", "booking.confirmed.v1")
		started := n.events(t, event)[2].Metadata.CommandID
		if want := (command.Payment{ID: started, Booking: hold, Buyer: buyer, Amount: 2 * price, Currency: "EUR"}); g.charges[0] != want {
			t.Errorf("payment %+v, want %+v", g.charges[0], want)
		}
		n.books(t, event, newUser())
		again, err := n.confirms(t, hold, buyer)
		wantReplay(t, r, again, err)
		g.want(t, ledger{asked: 2, charged: 2, balance: 3 * price})
	})
	t.Run("two at once are one charge", func(t *testing.T) {
		t.Parallel()
		g := new(gateway)
		n := newNode(t, database, charging(g))
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 1)
		together(8, func(int) {
			if _, err := n.confirms(t, hold, buyer); err != nil {
				wantRefusal(t, err, sale.ErrBookingInProgress, hold)
			}
		})
		g.want(t, ledger{asked: 1, charged: 1, balance: price})
		n.wantSeats(t, event, seats{remaining: 4, booked: 1})
	})
	t.Run("a buyer who hangs up while paying is booked", func(t *testing.T) {
		t.Parallel()
		ctx, hangUp := context.WithCancel(t.Context())
		n := newNode(t, database, charging(&gateway{judge: func(ctx context.Context, _ command.Payment) error {
			hangUp()
			return ctx.Err()
		}}))
		event, buyer := n.open(t, 5), newUser()
		hold := n.holds(t, event, buyer, 1)
		if _, err := n.ConfirmHold(ctx, command.ConfirmHold{HoldID: hold, Buyer: buyer}); err != nil {
			t.Error(err)
		}
		n.wantSeats(t, event, seats{remaining: 4, booked: 1})
	})
}

func TestConfirmHoldIsRefused(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	rows := map[string]struct {
		// given returns what the buyer asks to be confirmed.
		given func(t *testing.T, n *node, event, buyer uuid.UUID) uuid.UUID
		want  error
	}{
		"an unknown hold": {func(*testing.T, *node, uuid.UUID, uuid.UUID) uuid.UUID {
			return uuid.New()
		}, sale.ErrHoldNotFound},
		"no id at all": {func(*testing.T, *node, uuid.UUID, uuid.UUID) uuid.UUID {
			return uuid.Nil
		}, sale.ErrHoldNotFound},
		"the id of a command that held nothing": {func(t *testing.T, n *node, event, _ uuid.UUID) uuid.UUID {
			return n.events(t, event)[0].Metadata.CommandID
		}, sale.ErrHoldNotFound},
		"a foreign hold": {func(t *testing.T, n *node, event, _ uuid.UUID) uuid.UUID {
			return n.holds(t, event, newUser(), 1)
		}, sale.ErrHoldNotFound},
		"an expired hold": {func(t *testing.T, n *node, event, buyer uuid.UUID) uuid.UUID {
			defer n.clock.advance(10 * time.Minute)
			return n.holds(t, event, buyer, 1)
		}, sale.ErrHoldEnded},
		"a released hold": {func(t *testing.T, n *node, event, buyer uuid.UUID) uuid.UUID {
			hold := n.holds(t, event, buyer, 1)
			if _, err := n.ReleaseHold(t.Context(), command.ReleaseHold{HoldID: hold, Buyer: buyer}); err != nil {
				t.Fatal(err)
			}
			return hold
		}, sale.ErrHoldEnded},
		"a hold whose booking is cancelled": {func(t *testing.T, n *node, event, buyer uuid.UUID) uuid.UUID {
			hold := n.holds(t, event, buyer, 1)
			if _, err := n.confirms(t, hold, buyer); err != nil {
				t.Fatal(err)
			}
			if _, err := n.CancelBooking(t.Context(), command.CancelBooking{BookingID: hold, User: buyer}); err != nil {
				t.Fatal(err)
			}
			return hold
		}, sale.ErrHoldEnded},
		"a hold of an event that has started": {func(t *testing.T, n *node, event, buyer uuid.UUID) uuid.UUID {
			n.clock.advance(31*24*time.Hour - time.Minute)
			defer n.clock.advance(time.Minute)
			return n.holds(t, event, buyer, 1)
		}, sale.ErrStarted},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, database, func(t *testing.T, n *node, charges func() int) {
				event, buyer := n.open(t, 5), newUser()
				hold := row.given(t, n, event, buyer)
				before, asked := len(n.events(t, event)), charges()
				r, err := n.confirms(t, hold, buyer)
				if !errors.Is(err, row.want) || r.Replayed || r.Claim != (sale.Claim{}) {
					t.Errorf("%+v, %v; want %v", r, err, row.want)
				}
				if after := len(n.events(t, event)); after != before || charges() != asked {
					t.Errorf("%d events more, %d charges more", after-before, charges()-asked)
				}
			})
		})
	}
}

func TestHoldOutlivesItsPayment(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	rows := map[string]struct {
		judge   func(context.Context, command.Payment) error
		lost    func(command.Payment) error
		refunds int
	}{
		"declined":                     {judge: declining},
		"no answer in time":            {judge: untilTimeout, refunds: 1},
		"paid, but the answer is lost": {lost: func(command.Payment) error { return errGateway }, refunds: 1},
	}
	for name, row := range rows {
		t.Run(name+": the hold goes on to its own time, and can be paid for", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{judge: row.judge, lost: row.lost}
				n := newNode(t, database, charging(g))
				event, buyer := n.open(t, 1), newUser()
				hold := n.holds(t, event, buyer, 1)
				until, _ := n.replay(t, event).Claim(hold)

				r, err := n.confirms(t, hold, buyer)
				if !errors.Is(err, command.ErrPaymentDeclined) {
					t.Fatalf("error %v", err)
				}
				wantPositionOnly(t, r, n.events(t, event)[3].Position)
				wantHistory(t, n, event, "seats.held.v1", "payment.started.v1", "payment.failed.v1")
				if c, _ := n.replay(t, event).Claim(hold); c.Status != sale.Held || c.ExpiresAt != until.ExpiresAt {
					t.Errorf("hold %+v", c)
				}

				g.judge, g.lost = nil, nil
				n.clock.advance(9 * time.Minute)
				if _, err := n.confirms(t, hold, buyer); err != nil {
					t.Fatal(err)
				}
				if l := g.ledger(); l.balance != price || l.refunds != row.refunds {
					t.Errorf("the gateway has %+v: the second payment must be one of its own", l)
				}
			})
		})
	}
	t.Run("seats whose own time is over while their payment fails are free for others", func(t *testing.T) {
		t.Parallel()
		till := newTill()
		n := newNode(t, database, charging(&gateway{judge: till.judge}))
		event, buyer := n.open(t, 1), newUser()
		hold := n.holds(t, event, buyer, 1)
		n.clock.advance(10*time.Minute - time.Second) // still in time to pay
		failed := make(chan error)
		go func() {
			_, err := n.confirms(t, hold, buyer)
			failed <- err
		}()
		<-till.waiting
		n.clock.advance(time.Minute)
		if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); !errors.Is(err, sale.ErrSoldOut) {
			t.Errorf("the seats of a payment on its way: %v", err)
		}
		till.verdict <- command.ErrPaymentDeclined
		if err := <-failed; !errors.Is(err, command.ErrPaymentDeclined) {
			t.Error(err)
		}
		_, answered := n.starts(t.Context(), till, command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		till.verdict <- nil
		if a := <-answered; a.err != nil {
			t.Error(a.err)
		}
	})
}
