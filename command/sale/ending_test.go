package sale

import "testing"

func TestRelease(t *testing.T) {
	a := order("a", alice, 2)
	release := Release{Hold: a.ID, Buyer: alice, At: now}
	paying := refused(&Refusal{Reason: ErrBookingInProgress, ClaimID: a.ID})
	scenarios{
		"a hold is given back":                      {[]Event{opened, held(a, later)}, release, events(released(a, now))},
		"a hold that is due is given back":          {[]Event{opened, held(a, now)}, release, events(released(a, now))},
		"giving back twice is fine":                 {[]Event{opened, held(a, later), released(a, before)}, release, nothing},
		"giving back what expired is fine":          {[]Event{opened, held(a, before), expired(a, now)}, release, nothing},
		"what is being paid for is not given back":  {[]Event{opened, heldPaying(a, later)}, release, paying},
		"until the time to pay is over":             {[]Event{opened, heldPaying(a, now)}, release, events(released(a, now))},
		"nor is a hold whose payment was started":   {[]Event{opened, held(a, later), paymentStarted(a, soon, before)}, release, paying},
		"a booking is cancelled, not given back":    {[]Event{opened, booked(a)}, release, refused(ErrHoldEnded)},
		"nor is a cancelled one given back":         {[]Event{opened, booked(a), cancelled(a, alice, now)}, release, refused(ErrHoldEnded)},
		"somebody else's hold is as good as none":   {[]Event{opened, held(a, later)}, Release{Hold: a.ID, Buyer: bob, At: now}, refused(ErrHoldNotFound)},
		"there must be a hold":                      {[]Event{opened}, release, refused(ErrHoldNotFound)},
		"a hold is given back after the start, too": {[]Event{opened, held(a, doors.Add(1))}, Release{Hold: a.ID, Buyer: alice, At: doors}, events(released(a, doors))},
		"seats that were given back are sold": {
			[]Event{onlyVIP(2), held(a, later), released(a, before)}, Book{order("b", bob, 2)}, events(booked(order("b", bob, 2))),
		},
	}.run(t)
}

func TestCancel(t *testing.T) {
	a, again := order("a", alice, 2), order("a2", alice, 2)
	cancel := Cancel{Booking: a.ID, User: alice, At: now}
	byBob := Cancel{Booking: a.ID, User: bob, At: now}
	byAdmin := Cancel{Booking: a.ID, User: bob, Admin: true, At: now}
	late := func(c Cancel) Cancel { c.At = doors; return c }
	scenarios{
		"a booking is cancelled by its owner":     {[]Event{opened, booked(a)}, cancel, events(cancelled(a, alice, now))},
		"a booking that was a hold is, too":       {[]Event{opened, held(a, later), confirmed(a, now)}, cancel, events(cancelled(a, alice, now))},
		"an admin cancels what is not theirs":     {[]Event{opened, booked(a)}, byAdmin, events(cancelled(a, bob, now))},
		"nobody else does":                        {[]Event{opened, booked(a)}, byBob, refused(ErrNotYours)},
		"a booking is cancelled once":             {[]Event{opened, booked(a), cancelled(a, alice, before)}, cancel, refused(ErrAlreadyCancelled)},
		"others are not told that it is":          {[]Event{opened, booked(a), cancelled(a, alice, before)}, byBob, refused(ErrNotYours)},
		"an admin is":                             {[]Event{opened, booked(a), cancelled(a, alice, before)}, byAdmin, refused(ErrAlreadyCancelled)},
		"there must be a booking":                 {[]Event{opened}, cancel, refused(ErrBookingNotFound)},
		"a hold is no booking":                    {[]Event{opened, held(a, later)}, cancel, refused(ErrBookingNotFound)},
		"neither is one that is paid for":         {[]Event{opened, heldPaying(a, later)}, cancel, refused(ErrBookingNotFound)},
		"neither is a hold that ended":            {[]Event{opened, held(a, later), released(a, now)}, cancel, refused(ErrBookingNotFound)},
		"others are not told of holds":            {[]Event{opened, held(a, later)}, byBob, refused(ErrBookingNotFound)},
		"the instant before the start is in time": {[]Event{opened, booked(a)}, Cancel{Booking: a.ID, User: alice, At: doors.Add(-1)}, events(cancelled(a, alice, doors.Add(-1)))},
		"nothing is returned once it has started": {[]Event{opened, booked(a)}, late(cancel), refused(ErrStarted)},
		"not even by an admin":                    {[]Event{opened, booked(a)}, late(byAdmin), refused(ErrStarted)},
		"the buyer may book again": {
			[]Event{onlyVIP(2), booked(a), cancelled(a, alice, before)}, Book{again}, events(booked(again)),
		},
		"and cancel again": {
			[]Event{onlyVIP(2), booked(a), cancelled(a, alice, before), booked(again)},
			Cancel{Booking: again.ID, User: alice, At: now}, events(cancelled(again, alice, now)),
		},
		"the earlier booking stays cancelled": {
			[]Event{onlyVIP(2), booked(a), cancelled(a, alice, before), booked(again)}, cancel, refused(ErrAlreadyCancelled),
		},
	}.run(t)
}

func TestExpireHolds(t *testing.T) {
	a, b, c := order("a", alice, 1), order("b", bob, 1), order("c", carol, 1).in(floor)
	due := []Event{opened, held(a, now), held(b, before), held(c, before)}
	scenarios{
		"holds that are due expire, section by section, the oldest first": {
			due, ExpireHolds{At: now, Limit: 10}, events(expired(b, now), expired(a, now), expired(c, now)),
		},
		"no more than asked for":          {due, ExpireHolds{At: now, Limit: 2}, events(expired(b, now), expired(a, now))},
		"the next time the others expire": {append(due, expired(b, now), expired(a, now)), ExpireHolds{At: now, Limit: 2}, events(expired(c, now))},
		"as many as asked for":            {due, ExpireHolds{At: now, Limit: 3}, events(expired(b, now), expired(a, now), expired(c, now))},
		"none asked for":                  {due, ExpireHolds{At: now}, nothing},
		"none are due":                    {due, ExpireHolds{At: before.Add(-1), Limit: 10}, nothing},
		"none there are":                  {[]Event{opened, booked(a)}, ExpireHolds{At: later, Limit: 10}, nothing},
		"a hold expires once": {
			[]Event{opened, held(a, now), expired(a, now)}, ExpireHolds{At: later, Limit: 10}, nothing,
		},
		"a hold that ended does not expire": {
			[]Event{opened, held(a, now), released(a, now), held(b, now), confirmed(b, before)}, ExpireHolds{At: later, Limit: 10}, nothing,
		},
		"a payment that never came back expires when the time to pay is over": {
			[]Event{opened, held(a, later), paymentStarted(a, now, before)}, ExpireHolds{At: now, Limit: 10}, events(expired(a, now)),
		},
		"not before": {
			[]Event{opened, held(a, before), paymentStarted(a, soon, before)}, ExpireHolds{At: now, Limit: 10}, nothing,
		},
		"a hold whose payment failed again and again expires once": {
			[]Event{
				opened, held(a, now), paymentStarted(a, soon, before), paymentFailed(a, now, before),
				paymentStarted(a, soon, before), paymentFailed(a, now, before),
			}, ExpireHolds{At: now, Limit: 10}, events(expired(a, now)),
		},
	}.run(t)
}
