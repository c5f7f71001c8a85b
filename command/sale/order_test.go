package sale

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

// onlyVIP is an event with one section, of the given number of seats.
func onlyVIP(seats int) Opened { return openedWith(section(vip, seats)) }

// choices are the sections as a refusal shows them.
func choices(history ...Event) []Section { return saleOf(history...).Sections }

func TestBook(t *testing.T) {
	a, b := order("a", alice, 2), order("b", bob, 3).at(now)
	inNone := b.in(uuid.Nil)
	elsewhere := b.in(id("the balcony"))
	badQuantity := refused(&FieldError{"qty", "must be 1 to 10"})
	undated := onlyVIP(5)
	undated.StartsAt = time.Time{}
	scenarios{
		"free seats are sold at once":       {[]Event{opened}, Book{b}, events(booked(b))},
		"the last seats are sold":           {[]Event{opened, booked(a)}, Book{b}, events(booked(b))},
		"each section has seats of its own": {[]Event{opened, booked(order("a", alice, 5))}, Book{b.in(floor)}, events(booked(b.in(floor)))},
		"the only section need not be named": {
			[]Event{onlyVIP(5)}, Book{inNone}, events(booked(b)),
		},
		"of several sections one must be named": {
			[]Event{opened}, Book{inNone}, refused(&Refusal{Reason: ErrSectionRequired, Sections: choices(opened)}),
		},
		"a section there is not is refused with those there are": {
			[]Event{opened, booked(a)}, Book{elsewhere},
			refused(&Refusal{Reason: ErrUnknownSection, Sections: choices(opened, booked(a))}),
		},
		"an only section that is named wrongly is refused": {
			[]Event{onlyVIP(5)}, Book{elsewhere}, refused(&Refusal{Reason: ErrUnknownSection, Sections: choices(onlyVIP(5))}),
		},

		"one seat is the least":                    {[]Event{opened}, Book{order("b", bob, 1)}, events(booked(order("b", bob, 1)))},
		"no seats are no booking":                  {[]Event{opened}, Book{order("b", bob, 0)}, badQuantity},
		"fewer than none are no booking":           {[]Event{opened}, Book{order("b", bob, -1)}, badQuantity},
		"ten seats are the most":                   {[]Event{onlyVIP(11)}, Book{order("b", bob, 10)}, events(booked(order("b", bob, 10)))},
		"eleven seats are too many":                {[]Event{onlyVIP(11)}, Book{order("b", bob, 11)}, badQuantity},
		"a bad quantity is told before a sell-out": {[]Event{onlyVIP(0)}, Book{order("b", bob, 11)}, badQuantity},

		"without free seats it is sold out":        {[]Event{opened, booked(order("a", alice, 5))}, Book{b}, soldOut},
		"a section is sold out by holds as well":   {[]Event{opened, held(order("a", alice, 5), later)}, Book{b}, soldOut},
		"with too few free seats it tells how few": {[]Event{opened, booked(order("a", alice, 4))}, Book{b}, notEnough(1)},
		"what others hold is not told as free":     {[]Event{opened, held(order("a", alice, 3), later)}, Book{b}, notEnough(2)},
		"who has booked is told before a sell-out": {
			[]Event{onlyVIP(2), booked(a)}, Book{order("a2", alice, 2)}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: a.ID}),
		},
		"who has booked one section books no other": {
			[]Event{opened, booked(a)}, Book{order("a2", alice, 2).in(floor)}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: a.ID}),
		},
		"who holds is told before a sell-out": {
			[]Event{onlyVIP(2), held(a, later)}, Book{order("a2", alice, 2)}, refused(&Refusal{Reason: ErrAlreadyHolding, ClaimID: a.ID}),
		},
		"who pays is told before a sell-out": {
			[]Event{onlyVIP(2), heldPaying(a, later)}, Book{order("a2", alice, 2)},
			refused(&Refusal{Reason: ErrBookingInProgress, ClaimID: a.ID}),
		},
		"who has cancelled may book again": {
			[]Event{onlyVIP(2), booked(a), cancelled(a, alice, before)}, Book{order("a2", alice, 2)}, events(booked(order("a2", alice, 2))),
		},
		"seats that were returned are sold again": {
			[]Event{onlyVIP(2), booked(a), cancelled(a, alice, before)}, Book{order("b", bob, 2)}, events(booked(order("b", bob, 2))),
		},

		"the instant before the start is in time":   {[]Event{opened}, Book{b.at(doors.Add(-1))}, events(booked(b.at(doors.Add(-1))))},
		"the start itself is too late":              {[]Event{opened}, Book{b.at(doors)}, refused(ErrStarted)},
		"after the start is too late":               {[]Event{opened}, Book{b.at(doors.Add(1))}, refused(ErrStarted)},
		"an event without a date never starts":      {[]Event{undated}, Book{b.at(doors.AddDate(100, 0, 0))}, events(booked(b.at(doors.AddDate(100, 0, 0))))},
		"who has booked is told so after the start": {[]Event{opened, booked(a)}, Book{order("a2", alice, 1).at(doors)}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: a.ID})},
		"an id that is taken is not given again":    {[]Event{opened, booked(a)}, Book{order("a", bob, 1)}, refused(ErrKeyReused)},
		"not even to the same buyer":                {[]Event{opened, booked(a)}, Book{a}, refused(ErrKeyReused)},
		"a sale of no sections has none to choose":  {[]Event{openedWith()}, Book{inNone}, refused(&Refusal{Reason: ErrSectionRequired})},
		"a price is that of all seats together":     {[]Event{opened}, Book{order("a", alice, 3)}, events(BookingConfirmed{Booking: id("a"), Buyer: alice, Seats: Seats{vip, 3, 30_000}, At: before})},
	}.run(t)
}

