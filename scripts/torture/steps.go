package main

import (
	"math"
	"time"
)

// A step is what happens to one sale at one moment: all of a call, or the part of a call that is on one side of its
// payment, or what happens by itself.
type step struct {
	id    int // its place among the steps of its sale, from 1
	kind  stepKind
	call  *call         // nil: it happens by itself
	buyer int           // whose claim it is about
	of    int           // the step that made the claim, or began its payment; 0: the claim that the call names
	from  time.Duration // when it may have happened, by the clock of the run
	until time.Duration // never: it may also not have happened at all
	low   time.Duration // what the node's clock may have shown then
	high  time.Duration

	expect  answer
	version int64    // which event of the sale it is, if it happened; 0: nobody knows
	final   *settled // of the last step: what the log adds up to
}

type stepKind uint8

const (
	takeSeats    stepKind = iota // of book and hold
	startPayment                 // of confirm, where it is paid for
	settle                       // a payment that was begun becomes a booking
	confirmHold                  // of confirm, where nothing is paid
	giveBack                     // of release
	cancelIt                     // of cancel
	holdRunsOut                  // a hold that nobody pays for is over
	payRunsOut                   // a payment that was begun is over
	theEnd
)

const never = time.Duration(math.MaxInt64)

// paymentTime is how long seats are kept for a payment: the 30 s that it may take, and a minute for clocks to differ.
const paymentTime = 90 * time.Second

// A plot makes steps of the calls to one sale.
type plot struct {
	setup  setup
	clocks []offsets
	end    time.Duration
	steps  []*step
}

// stepsOf returns what the calls to one sale did to it, and what happened by itself. Reads are none of it.
func stepsOf(calls []*call, s setup, clocks []offsets, end time.Duration) []*step {
	p := plot{setup: s, clocks: clocks, end: end}
	booked := make(map[string]bool) // claims that certainly became bookings
	for _, c := range calls {
		if c.Answer.Verdict == acknowledged && (c.What == book || c.What == confirm) {
			booked[c.Answer.Claim] = true
		}
	}
	for _, c := range calls {
		switch c.What {
		case book:
			p.book(c)
		case hold:
			if s := p.add(takeSeats, c, c.Answer); s != nil && !c.Answer.Replayed && c.Answer.Verdict != refused && !booked[c.Answer.Claim] {
				p.runsOut(holdRunsOut, s, heldUntil(s, p.setup.holdTTL))
			}
		case confirm:
			p.confirm(c)
		case release:
			p.add(giveBack, c, c.Answer)
		case cancel:
			p.add(cancelIt, c, c.Answer)
		}
	}
	return p.steps
}

// add adds a step of the call with what is expected of it; nil: it promised to have done nothing.
func (p *plot) add(kind stepKind, c *call, expect answer) *step {
	if expect.Verdict == nothing {
		return nil
	}
	s := &step{id: len(p.steps) + 1, kind: kind, call: c, buyer: c.Buyer, from: c.Called, until: c.Returned, expect: expect}
	if expect.Verdict == unknown {
		s.until = never
	}
	s.low, s.high = p.clocks[c.Node].during(c.Called, min(s.until, p.end))
	p.steps = append(p.steps, s)
	return s
}

// runsOut adds the end of a claim by itself, should any clock have come to its time. Whether it happened is never told.
func (p *plot) runsOut(kind stepKind, of *step, deadline time.Duration) {
	from := max(of.from, firstToReach(p.clocks, deadline))
	if from >= p.end {
		return
	}
	p.steps = append(p.steps, &step{
		id: len(p.steps) + 1, kind: kind, buyer: of.buyer, of: of.id, from: from, until: never, expect: answer{Verdict: unknown},
	})
}

// heldUntil is the earliest end of a hold.
func heldUntil(s *step, ttl time.Duration) time.Duration {
	if s.expect.Expires != 0 {
		return s.expect.Expires
	}
	return s.low + ttl
}

// happened is a step of which the answer to the whole call tells only that it took place.
var happened = answer{Verdict: acknowledged}

// book is one step, or two with the payment between them.
func (p *plot) book(c *call) {
	a := c.Answer
	if p.setup.payment == 0 || a.Replayed || a.Verdict == refused && a.Code != "hold_ended" || a.Verdict == nothing && a.Position == 0 {
		p.add(takeSeats, c, a)
		return
	}
	taken := happened
	switch {
	case a.Verdict == unknown && a.Position == 0:
		taken = answer{Verdict: unknown}
	case a.Verdict == acknowledged:
		taken.Claim = a.Claim
	}
	p.pay(c, p.add(takeSeats, c, taken))
}

// confirm is likewise.
func (p *plot) confirm(c *call) {
	a := c.Answer
	switch {
	case p.setup.payment == 0:
		p.add(confirmHold, c, a)
	case a.Verdict == refused && a.Code == "hold_ended":
		// Either the hold had ended before, or during the payment.
		start := p.add(startPayment, c, answer{Verdict: unknown})
		p.runsOut(payRunsOut, start, start.low+paymentTime)
		p.add(settle, c, a)
	case a.Replayed || a.Verdict == refused || a.Verdict == nothing && a.Position == 0:
		p.add(startPayment, c, a)
	case a.Verdict == unknown && a.Position == 0:
		p.pay(c, p.add(startPayment, c, answer{Verdict: unknown}))
	default:
		p.pay(c, p.add(startPayment, c, answer{Verdict: acknowledged, Claim: c.Claim}))
	}
}

// pay adds what follows a payment that began with start.
func (p *plot) pay(c *call, start *step) {
	if c.Answer.Verdict != acknowledged {
		p.runsOut(payRunsOut, start, start.low+paymentTime)
	}
	if s := p.add(settle, c, c.Answer); s != nil {
		s.of = start.id
	}
}

// conclude adds the last step: the sale is what its log says.
func conclude(steps []*step, at time.Duration, final *settled) []*step {
	return append(steps, &step{id: len(steps) + 1, kind: theEnd, from: at, until: at + 1, final: final})
}
