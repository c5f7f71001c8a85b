package projections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/projections"
)

func TestTablesAreTheReplayOfTheLog(t *testing.T) {
	t.Parallel()
	for i, pageSize := range []int{1, 2, 7, 50, 0} {
		t.Run(fmt.Sprintf("at every position a reader waits for, in pages of %d", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, uint64(i))
			r := w.start(projections.Options{PageSize: pageSize}, projections.All()...)
			for range 12 {
				w.run(40)
				w.do(w.sales[w.random.IntN(len(w.sales))], sale.Close{Reason: "The hall is flooded", At: w.now})
				w.run(1)
				r.catchUp(t, w.head)
				w.wantTables()
			}
		})
	}
	t.Run("when a whole history is applied at once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 99)
		w.run(750)
		w.do(w.sales[0], sale.Close{Reason: "The hall is flooded", At: w.now})
		w.run(750)
		w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
		w.wantTables()
	})
}

// Each story is one append; it is told in pages of every size, so that any two of its events have been in one page, and
// in two.
func TestChangesOfOneClaimMerge(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	for name, story := range map[string]func(w *world, s *sale.Sale, o sale.Order) []sale.Command{
		"held, confirmed, cancelled": func(w *world, s *sale.Sale, o sale.Order) []sale.Command {
			return []sale.Command{
				sale.Hold{Order: o, ExpiresAt: at(10), Paying: true},
				sale.Confirm{Hold: o.ID, Buyer: o.Buyer, At: at(1)},
				sale.Cancel{Booking: o.ID, User: o.Buyer, At: at(2)},
			}
		},
		"booked, cancelled, booked again": func(w *world, s *sale.Sale, o sale.Order) []sale.Command {
			again := o
			again.ID, again.At = w.id(), at(2)
			w.claims[s] = append(w.claims[s], again.ID)
			return []sale.Command{
				sale.Book{Order: o}, sale.Cancel{Booking: o.ID, User: o.Buyer, At: at(1)}, sale.Book{Order: again},
			}
		},
		"held, payment failed twice, released": func(w *world, s *sale.Sale, o sale.Order) []sale.Command {
			return []sale.Command{
				sale.Hold{Order: o, ExpiresAt: at(10)},
				sale.StartPayment{Hold: o.ID, Buyer: o.Buyer, At: at(1), ExpiresAt: at(20)},
				sale.FailPayment{Hold: o.ID, Buyer: o.Buyer, At: at(2)},
				sale.StartPayment{Hold: o.ID, Buyer: o.Buyer, At: at(3), ExpiresAt: at(21)},
				sale.FailPayment{Hold: o.ID, Buyer: o.Buyer, At: at(4)},
				sale.Release{Hold: o.ID, Buyer: o.Buyer, At: at(5)},
			}
		},
		"held, paid for, confirmed": func(w *world, s *sale.Sale, o sale.Order) []sale.Command {
			return []sale.Command{
				sale.Hold{Order: o, ExpiresAt: at(10)},
				sale.StartPayment{Hold: o.ID, Buyer: o.Buyer, At: at(1), ExpiresAt: at(20)},
				sale.Confirm{Hold: o.ID, Buyer: o.Buyer, At: at(2)},
			}
		},
		"paid for, closed, confirmed, cancelled": func(w *world, s *sale.Sale, o sale.Order) []sale.Command {
			return []sale.Command{
				sale.Hold{Order: o, ExpiresAt: at(10), Paying: true},
				sale.Close{Reason: "The hall is flooded", At: at(1)},
				sale.Confirm{Hold: o.ID, Buyer: o.Buyer, At: at(2)},
				sale.Cancel{Booking: o.ID, User: o.Buyer, At: at(3)},
			}
		},
		"held by one, expired and booked by another": func(w *world, s *sale.Sale, o sale.Order) []sale.Command {
			other := o
			other.ID, other.Buyer, other.At = w.id(), w.id(), at(11)
			w.claims[s] = append(w.claims[s], other.ID)
			return []sale.Command{sale.Hold{Order: o, ExpiresAt: at(10)}, sale.Book{Order: other}}
		},
	} {
		for _, pageSize := range []int{1, 2, 3, 0} {
			t.Run(fmt.Sprintf("%s/in pages of %d", name, pageSize), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 1)
				s := w.open(2)
				o := sale.Order{ID: w.id(), Buyer: w.buyers[0], Section: s.Sections[0].ID, Quantity: 2, At: noon}
				w.claims[s] = []uuid.UUID{o.ID}
				for _, c := range story(w, s, o) {
					if err := w.do(s, c); err != nil {
						t.Fatalf("%T: %v", c, err)
					}
				}
				w.append()
				w.start(projections.Options{PageSize: pageSize}, projections.All()...).catchUp(t, w.head)
				w.wantTables()
			})
		}
	}
}
