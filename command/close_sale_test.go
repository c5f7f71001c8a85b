package command_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

func (n *node) closes(t *testing.T, event uuid.UUID) command.Receipt {
	t.Helper()
	r, err := n.CloseSale(t.Context(), command.CloseSale{EventID: event, Reason: "The hall is flooded", CorrelationID: "operator"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCloseSale(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})

	t.Run("the log says why, and nothing is sold from then on", func(t *testing.T) {
		t.Parallel()
		event := n.open(t, 3)
		n.books(t, event, newUser())
		r, err := n.CloseSale(t.Context(), command.CloseSale{EventID: event, Reason: "  The hall is flooded\n", CorrelationID: "operator"})
		if err != nil || r.Replayed || r.Event.Remaining != 2 || r.Event.Version != 3 {
			t.Errorf("%+v, %v", r, err)
		}
		last := n.events(t, event)[2]
		e, err := sale.Decode(last.Type, last.Schema, last.Data)
		if c, ok := e.(sale.SaleClosed); err != nil || !ok || c.Reason != "The hall is flooded" || c.By != uuid.Nil ||
			last.Position != r.Position || last.Metadata.UserID != uuid.Nil || last.Metadata.CorrelationID != "operator" {
			t.Errorf("recorded %+v: %+v, %v", last, e, err)
		}
		refused, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		if !errors.Is(err, sale.ErrClosed) {
			t.Errorf("booked: %v", err)
		}
		wantPositionOnly(t, refused, r.Position)
		n.wantSeats(t, event, seats{remaining: 2, booked: 1})
	})
	t.Run("of no event, or for no reason: refused", func(t *testing.T) {
		t.Parallel()
		event := n.open(t, 1)
		for id, want := range map[uuid.UUID]error{newUser(): sale.ErrEventNotFound, event: field("reason")} {
			if _, err := n.CloseSale(t.Context(), command.CloseSale{EventID: id, Reason: strings.Repeat(" ", 5)}); !is(err, want) {
				t.Errorf("error %v, want %v", err, want)
			}
		}
		wantHistory(t, n, event)
	})
	t.Run("again and at once, at two nodes: closed once, and nobody is told no", func(t *testing.T) {
		t.Parallel()
		other := newNode(t, database, setup{})
		event := n.open(t, 1)
		receipts := make([]command.Receipt, 8)
		together(len(receipts), func(i int) { receipts[i] = []*node{n, other}[i%2].closes(t, event) })
		first := 0
		for _, r := range receipts {
			if !r.Replayed {
				first++
			}
			if r.Position != receipts[0].Position {
				t.Errorf("at %d and at %d", r.Position, receipts[0].Position)
			}
		}
		if first != 1 {
			t.Errorf("%d were the first", first)
		}
		wantHistory(t, n, event, "sale.closed.v1")
	})
	t.Run("what is being paid for is booked, a hold is not paid for, a booking can be cancelled", func(t *testing.T) {
		t.Parallel()
		q := newTill()
		g := &gateway{judge: q.judge}
		a, operator := newNode(t, database, charging(g)), newNode(t, database, setup{})
		event, holder, payer := a.open(t, 5), newUser(), newUser()
		hold := a.holds(t, event, holder, 1)
		booked := make(chan command.Receipt)
		go func() { booked <- a.books(t, event, payer) }()
		<-q.waiting
		operator.closes(t, event)
		q.verdict <- nil
		booking := (<-booked).Claim
		if _, err := a.confirms(t, hold, holder); !errors.Is(err, sale.ErrClosed) {
			t.Errorf("confirm: %v", err)
		}
		g.want(t, ledger{asked: 1, charged: 1, balance: price})
		a.wantSeats(t, event, seats{remaining: 3, held: 1, booked: 1})
		r, err := operator.CancelBooking(t.Context(), command.CancelBooking{BookingID: booking.ID, Admin: true, Reason: "Flood"})
		if err != nil || r.Claim.Status != sale.Cancelled {
			t.Errorf("cancel: %+v, %v", r, err)
		}
		last := a.events(t, event)[5]
		e, err := sale.Decode(last.Type, last.Schema, last.Data)
		if c, ok := e.(sale.BookingCancelled); err != nil || !ok || c.By != uuid.Nil || c.Reason != "Flood" || c.Buyer != payer {
			t.Errorf("recorded %+v, %v", e, err)
		}
	})
}

// rushWhileClosing has 16 buyers after buyers book at a node, until they are refused or there are no more of them. When the
// first has booked, another node closes the sale, of which the first one's memory knows nothing.
func rushWhileClosing(t *testing.T, selling, closing *node) (event uuid.UUID, booked int, err error) {
	event = selling.open(t, 10_000)
	first := make(chan struct{})
	begun := sync.OnceFunc(func() { close(first) })
	counts, errs := make([]int, 16), make([]error, 16)
	together(len(counts)+1, func(i int) {
		if i == len(counts) {
			<-first
			closing.closes(t, event)
			return
		}
		for ; errs[i] == nil && counts[i] < 200; counts[i]++ {
			if _, errs[i] = selling.Book(context.Background(), command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); errs[i] != nil {
				return
			}
			begun()
		}
	})
	for _, n := range counts {
		booked += n
	}
	return event, booked, errors.Join(errs...)
}

// soldAfterTheClose looks at the log itself.
func (n *node) soldAfterTheClose(t *testing.T, event uuid.UUID) (before, after int) {
	t.Helper()
	closed := false
	for _, what := range n.history(t, event) {
		switch {
		case what == "sale.closed.v1":
			closed = true
		case what == "booking.confirmed.v1" && closed:
			after++
		case what == "booking.confirmed.v1":
			before++
		}
	}
	return before, after
}

func TestNothingIsSoldAfterAnotherProcessHasClosedTheSale(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	selling := newNode(t, database, setup{})
	for range 5 {
		event, booked, err := rushWhileClosing(t, selling, newNode(t, database, setup{}))
		if want := fmt.Sprint(errors.Join(slices.Repeat([]error{sale.ErrClosed}, 16)...)); fmt.Sprint(err) != want {
			t.Errorf("the buyers were told %v", err)
		}
		if before, after := selling.soldAfterTheClose(t, event); after != 0 || before != booked || booked == 0 {
			t.Errorf("%d were booked: %d before the close, %d after", booked, before, after)
		}
	}
}

// The negative control of the test above.
func TestWithoutTheFenceASaleThatIsClosedSellsOn(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), unfenced); err != nil {
		t.Fatal(err)
	}
	selling := newNode(t, database, setup{})
	event, _, _ := rushWhileClosing(t, selling, newNode(t, database, setup{}))
	if _, after := selling.soldAfterTheClose(t, event); after == 0 {
		t.Error("nothing was sold after the close")
	}
}
