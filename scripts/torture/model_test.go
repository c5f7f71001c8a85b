package main

import (
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// tell makes a call by buyer b that was made and answered at these milliseconds.
func tell(from, to int, b int, what string, edit ...func(*call)) *call {
	c := &call{
		What: what, Buyer: b, Qty: 1, Called: ms(from), Returned: ms(to), ttl: time.Second,
		Answer: answer{Verdict: acknowledged},
	}
	for _, e := range edit {
		e(c)
	}
	return c
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func qty(n int) func(*call)    { return func(c *call) { c.Qty = n } }
func key(k string) func(*call) { return func(c *call) { c.Key = k } }
func elsewhere(c *call)        { c.Node = 1 }
func of(id string) func(*call) {
	return func(c *call) { c.Claim, c.Answer.Claim = id, id }
}

// ok is what a booking or hold is told: its id, the version and what is left.
func ok(id string, version int64, left int) func(*call) {
	return func(c *call) {
		c.Answer.Claim, c.Answer.Version, c.Answer.Remaining = id, version, left
		if c.What == hold {
			c.Answer.Expires = c.Called + c.ttl
		}
	}
}

func replayed(c *call) { c.Answer.Replayed = true }
func lost(c *call)     { c.Answer = answer{Verdict: unknown} }

// no is a refusal, with the version or the claim that it names.
func no(code string, edit ...func(*answer)) func(*call) {
	return func(c *call) {
		c.Answer = answer{Verdict: refused, Code: code}
		for _, e := range edit {
			e(&c.Answer)
		}
	}
}

func version(n int64) func(*answer)    { return func(a *answer) { a.Version = n } }
func remaining(n int) func(*answer)    { return func(a *answer) { a.Remaining = n } }
func naming(id string) func(*answer)   { return func(a *answer) { a.Claim = id } }
func soldOut(n int64) func(*call)      { return no("sold_out", version(n)) }
func fewer(n int, v int64) func(*call) { return no("not_enough_tickets", remaining(n), version(v)) }

// A told history is of one sale with two seats in one section, unless it says otherwise.
type told struct {
	calls []*call
	paid  bool
	seats []int
	clock offsets // of node 1; node 0 is on time
}

func (h told) check() porcupine.CheckResult {
	s := setup{holdTTL: time.Second}
	if h.paid {
		s.payment = time.Millisecond
	}
	if h.seats == nil {
		h.seats = []int{2}
	}
	for _, c := range h.calls {
		c.paid = h.paid
	}
	steps := stepsOf(h.calls, s, []offsets{{{}}, append(offsets{{}}, h.clock...)}, ms(100_000))
	return linearizable(opened(h.seats, 5), steps, 10*time.Second)
}

func TestWhatTheModelAllows(t *testing.T) {
	t.Parallel()
	rows := map[string]told{
		"who comes second to the last seats is refused": {calls: []*call{
			tell(0, 20, 0, book, qty(2), ok("a", 2, 0)), tell(0, 20, 1, book, soldOut(2)),
		}},
		"calls at once may take place in any order": {calls: []*call{
			tell(0, 20, 0, book, ok("a", 3, 0)), tell(10, 30, 1, book, ok("b", 2, 1)),
		}},
		"who asks for more than there is hears how many there are": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 1, book, qty(2), fewer(1, 2)),
		}},
		"a call without an answer may have taken place": {calls: []*call{
			tell(0, 1, 0, book, qty(2), lost), tell(2, 3, 1, book, soldOut(2)),
		}},
		"or not": {calls: []*call{
			tell(0, 1, 0, book, qty(2), lost), tell(2, 3, 1, book, qty(2), ok("b", 2, 0)),
		}},
		"or much later": {calls: []*call{
			tell(0, 1, 0, book, qty(2), lost), tell(2, 3, 1, book, ok("b", 2, 1)), tell(4, 5, 1, cancel, of("b")), tell(6, 7, 2, book, soldOut(4)),
		}},
		"the same key tells what became of it": {calls: []*call{
			tell(0, 1, 0, book, key("l"), lost), tell(2, 3, 0, book, key("l"), ok("a", 2, 1), replayed),
		}},
		"the same key tells what was told, whatever happened since": {calls: []*call{
			tell(0, 1, 0, book, key("k"), ok("a", 2, 1)), tell(2, 3, 1, book, ok("b", 3, 0)), tell(4, 5, 0, book, key("k"), ok("a", 2, 1), replayed),
		}},
		"a key that comes with another request is refused": {calls: []*call{
			tell(0, 1, 0, book, key("k"), ok("a", 2, 1)), tell(2, 3, 0, book, qty(2), key("k"), no("key_reused")),
		}},
		"who has booked is told so": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 0, book, no("already_booked", naming("a"))),
		}},
		"also of a booking that nobody was told of": {calls: []*call{
			tell(0, 1, 0, book, lost), tell(2, 3, 0, book, no("already_booked", naming("z"))), tell(4, 5, 0, cancel, of("z")),
		}},
		"a hold is free when its time is over": {calls: []*call{
			tell(0, 1, 0, hold, qty(2), ok("a", 2, 0)), tell(1500, 1501, 1, book, ok("b", 4, 1)),
		}},
		"a node whose clock is fast may end it sooner": {clock: offsets{{0, 0, ms(900)}}, calls: []*call{
			tell(0, 1, 0, hold, qty(2), ok("a", 2, 0)), tell(200, 201, 1, book, elsewhere, ok("b", 4, 1)),
		}},
		"who finds too few is told of those that are due": {calls: []*call{
			tell(0, 1, 0, hold, ok("a", 2, 1)), tell(1500, 1501, 1, book, qty(3), fewer(2, 2)),
		}},
		"a hold becomes a booking": {calls: []*call{
			tell(0, 1, 0, hold, ok("a", 2, 1)), tell(2, 3, 0, confirm, of("a"), ok("a", 3, 1)), tell(4, 5, 0, confirm, of("a"), ok("a", 3, 1), replayed),
		}},
		"while somebody pays the seats are taken": {paid: true, calls: []*call{
			tell(0, 100, 0, book, qty(2), ok("a", 3, 0)), tell(20, 30, 1, book, soldOut(2)),
			tell(40, 50, 0, book, no("booking_in_progress", naming("a"))),
		}},
		"a payment whose node died keeps its seats": {paid: true, calls: []*call{
			tell(0, 100, 0, book, qty(2), lost), tell(50_000, 50_001, 1, book, soldOut(2)),
		}},
		"until its time is over": {paid: true, calls: []*call{
			tell(0, 100, 0, book, qty(2), lost), tell(91_000, 91_100, 1, book, qty(2), ok("b", 5, 0)),
		}},
		"a payment that took too long is refused, and its seats are free": {
			paid: true, clock: offsets{{0, 0, ms(120_000)}}, calls: []*call{
				tell(0, 100, 0, book, qty(2), no("hold_ended")), tell(20, 60, 1, book, elsewhere, qty(2), ok("b", 5, 0)),
			},
		},
		"a hold that is given back twice is given back": {calls: []*call{
			tell(0, 1, 0, hold, qty(2), ok("a", 2, 0)), tell(2, 3, 0, release, of("a")), tell(4, 5, 0, release, of("a")), tell(6, 7, 1, book, ok("b", 4, 1)),
		}},
		"sections are sold apart": {seats: []int{0, 1}, calls: []*call{
			tell(0, 1, 0, book, soldOut(1)), tell(2, 3, 0, book, func(c *call) { c.Section = 1 }, ok("a", 2, 0)),
		}},
		"a command that had to be looked up may tell of what came after": {calls: []*call{
			tell(0, 20, 0, hold, ok("a", 3, 0)), tell(5, 6, 1, hold, ok("b", 3, 0)),
		}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := row.check(); got != porcupine.Ok {
				t.Error(got)
			}
		})
	}
}

