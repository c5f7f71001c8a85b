package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/projections/verify"
)

// A planted is a world with one sale more, in whose one section 9 seats are free, for 100 each.
type planted struct {
	*world
	*sale.Sale
}

func plant(t *testing.T) planted {
	t.Helper()
	w := newWorld(t, 11)
	w.run(25)
	return w.plant()
}

func (w *world) plant() planted {
	w.Helper()
	s := &sale.Sale{ID: w.id()}
	w.do(s, sale.Open{
		Organizer: w.id(), Title: "Event", Currency: "EUR", At: w.now,
		Sections: []sale.OpenSection{{ID: w.id(), Name: "All", Price: 100, Capacity: 10, OnSale: 9}},
	})
	return planted{w, s}
}

func (p planted) seats(n int) sale.Seats {
	section := p.Sections[0]
	return sale.Seats{Section: section.ID, Quantity: n, Amount: section.Price * int64(n)}
}

func (p planted) booked(n int) sale.BookingConfirmed {
	return sale.BookingConfirmed{Booking: p.id(), Buyer: p.id(), Seats: p.seats(n), At: p.now}
}

func (p planted) held(n int) sale.SeatsHeld {
	return sale.SeatsHeld{Hold: p.id(), Buyer: p.id(), Seats: p.seats(n), At: p.now, ExpiresAt: p.now.Add(time.Minute)}
}

func confirmed(h sale.SeatsHeld, at time.Time) sale.BookingConfirmed {
	return sale.BookingConfirmed{Booking: h.Hold, Buyer: h.Buyer, Seats: h.Seats, FromHold: true, At: at}
}

func released(h sale.SeatsHeld) sale.HoldReleased {
	return sale.HoldReleased{Hold: h.Hold, Buyer: h.Buyer, Seats: h.Seats, At: h.At}
}

type story struct {
	events func(p planted) []sale.Event
	broken []string
	halts  bool // the projections
}

// Each story is appended past the writer, as the next events of a sale of its own.
func TestEventsThatBreakARuleAreFound(t *testing.T) {
	t.Parallel()
	stories := map[string]story{
		"nothing is wrong": {events: func(p planted) []sale.Event {
			h := p.held(4)
			return []sale.Event{h, confirmed(h, h.At), p.booked(5)}
		}},
		"more seats are sold than there are": {broken: []string{"seats"}, events: func(p planted) []sale.Event {
			return []sale.Event{p.booked(4), p.booked(4), p.booked(2)}
		}},
		"more seats are held than there are": {broken: []string{"seats"}, events: func(p planted) []sale.Event {
			return []sale.Event{p.booked(9), p.held(1)}
		}},
		"a buyer books twice": {broken: []string{"one each"}, events: func(p planted) []sale.Event {
			a, b := p.booked(1), p.booked(1)
			b.Buyer = a.Buyer
			return []sale.Event{a, b}
		}},
		"a buyer with a booking holds": {broken: []string{"one each"}, events: func(p planted) []sale.Event {
			a, b := p.booked(1), p.held(1)
			b.Buyer = a.Buyer
			return []sale.Event{a, b}
		}},
		"a booking from no hold": {broken: []string{"seats", "claims"}, events: func(p planted) []sale.Event {
			return []sale.Event{confirmed(p.held(2), p.now)}
		}},
		"a booking from a released hold": {broken: []string{"seats", "claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, released(h), confirmed(h, p.now)}
		}},
		"a booking from a hold that has run out": {broken: []string{"claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, confirmed(h, h.ExpiresAt)}
		}},
		"a booking from somebody else's hold": {broken: []string{"claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			c := confirmed(h, p.now)
			c.Buyer = p.id()
			return []sale.Event{h, c}
		}},
		"a booking of more seats than were held": {broken: []string{"seats", "claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			c := confirmed(h, p.now)
			c.Seats = p.seats(3)
			return []sale.Event{h, c}
		}},
		"a hold is released twice": {broken: []string{"seats", "claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, released(h), released(h)}
		}},
		"a hold is released as a booking": {broken: []string{"seats", "claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, confirmed(h, p.now), released(h)}
		}},
		"a hold expires before its time": {broken: []string{"claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, sale.HoldExpired{Hold: h.Hold, Buyer: h.Buyer, Seats: h.Seats, At: h.At}}
		}},
		"a hold is paid for twice at once": {broken: []string{"claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			pay := sale.PaymentStarted{Hold: h.Hold, Buyer: h.Buyer, At: h.At, ExpiresAt: h.ExpiresAt}
			return []sale.Event{h, pay, pay}
		}},
		"a payment fails that was not begun": {broken: []string{"claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, sale.PaymentFailed{Hold: h.Hold, Buyer: h.Buyer, At: h.At, ExpiresAt: h.ExpiresAt}}
		}},
		"a hold is cancelled as a booking": {broken: []string{"seats", "claims"}, events: func(p planted) []sale.Event {
			h := p.held(2)
			return []sale.Event{h, sale.BookingCancelled{Booking: h.Hold, Buyer: h.Buyer, Seats: h.Seats, At: h.At}}
		}},
		"a booking costs too little": {broken: []string{"amounts"}, events: func(p planted) []sale.Event {
			b := p.booked(2)
			b.Amount--
			return []sale.Event{b}
		}},
		"no seats are booked": {broken: []string{"amounts"}, events: func(p planted) []sale.Event {
			return []sale.Event{p.booked(0)}
		}},
		"seats of no section of this sale": {broken: []string{"amounts"}, halts: true, events: func(p planted) []sale.Event {
			b := p.booked(2)
			b.Section = p.id()
			return []sale.Event{b}
		}},
		"an id is taken twice": {broken: []string{"seats", "claims"}, halts: true, events: func(p planted) []sale.Event {
			a, b := p.booked(1), p.booked(1)
			b.Booking = a.Booking
			return []sale.Event{a, b}
		}},
		"a sale is opened twice": {broken: []string{"opening"}, halts: true, events: func(p planted) []sale.Event {
			return []sale.Event{sale.Opened{Title: "Again", Currency: "EUR", At: p.now}}
		}},
	}
	w := newWorld(t, 11)
	w.run(25)
	tell := func(when string, halts bool) {
		told := make(map[string]planted)
		for name, story := range stories {
			if p := w.plant(); story.halts == halts {
				p.add(p.Sale, story.events(p)...)
				told[name] = p
			}
		}
		if !halts {
			w.apply() // tables follow the log, whatever it says
		}
		report := w.verify()
		for name, p := range told {
			t.Run(name+when, func(t *testing.T) {
				if broken := brokenIn(report, p.Sale.ID); !slices.Equal(broken, stories[name].broken) {
					t.Errorf("broken: %q, want %q\n%s", broken, stories[name].broken, inWords(report))
				}
			})
		}
	}
	tell("", false)
	tell(", which no projection can apply", true)
}

