package command_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

func TestRush(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	t.Run("200 buyers for 50 tickets: 50 pay for a second each, 150 are refused at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			g := &gateway{judge: command.SimulatedPayments{Delay: time.Second}.Charge}
			a := newNode(t, database, charging(g))
			b := newNode(t, database, charging(g))
			event := a.open(t, 50)

			errs, took := make([]error, 200), make([]time.Duration, 200)
			began := time.Now()
			together(len(errs), func(i int) {
				_, errs[i] = []*node{a, b}[i%2].Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
				took[i] = time.Since(began)
			})

			wantCounts(t, errs, map[error]int{nil: 50, sale.ErrSoldOut: 150})
			for i, err := range errs {
				if (err == nil) != (took[i] == time.Second) || took[i]%time.Second != 0 {
					t.Errorf("%v took %s", err, took[i])
				}
			}
			a.wantSeats(t, event, seats{booked: 50})
			g.want(t, ledger{asked: 50, charged: 50, balance: 50 * price})
		})
	})

	t.Run("a queue that is full when the money is there does not stop the booking", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			slow, g := &slowStore{}, new(gateway)
			n := newNode(t, database, setup{
				Options: command.Options{Payments: g}, store: slow.on,
				writer: command.WriterOptions{Loops: 1, Queue: 1, Group: 1, Attempts: 1},
			})
			event, other := n.open(t, 1), n.open(t, 9)
			var crowd sync.WaitGroup
			g.judge = func(context.Context, command.Payment) error {
				release := slow.block()
				arrived := make(chan error, 10)
				for range cap(arrived) {
					crowd.Go(func() {
						_, err := n.Hold(t.Context(), command.Hold{EventID: other, Quantity: 1, Buyer: newUser()})
						arrived <- err
					})
				}
				for range cap(arrived) - 2 { // one is on its way, one waits
					if err := <-arrived; !errors.Is(err, command.ErrOverloaded) {
						t.Errorf("error %v", err)
					}
				}
				time.AfterFunc(5*time.Second, release)
				return nil
			}
			n.books(t, event, newUser())
			crowd.Wait()
			wantHistory(t, n, event, paid...)
			g.want(t, ledger{asked: 1, charged: 1, balance: price})
		})
	})
}