func TestWhatTheModelForbids(t *testing.T) {
	t.Parallel()
	rows := map[string]told{
		"a seat that is sold twice": {calls: []*call{
			tell(0, 20, 0, book, qty(2), ok("a", 2, 0)), tell(0, 20, 1, book, ok("b", 3, -1)),
		}},
		"two answers at one version": {calls: []*call{
			tell(0, 20, 0, book, ok("a", 2, 1)), tell(0, 20, 1, book, ok("b", 2, 1)),
		}},
		"a booking that was forgotten": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 1, book, ok("b", 2, 1)),
		}},
		"sold out while there are seats": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 1, book, soldOut(2)),
		}},
		"a refusal that was true before, not any more": {calls: []*call{
			tell(0, 1, 0, book, qty(2), ok("a", 2, 0)), tell(2, 3, 0, cancel, of("a")), tell(4, 5, 1, book, soldOut(2)),
		}},
		"another number of seats than there are": {calls: []*call{
			tell(0, 1, 1, book, qty(3), fewer(1, 1)),
		}},
		"seats that come back unasked": {calls: []*call{
			tell(0, 1, 0, book, qty(2), ok("a", 2, 0)), tell(2, 3, 1, book, ok("b", 3, 1)),
		}},
		"a call without an answer that took place twice": {seats: []int{4}, calls: []*call{
			tell(0, 1, 0, book, qty(2), lost), tell(2, 3, 1, book, qty(4), fewer(2, 2)), tell(4, 5, 1, book, qty(4), soldOut(3)),
		}},
		"one that took place before it was made": {calls: []*call{
			tell(0, 1, 1, book, soldOut(2)), tell(2, 3, 0, book, qty(2), lost),
		}},
		"a hold that ends before its time": {calls: []*call{
			tell(0, 1, 0, hold, qty(2), ok("a", 2, 0)), tell(900, 901, 1, book, ok("b", 4, 1)),
		}},
		"a hold that lasts longer than it should": {calls: []*call{
			tell(0, 1, 0, hold, ok("a", 2, 1), func(c *call) { c.Answer.Expires += ms(100) }),
		}},
		"a hold by another clock than its node's": {clock: offsets{{0, 0, ms(900)}}, calls: []*call{
			tell(100, 101, 0, hold, elsewhere, ok("a", 2, 1)),
		}},
		"a hold whose time is over and that keeps others out": {calls: []*call{
			tell(0, 1, 0, hold, qty(2), ok("a", 2, 0)), tell(1500, 1501, 1, book, soldOut(2)),
		}},
		"or its own buyer": {calls: []*call{
			tell(0, 1, 0, hold, ok("a", 2, 1)), tell(1500, 1501, 0, hold, no("already_holding", naming("a"))),
		}},
		"a hold that is confirmed after its end": {calls: []*call{
			tell(0, 1, 0, hold, ok("a", 2, 1)), tell(1500, 1501, 0, confirm, of("a"), ok("a", 3, 1)),
		}},
		"one that was given back": {calls: []*call{
			tell(0, 1, 0, hold, ok("a", 2, 1)), tell(2, 3, 0, release, of("a")), tell(4, 5, 0, confirm, of("a"), ok("a", 4, 1)),
		}},
		"a payment that runs out before its time": {paid: true, calls: []*call{
			tell(0, 100, 0, book, qty(2), lost), tell(80_000, 80_100, 1, book, qty(2), ok("b", 5, 0)),
		}},
		"a buyer with two bookings": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 0, book, ok("b", 3, 0)),
		}},
		"a buyer who is told of a booking that is not there": {calls: []*call{
			tell(0, 1, 0, book, no("already_booked", naming("a"))),
		}},
		"the same key, carried out twice": {calls: []*call{
			tell(0, 1, 0, book, key("k"), ok("a", 2, 1)), tell(2, 3, 0, cancel, of("a")), tell(4, 5, 0, book, key("k"), ok("b", 4, 1)),
		}},
		"the same key, another answer": {calls: []*call{
			tell(0, 1, 0, book, key("k"), ok("a", 2, 1)), tell(2, 3, 1, book, ok("b", 3, 0)), tell(4, 5, 0, book, key("k"), ok("a", 3, 0), replayed),
		}},
		"one booking that two are told of": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 0, cancel, of("a")), tell(4, 5, 0, book, ok("a", 4, 1)),
		}},
		"a booking that is cancelled twice": {calls: []*call{
			tell(0, 1, 0, book, ok("a", 2, 1)), tell(2, 3, 0, cancel, of("a")), tell(4, 5, 0, cancel, of("a")),
		}},
		"a refusal that no rule gives": {calls: []*call{
			tell(0, 1, 0, book, no("event_started")),
		}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := row.check(); got != porcupine.Illegal {
				t.Error(got)
			}
		})
	}
}

