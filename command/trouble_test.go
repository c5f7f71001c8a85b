package command_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// What becomes of a booking when the log fails after the money was taken.
func TestTroubleAfterPayment(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	const kept, givenBack = price, 0
	rows := map[string]struct {
		fault   fault
		want    error
		history []string
		balance int64
		refunds int
		by      string // what is left to be done by hand, in the log
	}{
		"out of reach for twenty-five seconds: booked": {
			fault: fault{appends: 17}, history: paid, balance: kept,
		},
		"answers lost for a while: booked, once": {
			fault: fault{appends: 3, lost: 3}, history: paid, balance: kept,
		},
		"an answer lost, and longer than a command can wait nobody can tell: booked, once": {
			fault: fault{appends: 1, lost: 1, lookups: 310}, history: paid, balance: kept,
		},
		"other writers first too often, for a while: booked": {
			fault: fault{appends: 250, with: eventstore.ErrConflict}, history: paid, balance: kept,
		},
		"out of reach for long: refunded, not booked": {
			fault: fault{appends: forever}, want: command.ErrUnavailable, history: held, balance: givenBack, refunds: 1,
		},
		"the log takes everything but this: refunded, not booked": {
			fault: fault{appends: forever, with: eventstore.ErrRejected}, want: eventstore.ErrRejected,
			history: held, balance: givenBack, refunds: 1,
		},
		"for long nobody can tell, and it is not booked: kept, and told to somebody": {
			fault: fault{appends: forever, with: eventstore.ErrUnknownOutcome, lookups: forever}, want: command.ErrOutcomeUnknown,
			history: held, balance: kept, by: "settle by hand",
		},
		"for long nobody can tell, and it is booked: never refunded as well": {
			fault: fault{appends: forever, lost: 1, lookups: forever}, want: command.ErrOutcomeUnknown,
			history: paid, balance: kept, by: "settle by hand",
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				weak, g, log := new(weakStore), new(gateway), new(bytes.Buffer)
				n := newNode(t, database, setup{
					Options: command.Options{Payments: g, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))},
					writer:  command.WriterOptions{Log: slog.New(slog.DiscardHandler)},
					store:   weak.on,
				})
				event := n.open(t, 1)
				g.judge = func(context.Context, command.Payment) error {
					weak.suffer(row.fault)
					return nil
				}
				began := time.Now()
				r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
				if !errors.Is(err, row.want) {
					t.Fatalf("error %v, want %v", err, row.want)
				}
				if took := time.Since(began); took > time.Minute {
					t.Errorf("it took %s, when the seats may be gone", took)
				}
				wantHistory(t, n, event, row.history...)
				if l := g.ledger(); l.charged != 1 || l.refunds != row.refunds || l.balance != row.balance {
					t.Errorf("the gateway has %+v", l)
				}
				if !strings.Contains(log.String(), row.by) || (row.by == "") != (log.Len() == 0) {
					t.Errorf("logged %q, want %q", log, row.by)
				}
				if err == nil && (r.Claim.Status != sale.Confirmed || r.Event.Remaining != 0 || r.Replayed) {
					t.Errorf("receipt %+v", r)
				}
				if held := n.events(t, event)[1]; r.Position < held.Position {
					t.Errorf("position %d, want %d or more", r.Position, held.Position)
				}
			})
		})
	}
}

func TestTroubleAfterDecline(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	t.Run("seats that cannot be returned are free when their time is over", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			weak := new(weakStore)
			g := &gateway{judge: func(context.Context, command.Payment) error {
				weak.suffer(fault{appends: forever})
				return command.ErrPaymentDeclined
			}}
			n := newNode(t, database, setup{Options: command.Options{Payments: g}, store: weak.on})
			event := n.open(t, 1)
			r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
			if !errors.Is(err, command.ErrPaymentDeclined) || errors.Is(err, command.ErrUnavailable) {
				t.Errorf("error %v", err)
			}
			wantPositionOnly(t, r, n.events(t, event)[1].Position)

			weak.suffer(fault{})
			g.judge = nil
			n.clock.advance(90 * time.Second)
			n.books(t, event, newUser())
			n.wantSeats(t, event, seats{booked: 1})
		})
	})
	t.Run("a refund that always fails is told to somebody", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g, log := &gateway{
				lost:   func(command.Payment) error { return errGateway },
				refuse: func(int) error { return errGateway },
			}, new(bytes.Buffer)
			n := newNode(t, database, setup{Options: command.Options{Payments: g, Log: slog.New(slog.NewTextHandler(log, nil))}})
			event := n.open(t, 1)
			_, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
			if !errors.Is(err, command.ErrPaymentDeclined) {
				t.Errorf("error %v", err)
			}
			n.wantSeats(t, event, seats{remaining: 1})
			if line := log.String(); !strings.Contains(line, "settle by hand") || !strings.Contains(line, "amount=4999 currency=EUR") {
				t.Errorf("logged %q", line)
			}
		})
	})
}