func TestHold(t *testing.T) {
	a, b := order("a", alice, 2), order("b", bob, 3).at(now)
	scenarios{
		"free seats are held":                {[]Event{opened}, Hold{Order: b, ExpiresAt: later}, events(held(b, later))},
		"free seats are held to be paid":     {[]Event{opened}, Hold{Order: b, ExpiresAt: later, Paying: true}, events(heldPaying(b, later))},
		"a hold has the bounds of a booking": {[]Event{opened}, Hold{Order: order("b", bob, 11)}, refused(&FieldError{"qty", "must be 1 to 10"})},
		"seats that are sold are not held":   {[]Event{opened, booked(order("a", alice, 5))}, Hold{Order: b, ExpiresAt: later}, soldOut},
		"who has booked may not hold": {
			[]Event{opened, booked(a)}, Hold{Order: order("a2", alice, 1)}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: a.ID}),
		},
		"who holds may not hold more": {
			[]Event{opened, held(a, later)}, Hold{Order: order("a2", alice, 1).in(floor)}, refused(&Refusal{Reason: ErrAlreadyHolding, ClaimID: a.ID}),
		},
		"who pays may not hold more": {
			[]Event{opened, held(a, later), paymentStarted(a, later, before)}, Hold{Order: order("a2", alice, 1)},
			refused(&Refusal{Reason: ErrBookingInProgress, ClaimID: a.ID}),
		},
		"who gave a hold back may hold again": {
			[]Event{opened, held(a, later), released(a, before)}, Hold{Order: order("a2", alice, 1), ExpiresAt: later},
			events(held(order("a2", alice, 1), later)),
		},
		"nothing is held once the event has started": {[]Event{opened}, Hold{Order: b.at(doors)}, refused(ErrStarted)},
	}.run(t)
}

