package query_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/query"
)

func TestBookings(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	ann, bob, gone := tables.user("ann"), tables.user("bob"), query.Buyer{ID: uuid.New()}
	opera, jazz := tables.event(query.Event{Title: "Opera", StartsAt: noon.Add(time.Hour)}), tables.event(query.Event{Title: "Jazz"})
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }

	annOpera := tables.booking(query.Booking{Buyer: ann, Event: opera, Quantity: 2, Amount: 2000, CreatedAt: at(5)})
	annCancelled := tables.booking(query.Booking{Buyer: ann, Event: jazz, Quantity: 1, Amount: 10, CreatedAt: at(1), CancelledAt: at(3)})
	annAgain := tables.booking(query.Booking{Buyer: ann, Event: jazz, Quantity: 1, Amount: 10, CreatedAt: at(4)})
	bobOpera := tables.booking(query.Booking{Buyer: bob, Event: opera, Quantity: 3, Amount: 3000, CreatedAt: at(2)})
	goneJazz := tables.booking(query.Booking{Buyer: gone, Event: jazz, Quantity: 1, Amount: 10, CreatedAt: at(6)})
	for _, status := range []string{"HELD", "PAYING", "RELEASED", "EXPIRED"} {
		hold := tables.hold(query.Hold{Status: status, Event: opera, Quantity: 1, CreatedAt: at(9), ExpiresAt: at(99)}, ann.ID)
		t.Run("a hold that is "+status+" is no booking", func(t *testing.T) {
			if _, err := tables.Booking(t.Context(), hold.ID); !errors.Is(err, query.ErrNotFound) {
				t.Errorf("got %v", err)
			}
		})
	}

	for name, row := range map[string]struct {
		filter query.BookingFilter
		want   []query.Booking
		total  int
	}{
		"all, the one confirmed last first, with cancelled ones and those of forgotten people": {
			query.BookingFilter{Paging: all(1, 10)},
			[]query.Booking{goneJazz, annOpera, annAgain, bobOpera, annCancelled}, 5,
		},
		"of a buyer":                     {query.BookingFilter{Paging: all(1, 10), BuyerID: ann.ID}, []query.Booking{annOpera, annAgain, annCancelled}, 3},
		"of an event":                    {query.BookingFilter{Paging: all(1, 10), EventID: jazz.ID}, []query.Booking{goneJazz, annAgain, annCancelled}, 3},
		"of a buyer for an event":        {query.BookingFilter{Paging: all(1, 10), EventID: opera.ID, BuyerID: bob.ID}, []query.Booking{bobOpera}, 1},
		"of nobody":                      {query.BookingFilter{Paging: all(1, 10), BuyerID: uuid.New()}, nil, 0},
		"the second page":                {query.BookingFilter{Paging: all(2, 2), BuyerID: ann.ID}, []query.Booking{annCancelled}, 3},
		"beyond the end, with the total": {query.BookingFilter{Paging: all(3, 2), BuyerID: ann.ID}, nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tables.Bookings(t.Context(), row.filter)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Bookings) == 0 {
				got.Bookings = nil
			}
			if diff := cmp.Diff(query.BookingPage{Bookings: row.want, Total: row.total}, got, cmp.Comparer(sameTime)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("one alone is the same as in a list", func(t *testing.T) {
		got, err := tables.Booking(t.Context(), annCancelled.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(annCancelled, got, cmp.Comparer(sameTime)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("one that does not exist is not found", func(t *testing.T) {
		if _, err := tables.Booking(t.Context(), uuid.New()); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBookingsOfTheSameMomentArePaged(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	event := tables.event(query.Event{Title: "rush"})
	for range 11 {
		tables.booking(query.Booking{Buyer: query.Buyer{ID: uuid.New()}, Event: event, Quantity: 1, CreatedAt: noon})
	}
	seen := make(map[uuid.UUID]bool)
	for page := range 3 {
		got, err := tables.Bookings(t.Context(), query.BookingFilter{Paging: all(page+1, 4)})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range got.Bookings {
			seen[b.ID] = true
		}
	}
	if len(seen) != 11 {
		t.Errorf("%d different bookings on all pages; want 11", len(seen))
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	event := tables.event(query.Event{Title: "Opera", StartsAt: noon.Add(time.Hour)})
	buyer, now := uuid.New(), noon
	hold := func(status string, taken, expires time.Duration, of uuid.UUID) query.Hold {
		return tables.hold(query.Hold{
			Status: status, Event: event, Quantity: 2, Amount: 500, CreatedAt: now.Add(taken), ExpiresAt: now.Add(expires),
		}, of)
	}
	older := hold("HELD", -3*time.Minute, time.Minute, buyer)
	newer := hold("PAYING", -2*time.Minute, time.Microsecond, buyer)
	hold("HELD", -3*time.Minute, 0, buyer) // runs out now
	hold("HELD", -3*time.Minute, time.Minute, uuid.New())
	for _, ended := range []string{"RELEASED", "EXPIRED", "CONFIRMED", "CANCELLED"} {
		hold(ended, -time.Minute, time.Minute, buyer)
	}
	t.Run("are the buyer's own that have not run out, newest first", func(t *testing.T) {
		got, err := tables.Holds(t.Context(), buyer, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]query.Hold{newer, older}, got, cmp.Comparer(sameTime)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("of nobody are none", func(t *testing.T) {
		if got, err := tables.Holds(t.Context(), uuid.New(), now); err != nil || len(got) != 0 {
			t.Errorf("got %d, %v", len(got), err)
		}
	})
}

func TestDue(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	now := noon
	event := func(status string, expires time.Duration, times int) uuid.UUID {
		e := tables.event(query.Event{Title: status})
		for range times {
			tables.hold(query.Hold{Status: status, Event: e, Quantity: 1, CreatedAt: now, ExpiresAt: now.Add(expires)}, uuid.New())
		}
		return e.ID
	}
	want := map[uuid.UUID]bool{event("HELD", 0, 3): true, event("PAYING", -time.Hour, 1): true}
	event("HELD", time.Microsecond, 1)
	for _, ended := range []string{"RELEASED", "EXPIRED", "CONFIRMED", "CANCELLED"} {
		event(ended, -time.Hour, 1)
	}
	got, err := tables.Due(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range got {
		if !want[id] {
			t.Errorf("%s is not due", id)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}
