package main

import (
	"strings"
	"testing"
	"time"
)

// aLog is of an event with one section of two seats: opened, booked by 0, cancelled, held by 1, run out, booked by 1.
func aLog() (*event, []record) {
	e := &event{id: "e", seats: []int{2}, sections: []string{"s"}, buyers: []account{{id: "b0"}, {id: "b1"}}}
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	seats := func(r record, id, buyer string, qty int) record {
		r.Buyer, r.Section, r.Quantity, r.At = buyer, "s", qty, at
		if strings.HasPrefix(r.kind, "booking") {
			r.Booking = id
		} else {
			r.Hold = id
		}
		return r
	}
	held := seats(record{kind: "seats.held.v1", request: "r3"}, "h", "b1", 2)
	held.ExpiresAt = at
	log := []record{
		{kind: "sale.opened.v1"},
		seats(record{kind: "booking.confirmed.v1", request: "r1"}, "a", "b0", 1),
		seats(record{kind: "booking.cancelled.v1", request: "r2"}, "a", "b0", 1),
		held,
		seats(record{kind: "hold.expired.v1", request: "r4"}, "h", "b1", 2),
		seats(record{kind: "booking.confirmed.v1", request: "r4"}, "b", "b1", 2),
	}
	for i := range log {
		log[i].version, log[i].position = int64(i+1), int64(10*i+10)
	}
	return e, log
}

func TestALogAddsUp(t *testing.T) {
	t.Parallel()
	e, log := aLog()
	l := tally(e, log)
	if len(l.problems) > 0 || l.oversold != 0 {
		t.Errorf("%v, %d oversold", l.problems, l.oversold)
	}
	for i, want := range []int{2, 1, 2, 0, 2, 0} {
		if l.free[i][0] != want {
			t.Errorf("after version %d %d are left, want %d", i+1, l.free[i][0], want)
		}
	}
	if end := l.settled(e); end.version != 6 || len(end.live) != 1 || end.live[1] != (liveClaim{"b", booked}) {
		t.Errorf("%+v", end)
	}
}

func TestALogThatBreaksARuleIsFound(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(log []record) []record{
		"a version that is missing":         func(log []record) []record { return append(log[:2], log[3:]...) },
		"a version that comes twice":        func(log []record) []record { return append(log, log[5]) },
		"a hold that runs out too soon":     func(log []record) []record { log[3].ExpiresAt = log[3].At.Add(1); return log },
		"other seats come back":             func(log []record) []record { log[2].Quantity = 2; return log },
		"what was never held runs out":      func(log []record) []record { log[4].Hold = "x"; return log },
		"a buyer with two bookings":         func(log []record) []record { log[2].kind = "sale.closed.v1"; log[3].Buyer = "b0"; return log },
		"an event that nobody has heard of": func(log []record) []record { log[2].kind = "booking.changed.v1"; return log },
	} {
		e, log := aLog()
		if l := tally(e, spoil(log)); len(l.problems) == 0 {
			t.Errorf("%s is let through", name)
		}
	}
	e, log := aLog()
	log[5].Quantity = 5
	if l := tally(e, log); l.oversold != 3 {
		t.Errorf("%d oversold, want 3", l.oversold)
	}
}

func TestAnswersAreHeldAgainstTheLog(t *testing.T) {
	t.Parallel()
	booking := func(edit ...func(*call)) *call {
		c := tell(0, 1, 1, book, append([]func(*call){qty(2), ok("b", 6, 0)}, edit...)...)
		c.Request, c.Answer.Position = "r4", 60
		return c
	}
	for name, row := range map[string]struct {
		call       *call
		lost       int
		mayNotPass bool
	}{
		"as it was told":                {call: booking()},
		"another id":                    {call: booking(ok("x", 6, 0)), lost: 1, mayNotPass: true},
		"another version":               {call: booking(ok("b", 5, 0)), lost: 1, mayNotPass: true},
		"another buyer":                 {call: booking(func(c *call) { c.Buyer = 0 }), lost: 1, mayNotPass: true},
		"another quantity":              {call: booking(qty(1)), lost: 1, mayNotPass: true},
		"refused and yet there":         {call: booking(no("sold_out")), mayNotPass: true},
		"promised to have done nothing": {call: booking(func(c *call) { c.Answer = answer{Verdict: nothing} }), mayNotPass: true},
		"an error without a name":       {call: booking(func(c *call) { c.Answer = answer{Verdict: unknown, Code: "internal"} }), mayNotPass: true},
		"a read that ends so":           {call: booking(func(c *call) { c.What, c.Answer = read, answer{Verdict: unknown, Code: "internal"} }), mayNotPass: true},
		"without an answer":             {call: booking(lost)},
	} {
		e, log := aLog()
		gone, found := audit(e, []*call{row.call}, log)
		if gone != row.lost || (len(found) > 0) != row.mayNotPass {
			t.Errorf("%s: %d lost, %v", name, gone, found)
		}
	}
	e, log := aLog()
	log[3].kind, log[3].request = "booking.confirmed.v1", "r4"
	if _, found := audit(e, []*call{booking()}, log); len(found) != 1 || !strings.Contains(found[0].What, "twice") {
		t.Errorf("what one call did twice: %v", found)
	}
}