// brokenIn names the rules that are broken in a sale.
func brokenIn(report verify.Report, stream uuid.UUID) (names []string) {
	for _, c := range report.Checks {
		if slices.ContainsFunc(c.First, func(v verify.Violation) bool { return v.Stream == stream }) {
			names = append(names, c.Name)
		}
	}
	return names
}

func TestSellingAfterTheStartIsFound(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		events func(p planted, starts time.Time) []sale.Event
		broken []string
	}{
		"a booking just before is none": {events: func(p planted, starts time.Time) []sale.Event {
			b := p.booked(1)
			b.At = starts.Add(-time.Microsecond)
			return []sale.Event{b}
		}},
		"a booking at the start": {broken: []string{"started"}, events: func(p planted, starts time.Time) []sale.Event {
			b := p.booked(1)
			b.At = starts
			return []sale.Event{b}
		}},
		"a hold that is confirmed then": {broken: []string{"started"}, events: func(p planted, starts time.Time) []sale.Event {
			h := p.held(1)
			h.ExpiresAt = starts.Add(time.Hour)
			return []sale.Event{h, confirmed(h, starts)}
		}},
		"one that was being paid for is none": {events: func(p planted, starts time.Time) []sale.Event {
			h := p.held(1)
			h.Paying = true
			return []sale.Event{h, confirmed(h, starts)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2)
			starts := w.now.Add(time.Hour)
			s := &sale.Sale{ID: w.id()}
			w.do(s, sale.Open{
				Organizer: w.id(), Title: "Event", Currency: "EUR", At: w.now, StartsAt: starts,
				Sections: []sale.OpenSection{{ID: w.id(), Name: "All", Price: 5, Capacity: 9, OnSale: 9}},
			})
			w.add(s, story.events(planted{w, s}, starts)...)
			w.wantBroken(story.broken...)
		})
	}
}

