package sale

import "testing"

func TestStartPayment(t *testing.T) {
	a := order("a", alice, 2)
	start := StartPayment{Hold: a.ID, Buyer: alice, At: now, ExpiresAt: soon}
	at := func(c StartPayment, edit func(*StartPayment)) StartPayment { edit(&c); return c }
	byBob := at(start, func(c *StartPayment) { c.Buyer = bob })
	tooLate := at(start, func(c *StartPayment) { c.At = doors })
	scenarios{
		"a hold is paid for":                      {[]Event{opened, held(a, later)}, start, events(paymentStarted(a, soon, now))},
		"the last instant of a hold is in time":   {[]Event{opened, held(a, now.Add(1))}, start, events(paymentStarted(a, soon, now))},
		"a hold that is due is not paid for":      {[]Event{opened, held(a, now)}, start, refused(ErrHoldEnded)},
		"a hold that expired is not paid for":     {[]Event{opened, held(a, before), expired(a, now)}, start, refused(ErrHoldEnded)},
		"a hold that was released is not either":  {[]Event{opened, held(a, later), released(a, now)}, start, refused(ErrHoldEnded)},
		"nor is a booking that was cancelled":     {[]Event{opened, booked(a), cancelled(a, alice, now)}, start, refused(ErrHoldEnded)},
		"a booking needs no payment":              {[]Event{opened, held(a, later), confirmed(a, now)}, start, nothing},
		"somebody else's hold is as good as none": {[]Event{opened, held(a, later)}, byBob, refused(ErrHoldNotFound)},
		"there must be a hold":                    {[]Event{opened}, start, refused(ErrHoldNotFound)},
		"a hold is paid for once at a time": {
			[]Event{opened, held(a, later), paymentStarted(a, soon, before)}, start,
			refused(&Refusal{Reason: ErrBookingInProgress, ClaimID: a.ID}),
		},
		"a hold that came with its payment is paid for once": {
			[]Event{opened, heldPaying(a, later)}, start, refused(&Refusal{Reason: ErrBookingInProgress, ClaimID: a.ID}),
		},
		"a hold whose time to pay is over is not paid for again": {
			[]Event{opened, held(a, later), paymentStarted(a, now, before)}, start, refused(ErrHoldEnded),
		},
		"who could not pay may try again": {
			[]Event{opened, held(a, later), paymentStarted(a, soon, before), paymentFailed(a, later, before)}, start,
			events(paymentStarted(a, soon, now)),
		},
		"nothing is paid for once the event has started": {
			[]Event{opened, held(a, doors.Add(1))}, tooLate, refused(ErrStarted),
		},
	}.run(t)
}

func TestFailPayment(t *testing.T) {
	a := order("a", alice, 2)
	fail := FailPayment{Hold: a.ID, Buyer: alice, At: now}
	unpaid := released(a, now)
	unpaid.PaymentFailed = true
	scenarios{
		"a hold goes back to its own time": {
			[]Event{opened, held(a, later), paymentStarted(a, soon, before)}, fail, events(paymentFailed(a, later, now)),
		},
		"also when its own time is over by now": {
			[]Event{opened, held(a, before.Add(1)), paymentStarted(a, soon, before)}, fail, events(paymentFailed(a, before.Add(1), now)),
		},
		"also for the second time": {
			[]Event{
				opened, held(a, later), paymentStarted(a, soon, before), paymentFailed(a, later, before), paymentStarted(a, soon, before),
			}, fail, events(paymentFailed(a, later, now)),
		},
		"a hold that came with its payment ends": {[]Event{opened, heldPaying(a, later)}, fail, events(unpaid)},
		"a hold whose time to pay is over fails as well": {
			[]Event{opened, heldPaying(a, before)}, fail, events(unpaid),
		},
		"a hold nobody pays for is left alone": {[]Event{opened, held(a, later)}, fail, nothing},
		"a hold that expired is left alone":    {[]Event{opened, heldPaying(a, before), expired(a, now)}, fail, nothing},
		"a hold that failed is left alone":     {[]Event{opened, heldPaying(a, later), unpaid}, fail, nothing},
		"a booking is left alone":              {[]Event{opened, heldPaying(a, later), confirmed(a, now)}, fail, nothing},
		"there must be a hold":                 {[]Event{opened}, fail, refused(ErrHoldNotFound)},
		"somebody else's hold is left alone":   {[]Event{opened, heldPaying(a, later)}, FailPayment{Hold: a.ID, Buyer: bob, At: now}, refused(ErrHoldNotFound)},
		"the seats of a failed payment are free": {
			[]Event{onlyVIP(2), heldPaying(a, later), unpaid}, Book{order("b", bob, 2)}, events(booked(order("b", bob, 2))),
		},
		"a failed payment leaves the hold its seats": {
			[]Event{onlyVIP(2), held(a, later), paymentStarted(a, soon, before), paymentFailed(a, later, now)},
			Book{order("b", bob, 2).at(soon)}, soldOut,
		},
		"a failed payment leaves a hold nothing when its time is over": {
			[]Event{onlyVIP(2), held(a, now), paymentStarted(a, later, before), paymentFailed(a, now, now)},
			Book{order("b", bob, 2).at(soon)}, events(expired(a, soon), booked(order("b", bob, 2).at(soon))),
		},
	}.run(t)
}