func TestAShrunkenHistoryStillFailsAndHasNothingAfterTheFault(t *testing.T) {
	t.Parallel()
	calls := []*call{
		tell(0, 1, 0, book, ok("a", 2, 1)),
		tell(2, 3, 1, book, qty(3), fewer(1, 2)), // true, and no matter
		tell(4, 5, 1, book, ok("b", 2, 1)),       // the fault: the first booking is forgotten
		tell(6, 7, 2, book, ok("c", 4, -1)),
		tell(8, 9, 3, book, soldOut(4)),
	}
	first := opened([]int{2}, 5)
	steps := shrink(first, stepsOf(calls, setup{holdTTL: time.Second}, []offsets{{{}}}, ms(10)), time.Second)
	if len(steps) != 2 || steps[0].call != calls[0] || steps[1].call != calls[2] {
		t.Errorf("%v", steps)
	}
	if linearizable(first, steps, time.Second) != porcupine.Illegal {
		t.Error("what is left is no fault")
	}
}

func TestTheEndHoldsTheModelAgainstTheLog(t *testing.T) {
	t.Parallel()
	calls := []*call{tell(0, 1, 0, book, ok("a", 2, 1))}
	for name, row := range map[string]struct {
		end  settled
		want porcupine.CheckResult
	}{
		"the same":             {settled{2, []int{1}, map[int]liveClaim{0: {"a", booked}}}, porcupine.Ok},
		"a booking is lost":    {settled{1, []int{2}, nil}, porcupine.Illegal},
		"another's":            {settled{2, []int{1}, map[int]liveClaim{1: {"a", booked}}}, porcupine.Illegal},
		"another booking":      {settled{2, []int{1}, map[int]liveClaim{0: {"b", booked}}}, porcupine.Illegal},
		"a seat is missing":    {settled{2, []int{0}, map[int]liveClaim{0: {"a", booked}}}, porcupine.Illegal},
		"something was added":  {settled{3, []int{1}, map[int]liveClaim{0: {"a", booked}}}, porcupine.Illegal},
		"it is not a booking":  {settled{2, []int{1}, map[int]liveClaim{0: {"a", held}}}, porcupine.Illegal},
		"somebody else has it": {settled{2, []int{1}, map[int]liveClaim{0: {"a", booked}, 1: {"b", held}}}, porcupine.Illegal},
	} {
		steps := conclude(stepsOf(calls, setup{}, []offsets{{{}}}, ms(10)), ms(10), &row.end)
		if got := linearizable(opened([]int{2}, 2), steps, time.Second); got != row.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
