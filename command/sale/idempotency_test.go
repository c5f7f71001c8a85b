package sale

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// The same request under the same key is carried out once.
func TestIdempotency(t *testing.T) {
	first := order("a", alice, 2).keyed("k", "f")
	same := order("a2", alice, 2).keyed("k", "f").at(now)
	other := order("a2", alice, 3).keyed("k", "g").at(now)
	unpaid := released(first, before)
	unpaid.PaymentFailed = true
	bobs := order("b", bob, 2).keyed("k", "f")
	scenarios{
		"a booking is made once":               {[]Event{opened, booked(first)}, Book{same}, nothing},
		"a hold is made once":                  {[]Event{opened, held(first, later)}, Hold{Order: same, ExpiresAt: later}, nothing},
		"a hold that is paid for is made once": {[]Event{opened, held(first, later), paymentStarted(first, later, before)}, Hold{Order: same}, nothing},
		"a hold that is a booking by now":      {[]Event{opened, held(first, later), confirmed(first, now)}, Hold{Order: same}, nothing},
		"a booking that was a hold":            {[]Event{opened, heldPaying(first, later), confirmed(first, now)}, Book{same}, nothing},
		"a booking that was cancelled":         {[]Event{opened, booked(first), cancelled(first, alice, now)}, Book{same}, nothing},
		"a sold out event is no matter":        {[]Event{onlyVIP(2), booked(first)}, Book{same}, nothing},
		"neither is the start":                 {[]Event{opened, booked(first)}, Book{same.at(doors)}, nothing},
		"a newer booking is no matter": {
			[]Event{opened, booked(first), cancelled(first, alice, now), booked(order("a3", alice, 1))}, Book{same}, nothing,
		},
		"while it is being paid for there is no answer yet": {
			[]Event{opened, heldPaying(first, later)}, Book{same}, refused(&Refusal{Reason: ErrBookingInProgress, ClaimID: first.ID}),
		},

		"another request may not use the key":   {[]Event{opened, booked(first)}, Book{other}, refused(ErrKeyReused)},
		"not while it is being paid for":        {[]Event{opened, heldPaying(first, later)}, Book{other}, refused(ErrKeyReused)},
		"not when the booking was cancelled":    {[]Event{opened, booked(first), cancelled(first, alice, now)}, Book{other}, refused(ErrKeyReused)},
		"another buyer may":                     {[]Event{opened, booked(first)}, Book{bobs}, events(booked(bobs))},
		"another buyer's key is another's":      {[]Event{opened, booked(first)}, Book{order("b", bob, 3).keyed("k", "g")}, events(booked(order("b", bob, 3).keyed("k", "g")))},
		"another key is another request":        {[]Event{opened, booked(first)}, Book{same.keyed("l", "f")}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: first.ID})},
		"without a key it is another request":   {[]Event{opened, booked(first)}, Book{same.keyed("", "")}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: first.ID})},
		"without keys no requests are the same": {[]Event{opened, booked(order("a", alice, 2))}, Book{same}, refused(&Refusal{Reason: ErrAlreadyBooked, ClaimID: first.ID})},

		"the key tries again when the hold expired": {
			[]Event{opened, heldPaying(first, before), expired(first, before)}, Book{same}, events(booked(same)),
		},
		"the key tries again when the hold is due": {
			[]Event{opened, heldPaying(first, now)}, Book{same}, events(expired(first, now), booked(same)),
		},
		"the key tries again when the hold was given back": {
			[]Event{opened, held(first, later), released(first, before)}, Hold{Order: same, ExpiresAt: later}, events(held(same, later)),
		},
		"the key tries again when the payment failed": {
			[]Event{opened, heldPaying(first, later), unpaid}, Hold{Order: same, Paying: true, ExpiresAt: later}, events(heldPaying(same, later)),
		},
		"even with another request": {
			[]Event{opened, heldPaying(first, later), unpaid}, Book{other}, events(booked(other)),
		},
		"the newest try counts": {
			[]Event{opened, heldPaying(first, later), unpaid, booked(order("a2", alice, 3).keyed("k", "g"))},
			Book{order("a3", alice, 2).keyed("k", "f")}, refused(ErrKeyReused),
		},
		"a refusal is not remembered": {
			[]Event{onlyVIP(2), booked(order("b", bob, 2)), cancelled(order("b", bob, 2), bob, before)}, Book{same}, events(booked(same)),
		},
	}.run(t)
}

