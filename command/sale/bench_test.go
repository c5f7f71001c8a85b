package sale

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
)

// newIDs makes n ids that look random and are the same every time.
func newIDs(label string, n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = id(fmt.Sprint(label, i))
	}
	return ids
}

func carryOut(b *testing.B, s *Sale, c Command) []Event {
	events, err := Decide(s, c)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range events {
		s.Evolve(e)
	}
	return events
}

// BenchmarkBook is what a writer does to book on a sale that has 100,000 bookings: decide, and evolve the group's fork.
func BenchmarkBook(b *testing.B) {
	for _, group := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			base, ids := large(b, 100_000), newIDs("new", 100_000)
			fork, n := base.Fork(), 0
			b.ReportAllocs()
			for b.Loop() {
				if n++; n%group == 0 {
					fork = base.Fork()
				}
				next := ids[n%len(ids)]
				carryOut(b, fork, Book{Order{ID: next, Buyer: next, Section: floor, Quantity: 1, At: now}})
			}
		})
	}
}

// BenchmarkHoldAndConfirm is a booking that is paid for, while 20,000 others are being paid for.
func BenchmarkHoldAndConfirm(b *testing.B) {
	for _, group := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			const live = 20_000
			base, ids := saleOf(openedWith(section(floor, 1_000_000))), newIDs("new", 400_000)
			fork, pending := base.Fork(), make([]Event, 0, 3*group)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				at := now.Add(time.Duration(n))
				next := ids[n%len(ids)]
				next[0] += byte(n / len(ids))
				pending = append(pending, carryOut(b, fork, Hold{
					Order: Order{ID: next, Buyer: next, Quantity: 1, At: at}, ExpiresAt: at.Add(live), Paying: true,
				})...)
				if n >= live {
					last := ids[(n-live)%len(ids)]
					last[0] += byte((n - live) / len(ids))
					pending = append(pending, carryOut(b, fork, Confirm{Hold: last, Buyer: last, At: at})...)
					pending = append(pending, carryOut(b, fork, Cancel{Booking: last, User: last, At: at})...)
				}
				if len(pending) >= 3*group {
					for _, e := range pending {
						base.Evolve(e)
					}
					fork, pending = base.Fork(), pending[:0]
				}
			}
		})
	}
}

// BenchmarkStorm is one group of a thousand buyers who come to a sold out section while holds are due: those of the
// section itself, which some of the buyers get, or those of another one, which are none of their business. The cost must
// not grow with the number of holds.
func BenchmarkStorm(b *testing.B) {
	for _, due := range []uuid.UUID{vip, floor} {
		for _, holds := range []int{1_000, 10_000, 100_000} {
			name := map[uuid.UUID]string{vip: "own", floor: "other"}[due]
			b.Run(fmt.Sprintf("%s/due=%d", name, holds), func(b *testing.B) {
				seats := map[uuid.UUID]int{due: holds}
				s := saleOf(openedWith(section(vip, seats[vip]), section(floor, seats[floor])))
				for i, hold := range newIDs("hold", holds) {
					s.Evolve(held(Order{ID: hold, Buyer: hold, Section: due, Quantity: 1, At: before}, before.Add(time.Duration(i))))
				}
				buyers := newIDs("buyer", 1000)
				b.ReportAllocs()
				for b.Loop() {
					fork := s.Fork()
					for _, buyer := range buyers {
						events, _ := Decide(fork, Book{Order{ID: buyer, Buyer: buyer, Section: vip, Quantity: 1, At: later}})
						for _, e := range events {
							fork.Evolve(e)
						}
					}
				}
			})
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	e := booked(order("a", alice, 2).keyed(id("a key").String(), "0011223344556677"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	e := booked(order("a", alice, 2).keyed(id("a key").String(), "0011223344556677"))
	data, err := Encode(e)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(e.EventType(), EventSchema, data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot is a snapshot of a sale of 200,000 bookings: what it keeps its writer from working, and all of it; and for
// one that was restored itself, and has sold a hundred more.
func BenchmarkSnapshot(b *testing.B) {
	s := large(b, 200_000)
	b.Run("take", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Snapshot()
		}
	})
	restored, err := Restore(snapshotOf(b, s))
	if err != nil {
		b.Fatal(err)
	}
	for _, next := range newIDs("new", 100) {
		restored.Evolve(booked(Order{ID: next, Buyer: next, Section: floor, Quantity: 1, At: now}))
	}
	for name, s := range map[string]*Sale{"made": s, "restored": restored} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(len(snapshotOf(b, s))))
			}
		})
	}
}

func BenchmarkRestore(b *testing.B) {
	snapshot := snapshotOf(b, large(b, 200_000))
	b.SetBytes(int64(len(snapshot)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Restore(snapshot); err != nil {
			b.Fatal(err)
		}
	}
}