func TestConfirm(t *testing.T) {
	a, b := order("a", alice, 2), order("b", bob, 2)
	keyed := a.keyed("k", "f")
	confirm := Confirm{Hold: a.ID, Buyer: alice, At: now}
	scenarios{
		"a hold that was paid for is a booking": {
			[]Event{opened, held(a, later), paymentStarted(a, soon, before)}, confirm, events(confirmed(a, now)),
		},
		"a hold that came with its payment is one":   {[]Event{opened, heldPaying(a, later)}, confirm, events(confirmed(a, now))},
		"where nothing is to be paid, a hold is one": {[]Event{opened, held(a, later)}, confirm, events(confirmed(a, now))},
		"the booking has the key of its hold":        {[]Event{opened, held(keyed, later)}, confirm, events(confirmed(keyed, now))},
		"a hold is confirmed once":                   {[]Event{opened, heldPaying(a, later), confirmed(a, before)}, confirm, nothing},
		"who paid late gets the seats that nobody wanted": {
			[]Event{opened, heldPaying(a, before)}, confirm, events(confirmed(a, now)),
		},
		"who paid late for a hold of their own, too": {
			[]Event{opened, held(a, before), paymentStarted(a, before, before)}, confirm, events(confirmed(a, now)),
		},
		"who paid late goes without when somebody else wanted them": {
			[]Event{onlyVIP(2), heldPaying(a, before), expired(a, before), booked(b)}, confirm, refused(ErrHoldEnded),
		},
		"who paid late goes without when the sweeper was first": {
			[]Event{opened, heldPaying(a, before), expired(a, before)}, confirm, refused(ErrHoldEnded),
		},
		"a due hold that was not paid for is no booking": {[]Event{opened, held(a, now)}, confirm, refused(ErrHoldEnded)},
		"neither is one whose payment failed and whose time is over": {
			[]Event{opened, held(a, now), paymentStarted(a, soon, before), paymentFailed(a, now, before)}, confirm, refused(ErrHoldEnded),
		},
		"neither is one that was released":      {[]Event{opened, held(a, later), released(a, before)}, confirm, refused(ErrHoldEnded)},
		"a cancelled booking is not confirmed":  {[]Event{opened, booked(a), cancelled(a, alice, now)}, confirm, refused(ErrHoldEnded)},
		"there must be a hold":                  {[]Event{opened}, confirm, refused(ErrHoldNotFound)},
		"somebody else's hold is not confirmed": {[]Event{opened, held(a, later)}, Confirm{Hold: a.ID, Buyer: bob, At: now}, refused(ErrHoldNotFound)},
		"a payment may end after the start":     {[]Event{opened, heldPaying(a, later)}, Confirm{Hold: a.ID, Buyer: alice, At: doors}, events(confirmed(a, doors))},
		"an unpaid hold is not sold after the start": {
			[]Event{opened, held(a, doors.Add(1))}, Confirm{Hold: a.ID, Buyer: alice, At: doors}, refused(ErrStarted),
		},
		"nor is one whose payment failed": {
			[]Event{opened, held(a, doors.Add(1)), paymentStarted(a, doors, now), paymentFailed(a, doors.Add(1), now)},
			Confirm{Hold: a.ID, Buyer: alice, At: doors}, refused(ErrStarted),
		},
	}.run(t)
}