func TestSubject(t *testing.T) {
	t.Parallel()
	a, b := order("a", alice, 2).keyed("k", "f"), order("b", bob, 1)
	again := order("a2", alice, 2).keyed("k", "f")
	rows := map[string]struct {
		given []Event
		when  Command
		want  uuid.UUID
	}{
		"a booking is about itself":                        {[]Event{opened}, Book{a}, a.ID},
		"a hold is about itself":                           {[]Event{opened}, Hold{Order: a, ExpiresAt: later}, a.ID},
		"a repeated booking is about the first":            {[]Event{opened, booked(a)}, Book{again}, a.ID},
		"also when that was cancelled":                     {[]Event{opened, booked(a), cancelled(a, alice, now)}, Book{again}, a.ID},
		"also when others followed":                        {[]Event{opened, booked(a), cancelled(a, alice, now), booked(order("a3", alice, 1))}, Book{again}, a.ID},
		"one that tries again is about itself":             {[]Event{opened, held(a, later), released(a, now)}, Book{again}, again.ID},
		"a refused booking is about nothing":               {[]Event{opened, booked(order("a", alice, 2))}, Book{again}, uuid.Nil},
		"one under a key of another request, too":          {[]Event{opened, booked(a)}, Book{again.keyed("k", "g")}, uuid.Nil},
		"a payment that starts is about the hold":          {[]Event{opened, held(b, later)}, StartPayment{Hold: b.ID, Buyer: bob, At: now, ExpiresAt: later}, b.ID},
		"a payment that fails is about the hold":           {[]Event{opened, held(b, later)}, FailPayment{Hold: b.ID, Buyer: bob, At: now}, b.ID},
		"a confirmation is about the booking":              {[]Event{opened, held(b, later)}, Confirm{Hold: b.ID, Buyer: bob, At: now}, b.ID},
		"giving back is about the hold":                    {[]Event{opened, held(b, later)}, Release{Hold: b.ID, Buyer: bob, At: now}, b.ID},
		"cancelling is about the booking":                  {[]Event{opened, booked(b)}, Cancel{Booking: b.ID, User: bob, At: now}, b.ID},
		"opening is about no claim":                        {nil, open(), uuid.Nil},
		"tidying up is about no claim, though it ends one": {[]Event{opened, held(b, now)}, ExpireHolds{At: now, Limit: 1}, uuid.Nil},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := saleOf(row.given...)
			events, _ := Decide(s, row.when)
			for _, e := range events {
				s.Evolve(e)
			}
			want, _ := s.Claim(row.want)
			if got := Subject(s, row.when); !cmp.Equal(want, got, viewed) || got.ID != row.want {
				t.Errorf("subject (-want +got):\n%s", cmp.Diff(want, got, viewed))
			}
		})
	}
}

func TestARepeatedRequestIsToldWhatWasLeftTheFirstTimeAndAtWhichVersion(t *testing.T) {
	t.Parallel()
	a := order("a", alice, 2).keyed("k", "f")
	for name, row := range map[string]struct {
		given     []Event
		remaining int
		version   int64
	}{
		"booked at once":     {[]Event{opened, booked(a), booked(order("b", bob, 3))}, 13, 2},
		"held and confirmed": {[]Event{opened, heldPaying(a, later), booked(order("b", bob, 3)), confirmed(a, now)}, 10, 4},
		"cancelled since":    {[]Event{opened, booked(a), cancelled(a, alice, now)}, 13, 2},
	} {
		got := Subject(saleOf(row.given...), Book{order("a2", alice, 2).keyed("k", "f")})
		if got.RemainingAfter != row.remaining || got.VersionAfter != row.version {
			t.Errorf("%s: %d left at version %d, want %d at %d", name, got.RemainingAfter, got.VersionAfter, row.remaining, row.version)
		}
	}
}

func TestABuyerWithALongHistoryIsSearchedNoFurtherThanKeyMemory(t *testing.T) {
	t.Parallel()
	history := []Event{opened}
	nth := func(n int) Order { return order(fmt.Sprint("claim ", n), alice, 1).keyed(fmt.Sprint("key ", n), "f") }
	const rounds = keyMemory + 1
	for n := range rounds {
		history = append(history, booked(nth(n)), cancelled(nth(n), alice, now))
	}
	s, searched := saleOf(history...), 0
	for range s.recent(alice) {
		searched++
	}
	if searched != keyMemory {
		t.Errorf("searched %d claims, want %d", searched, keyMemory)
	}
	repeat := func(n int) Order { o := nth(n); o.ID = id("again"); return o }
	scenario{history, Book{repeat(1)}, nothing}.check(t)
	scenario{history, Book{repeat(0)}, events(booked(repeat(0)))}.check(t)
}

func TestFingerprintTellsRequestsApart(t *testing.T) {
	t.Parallel()
	seen := map[string][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {"c", "ab"}} {
		f := Fingerprint(parts...)
		if twin, found := seen[f]; found {
			t.Errorf("%q and %q have the same fingerprint", parts, twin)
		}
		seen[f] = parts
	}
	// Stored beside bookings: a key must be recognised by every later version.
	if got, want := Fingerprint("book", "1"), "fdc02f68d26c3d59"; got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
}