func TestSellingAfterTheCloseIsFound(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		events func(p planted, closed sale.SaleClosed) []sale.Event
		broken []string
	}{
		"a booking before is none": {events: func(p planted, closed sale.SaleClosed) []sale.Event {
			return []sale.Event{p.booked(1), closed}
		}},
		"a booking": {broken: []string{"closed"}, events: func(p planted, closed sale.SaleClosed) []sale.Event {
			return []sale.Event{closed, p.booked(1)}
		}},
		"a hold": {broken: []string{"closed"}, events: func(p planted, closed sale.SaleClosed) []sale.Event {
			return []sale.Event{closed, p.held(1)}
		}},
		"a hold that is confirmed then": {broken: []string{"closed"}, events: func(p planted, closed sale.SaleClosed) []sale.Event {
			h := p.held(1)
			return []sale.Event{h, closed, confirmed(h, p.now)}
		}},
		"one that was being paid for is none": {events: func(p planted, closed sale.SaleClosed) []sale.Event {
			h := p.held(1)
			h.Paying = true
			return []sale.Event{h, closed, confirmed(h, p.now)}
		}},
		"neither is a booking that is cancelled": {events: func(p planted, closed sale.SaleClosed) []sale.Event {
			b := p.booked(1)
			return []sale.Event{b, closed, sale.BookingCancelled{Booking: b.Booking, Buyer: b.Buyer, Seats: b.Seats, At: p.now}}
		}},
		"a second close": {broken: []string{"closed"}, events: func(p planted, closed sale.SaleClosed) []sale.Event {
			return []sale.Event{closed, closed}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newWorld(t, 2).plant()
			p.add(p.Sale, story.events(p, sale.SaleClosed{Reason: "Flood", At: p.now})...)
			p.apply()
			p.wantBroken(story.broken...)
		})
	}
}

func TestASaleThatWasNeverOpenedIsFound(t *testing.T) {
	t.Parallel()
	p := plant(t)
	p.add(&sale.Sale{ID: p.id()}, p.booked(1))
	p.wantBroken("opening", "amounts")
}

// Each damage is done to the last events, after the tables know what comes before them.
func TestADamagedLogIsFound(t *testing.T) {
	t.Parallel()
	const last = " where position = (select max(position) from events)"
	for name, damage := range map[string]struct {
		sql    string
		broken []string
	}{
		"nothing":                     {"select 1", nil},
		"an event is gone":            {"delete from events where position = (select max(position) - 1 from events)", []string{"positions", "versions", "seats", "claims"}},
		"a position is gone":          {"update events set position = position + 10" + last, []string{"positions"}},
		"a version is gone":           {"update events set version = version + 1" + last, []string{"versions"}},
		"positions run the wrong way": {"update events set position = 0" + last, []string{"positions", "versions", "listings?", "bookings?", "sales timeline?"}},
		"a type is unknown":           {"update events set type = 'booking.confirmed.v9'" + last, []string{"events"}},
		"a schema is unknown":         {"update events set schema = 9" + last, []string{"events"}},
		"data is no event":            {"update events set data = '[]'" + last, []string{"events"}},
		"data has a wrong type":       {`update events set data = data || '{"quantity": "2"}'` + last, []string{"events"}},
		"metadata is unreadable":      {`update events set metadata = '{"user": 5}'` + last, []string{"events"}},
		"a command has no id":         {"update events set command_id = '00000000-0000-0000-0000-000000000000'" + last, []string{"commands"}},
		"a command has no beginning":  {"update events set command_index = 1" + last, []string{"commands"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plant(t)
			p.apply()
			h := p.held(2)
			p.add(p.Sale, p.booked(1))
			p.add(p.Sale, h)
			p.add(p.Sale, confirmed(h, p.now))
			p.sql(damage.sql)
			p.wantBroken(damage.broken...)
		})
	}
}

func TestAViolationSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	p := plant(t)
	p.add(p.Sale, p.booked(8))
	p.add(p.Sale, p.booked(3))
	for _, c := range p.verify().Checks {
		if c.Name != "seats" {
			continue
		}
		want := fmt.Sprintf(`[{Position:%d Stream:%s Version:3 Expected:at most 1 free seats of "All" to be taken Found:3 taken}]`, p.head, p.Sale.ID)
		if got := fmt.Sprintf("%+v", c.First); got != want || c.Broken != 1 {
			t.Errorf("%d times:\n%s, want\n%s", c.Broken, got, want)
		}
	}
}

func TestAReportShowsTheFirstAndCountsAll(t *testing.T) {
	t.Parallel()
	p := plant(t)
	for range 30 {
		b := p.booked(1)
		b.Amount = 7
		p.add(p.Sale, b, sale.BookingCancelled{Booking: b.Booking, Buyer: b.Buyer, Seats: b.Seats, At: b.At})
	}
	report := p.verify()
	for _, c := range report.Checks {
		if c.Name == "amounts" && (c.Broken != 30 || len(c.First) != 20 || c.First[0].Stream == uuid.Nil) {
			t.Errorf("%d, of which %d are shown: %v", c.Broken, len(c.First), c.First)
		}
	}
	if report.Violations != 30 || report.Clean() || strings.Contains(inWords(report), "listings") {
		t.Errorf("%d violations:\n%s", report.Violations, inWords(report))
	}
}
