package sale

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestClose(t *testing.T) {
	a, b := order("a", alice, 2), order("b", bob, 1)
	keyed := a.keyed("k", "f")
	closing := Close{Reason: closed.Reason, At: now}
	because := func(reason string) Close { return Close{Reason: reason, At: now} }
	wrong := func(problem string) decision { return refused(&FieldError{Field: "reason", Problem: problem}) }
	scenarios{
		"a sale is closed by the operator":            {[]Event{opened}, closing, events(closed)},
		"or by a user":                                {[]Event{opened}, Close{User: carol, Reason: "Ill", At: now}, events(SaleClosed{By: carol, Reason: "Ill", At: now})},
		"a sale is closed once, for the first reason": {[]Event{opened, closed}, because("Another"), nothing},
		"there must be a sale":                        {nil, closing, refused(ErrEventNotFound)},
		"there must be a reason":                      {[]Event{opened}, because(""), wrong("must be 1 to 200 characters")},
		"which is not blank":                          {[]Event{opened}, because(" "), wrong("must not be blank")},
		"and no essay":                                {[]Event{opened}, because(strings.Repeat("é", 201)), wrong("must be 1 to 200 characters")},
		"and has nothing that moves a cursor":         {[]Event{opened}, because("a\x1b[2J"), wrong("must be text without control characters")},
		"a sale is closed after the start, too":       {[]Event{opened}, Close{Reason: "Late", At: doors}, events(SaleClosed{Reason: "Late", At: doors})},
		"who holds or has booked is in no way hurt":   {[]Event{opened, booked(a), held(b, later)}, closing, events(closed)},

		"then nothing is booked": {[]Event{opened, closed}, Book{b}, refused(ErrClosed)},
		"nor held":               {[]Event{opened, closed}, Hold{Order: b, ExpiresAt: later}, refused(ErrClosed)},
		"nor is anybody told that it is sold out":        {[]Event{onlyVIP(2), booked(a), closed}, Book{b}, refused(ErrClosed)},
		"after the start, that is what is told":          {[]Event{opened, closed}, Book{b.at(doors)}, refused(ErrStarted)},
		"who has booked is told of that":                 {[]Event{opened, booked(a), closed}, Book{order("a2", alice, 1)}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: a.ID})},
		"who asks again with the same key gets the same": {[]Event{opened, booked(keyed), closed}, Book{func() Order { o := keyed; o.ID = id("again"); return o }()}, nothing},
		"a cancelled seat is not sold again":             {[]Event{onlyVIP(2), booked(a), closed, cancelled(a, alice, now)}, Book{b.at(soon)}, refused(ErrClosed)},
		"nor is that of a hold that ran out":             {[]Event{onlyVIP(2), held(a, now), closed}, Book{b.at(soon)}, refused(ErrClosed)},

		"a payment under way may end with a booking": {[]Event{opened, heldPaying(a, later), closed}, Confirm{Hold: a.ID, Buyer: alice, At: soon}, events(confirmed(a, soon))},
		"also that of a hold":                        {[]Event{opened, held(a, later), paymentStarted(a, later, before), closed}, Confirm{Hold: a.ID, Buyer: alice, At: soon}, events(confirmed(a, soon))},
		"or fail":                                    {[]Event{opened, held(a, later), paymentStarted(a, later, before), closed}, FailPayment{Hold: a.ID, Buyer: alice, At: soon}, events(paymentFailed(a, later, soon))},
		"no other payment is begun":                  {[]Event{opened, held(a, later), closed}, StartPayment{Hold: a.ID, Buyer: alice, At: now, ExpiresAt: later}, refused(ErrClosed)},
		"a hold that nobody pays for is no booking":  {[]Event{opened, held(a, later), closed}, Confirm{Hold: a.ID, Buyer: alice, At: now}, refused(ErrClosed)},
		"nor is one whose payment failed": {
			[]Event{opened, held(a, later), paymentStarted(a, later, before), closed, paymentFailed(a, later, now)},
			Confirm{Hold: a.ID, Buyer: alice, At: now}, refused(ErrClosed),
		},
		"it can be given back": {[]Event{opened, held(a, later), closed}, Release{Hold: a.ID, Buyer: alice, At: now}, events(released(a, now))},
		"and runs out":         {[]Event{opened, held(a, now), closed}, ExpireHolds{At: now, Limit: 9}, events(expired(a, now))},

		"bookings stay, and can be cancelled": {[]Event{opened, booked(a), closed}, Cancel{Booking: a.ID, User: alice, At: now}, events(cancelled(a, alice, now))},
	}.run(t)
}

func TestCancelWithAReason(t *testing.T) {
	a := order("a", alice, 2)
	because := func(reason string) Cancel { return Cancel{Booking: a.ID, Admin: true, Reason: reason, At: now} }
	told := cancelled(a, uuid.Nil, now)
	told.Reason = "Paid twice"
	scenarios{
		"the operator cancels and says why": {[]Event{opened, booked(a)}, because("Paid twice"), events(told)},
		"a reason is no essay":              {[]Event{opened, booked(a)}, because(strings.Repeat("x", 201)), refused(&FieldError{Field: "reason", Problem: "must be 0 to 200 characters"})},
	}.run(t)
}