// A hold whose time is over is free for whoever wants its seats, in the same append.
func TestHoldsThatAreDue(t *testing.T) {
	a, b, c := order("a", alice, 2), order("b", bob, 2), order("c", carol, 1)
	d := order("d", dave, 2).at(now)
	again := order("a2", alice, 2).at(now)
	scenarios{
		"a hold that expires now is free": {
			[]Event{onlyVIP(2), held(a, now)}, Book{d}, events(expired(a, now), booked(d)),
		},
		"a hold that expires in the next instant is not": {
			[]Event{onlyVIP(2), held(a, now.Add(1))}, Book{d}, soldOut,
		},
		"a hold that was never paid for is free too": {
			[]Event{onlyVIP(2), heldPaying(a, now)}, Book{d}, events(expired(a, now), booked(d)),
		},
		"a hold goes by the time to pay while that runs": {
			[]Event{onlyVIP(2), held(a, before), paymentStarted(a, soon, before)}, Book{d}, soldOut,
		},
		"due seats are held as they are booked": {
			[]Event{onlyVIP(2), held(a, now)}, Hold{Order: d, ExpiresAt: later}, events(expired(a, now), held(d, later)),
		},
		"no hold expires while free seats are enough": {
			[]Event{onlyVIP(4), held(a, now)}, Book{d}, events(booked(d)),
		},
		"only as many holds expire as it takes, the oldest first": {
			[]Event{onlyVIP(6), held(a, before.Add(3)), held(b, before.Add(1)), held(order("c", carol, 2), before.Add(2))},
			Book{order("d", dave, 3).at(now)},
			events(expired(b, now), expired(order("c", carol, 2), now), booked(order("d", dave, 3).at(now))),
		},
		"due seats make up what is missing": {
			[]Event{onlyVIP(3), held(a, now)}, Book{order("d", dave, 3).at(now)}, events(expired(a, now), booked(order("d", dave, 3).at(now))),
		},
		"seats that even due holds do not make enough are counted with them": {
			[]Event{onlyVIP(5), held(a, now), held(c, now), booked(b)}, Book{order("d", dave, 4).at(now)},
			notEnough(3),
		},
		"a due hold of another section is not touched": {
			[]Event{opened, held(order("a", alice, 5), later), held(b.in(floor), now)}, Book{d}, soldOut,
		},
		"a hold that has ended is not free again": {
			[]Event{onlyVIP(2), held(a, now), expired(a, now), booked(b)}, Book{d}, soldOut,
		},
		"a hold that was confirmed is not free again": {
			[]Event{onlyVIP(2), held(a, now), confirmed(a, before)}, Book{d}, soldOut,
		},

		"the buyer's own due hold expires, and one may book again": {
			[]Event{onlyVIP(2), held(a, now)}, Book{again}, events(expired(a, now), booked(again)),
		},
		"the buyer's own due hold expires though seats are free": {
			[]Event{onlyVIP(5), held(a, now)}, Book{again}, events(expired(a, now), booked(again)),
		},
		"the buyer's own due hold of another section expires": {
			[]Event{opened, held(a.in(floor), now)}, Book{again}, events(expired(a.in(floor), now), booked(again)),
		},
		"the buyer's own due hold is not counted twice": {
			[]Event{onlyVIP(2), held(a, now)}, Book{order("a2", alice, 3).at(now)}, notEnough(2),
		},
		"the buyer's own due hold and others' make enough": {
			[]Event{onlyVIP(4), held(b, before), held(a, now)}, Book{order("a2", alice, 4).at(now)},
			events(expired(a, now), expired(b, now), booked(order("a2", alice, 4).at(now))),
		},
		"the buyer's own due hold stays when there is nothing else": {
			[]Event{opened, booked(order("b", bob, 5)), held(a.in(floor), now)}, Book{again}, soldOut,
		},
	}.run(t)
}

func TestARefusalForWantOfSeatsTellsTheVersionItWasDecidedOn(t *testing.T) {
	t.Parallel()
	s := saleOf(onlyVIP(4), booked(order("a", alice, 3)))
	for version := int64(2); version <= 3; version++ {
		_, err := Decide(s, Book{order("d", dave, 2)})
		if refusal := (*Refusal)(nil); !errors.As(err, &refusal) || refusal.Version != version {
			t.Errorf("at version %d: %+v", version, err)
		}
		s.Evolve(booked(order("b", bob, 1)))
	}
}
