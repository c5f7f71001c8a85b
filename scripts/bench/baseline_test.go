package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
	"onsale/transport/rest"
)

// shop is a baseline on a database of its own, with an event on sale.
func shop(t *testing.T, kind string, tickets int) (rest.Commands, uuid.UUID, *pgxpool.Pool) {
	t.Helper()
	database := migrationstest.Database(t)
	commands, done, err := openBaseline(t.Context(), kind, withoutTables(t, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	opened, err := commands.CreateEvent(t.Context(), command.CreateEvent{
		Title: "Concert", Currency: "EUR", Sections: []command.SectionSpec{{Price: 4900, Capacity: tickets, Remaining: tickets}},
	})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return commands, opened.Event.ID, pool
}

// withoutTables empties the database, for a baseline makes its own tables.
func withoutTables(t *testing.T, database string) string {
	t.Helper()
	if err := execute(t.Context(), database, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"); err != nil {
		t.Fatal(err)
	}
	return database
}

// everybody runs n at once, released together.
func everybody(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	gate := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-gate
			do(i)
		})
	}
	ready.Wait()
	close(gate)
	done.Wait()
}

func TestABaselineSellsWhatThereIsAndNotOneTicketMore(t *testing.T) {
	const tickets, people = 30, 120
	for _, kind := range []string{kindForUpdate, kindStatement} {
		t.Run(kind, func(t *testing.T) {
			commands, event, pool := shop(t, kind, tickets)
			var sold, refused atomic.Int64
			everybody(people, func(int) {
				_, err := commands.Book(context.Background(), command.Book{EventID: event, Buyer: uuid.New(), Quantity: 1})
				switch {
				case err == nil:
					sold.Add(1)
				case errors.Is(err, sale.ErrSoldOut):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
			var rows, remaining int
			err := pool.QueryRow(t.Context(), "SELECT (SELECT sum(quantity) FROM bookings), (SELECT remaining FROM sales)").Scan(&rows, &remaining)
			if err != nil {
				t.Fatal(err)
			}
			if sold.Load() != tickets || refused.Load() != people-tickets || rows != tickets || remaining != 0 {
				t.Errorf("%d sold, %d refused, %d in the table, %d remaining", sold.Load(), refused.Load(), rows, remaining)
			}
		})
	}
}

func TestABaselineSellsABuyerOneBookingOfAnEvent(t *testing.T) {
	for _, kind := range []string{kindForUpdate, kindStatement} {
		t.Run(kind, func(t *testing.T) {
			commands, event, pool := shop(t, kind, 30)
			buyer := uuid.New()
			var sold atomic.Int64
			everybody(20, func(int) {
				_, err := commands.Book(context.Background(), command.Book{EventID: event, Buyer: buyer, Quantity: 1})
				if err == nil {
					sold.Add(1)
				} else if !errors.Is(err, sale.ErrAlreadyBooked) {
					t.Error(err)
				}
			})
			var remaining int
			if err := pool.QueryRow(t.Context(), "SELECT remaining FROM sales").Scan(&remaining); err != nil {
				t.Fatal(err)
			}
			if sold.Load() != 1 || remaining != 29 {
				t.Errorf("%d sold, %d remaining", sold.Load(), remaining)
			}
		})
	}
}

func TestABaselineTellsTheBuyerWhatIsLeft(t *testing.T) {
	for _, kind := range []string{kindForUpdate, kindStatement} {
		t.Run(kind, func(t *testing.T) {
			commands, event, _ := shop(t, kind, 30)
			r, err := commands.Book(t.Context(), command.Book{EventID: event, Buyer: uuid.New(), Quantity: 3})
			if err != nil || r.Event.Remaining != 27 || r.Event.Title != "Concert" || r.Claim.Amount != 3*4900 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

func TestTheNoOpStandsBehindTheWholeAPI(t *testing.T) {
	handler, err := baselineHandler(newNoop(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	token, err := newToken(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for authorization, want := range map[string]int{"Bearer " + string(token): http.StatusCreated, "Bearer " + string(token) + "x": http.StatusUnauthorized} {
		r := httptest.NewRequest(http.MethodPost, "/book", strings.NewReader(`{"eventId":"01900000-0000-7000-8000-000000000001"}`))
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d, want %d: %s", w.Code, want, w.Body)
		}
	}
}
