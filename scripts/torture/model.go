package main

// next is the sale's model: whether the step can happen in the state with the answer that is expected of it, and the state
// after it. A step whose outcome is unknown does what it can, or nothing.
//
// What runs out does so in steps of its own, before the step that finds the seats free. So whoever is acknowledged found
// what the state says. Who is refused may have been told of seats that were due and not yet returned.
func (s *state) next(st *step) (bool, *state) {
	switch st.kind {
	case takeSeats:
		return s.take(st)
	case startPayment, confirmHold:
		return s.buy(st)
	case settle:
		return s.settle(st)
	case giveBack:
		return s.giveBack(st)
	case cancelIt:
		return s.cancel(st)
	case holdRunsOut, payRunsOut:
		return s.runOut(st)
	default:
		return st.final.is(s), s
	}
}

// take decides book and hold.
func (s *state) take(st *step) (bool, *state) {
	c := st.call
	if st.expect.Verdict == refused {
		return s.refuses(st)
	}
	if i := s.earlier(c, st, false); i >= 0 {
		return s.again(st, i)
	}
	if newest := s.newest(c.Buyer); newest != nil && newest.live() || s.free[c.Section] < c.Qty {
		return st.expect.Verdict == unknown, s
	}
	if st.expect.Replayed || st.expect.Claim != "" && s.find(c.Buyer, withID(st.expect.Claim)) >= 0 {
		return false, s
	}
	taken := claim{made: st.id, id: st.expect.Claim, section: c.Section, qty: c.Qty, key: c.Key, what: c.What, status: held}
	switch {
	case c.What == hold:
		taken.early, taken.late = st.low+c.ttl, st.high+c.ttl
		if told := st.expect.Expires; told != 0 {
			if told < taken.early || told > taken.late {
				return false, s
			}
			taken.early, taken.late = told, told
		}
	case c.paid:
		taken.status, taken.payer = paying, st.id
		taken.early, taken.late = st.low+paymentTime, st.high+paymentTime
	default:
		taken.status = booked
	}
	return s.told(st, len(s.buyers[c.Buyer].claims), taken, -c.Qty)
}

// told is the state with the claim, one event on, if that is what the answer tells. A booking's answer has the sale as it
// was just after it; another's may have it as it was later, if the node had to look up what became of the command.
func (s *state) told(st *step, i int, c claim, back int) (bool, *state) {
	next := s.with(st.buyer, i, c, 1, back)
	a := st.expect
	if c.status == booked {
		next.buyers[st.buyer].claims[i].version = next.version
		next.buyers[st.buyer].claims[i].remaining = next.remaining()
		next.buyers[st.buyer].hash = digest(next.buyers[st.buyer].claims)
	}
	switch {
	case st.version != 0 && st.version != next.version:
		return false, s
	case a.Verdict != acknowledged || a.Version == 0:
		return true, next
	case a.Version == next.version:
		return a.Remaining == next.remaining(), next
	default:
		return c.status != booked && a.Version > next.version, next
	}
}

// earlier finds the claim that the same request made before, -1 for none. due says to take one whose time may be over for
// ended.
func (s *state) earlier(c *call, st *step, due bool) int {
	if c.Key == "" {
		return -1
	}
	return s.find(c.Buyer, func(old *claim) bool {
		return old.key == c.Key && old.status != ended && (!due || !old.mayBeDue(st))
	})
}

// again is the answer to a request that was carried out before, as claim i of its buyer.
func (s *state) again(st *step, i int) (bool, *state) {
	old, a := s.buyers[st.buyer].claims[i], st.expect
	if a.Verdict == unknown {
		return true, s
	}
	if !a.Replayed || !sameRequest(&old, st.call) || !old.is(a.Claim) {
		return false, s
	}
	version, remaining := s.version, s.remaining()
	if old.what == book {
		if old.status != booked && old.status != cancelled {
			return false, s
		}
		version, remaining = old.version, old.remaining
	}
	return a.Version == version && a.Remaining == remaining, s.named(st.buyer, i, a.Claim)
}

func sameRequest(old *claim, c *call) bool {
	return old.what == c.What && old.section == c.Section && old.qty == c.Qty
}

// named is the state in which it is known which id the claim has.
func (s *state) named(b, i int, id string) *state {
	c := s.buyers[b].claims[i]
	if c.id == id {
		return s
	}
	c.id = id
	return s.with(b, i, c, 0, 0)
}

// refuses says whether book or hold may be refused so.
func (s *state) refuses(st *step) (bool, *state) {
	for _, due := range []bool{false, true} {
		newest := s.newest(st.buyer)
		pending := newest != nil && newest.pending()
		if due && (!pending || !newest.mayBeDue(st)) || !due && pending && newest.isDue(st) {
			continue
		}
		if ok, next := s.refusesWhile(st, due); ok {
			return true, next
		}
	}
	return false, s
}

// refusesWhile is refuses where the buyer's own hold, if there is one, is due or not.
func (s *state) refusesWhile(st *step, due bool) (bool, *state) {
	c, a := st.call, st.expect
	if i := s.earlier(c, st, due); i >= 0 {
		old := &s.buyers[c.Buyer].claims[i]
		switch {
		case !sameRequest(old, c):
			return a.Code == "key_reused", s
		case old.status == paying && old.what == book:
			return a.Code == "booking_in_progress" && old.is(a.Claim), s.named(c.Buyer, i, a.Claim)
		}
		return false, s
	}
	if newest := s.newest(c.Buyer); newest != nil && newest.live() && (newest.status == booked || !due) {
		code := map[status]string{booked: "already_booked", paying: "booking_in_progress", held: "already_holding"}[newest.status]
		return a.Code == code && newest.is(a.Claim), s.named(c.Buyer, len(s.buyers[c.Buyer].claims)-1, a.Claim)
	}
	least, most := s.room(st, due)
	switch a.Code {
	case "sold_out":
		return least == 0 && a.Version == s.version, s
	case "not_enough_tickets":
		return a.Remaining >= max(1, least) && a.Remaining <= most && a.Remaining < c.Qty && a.Version == s.version, s
	}
	return false, s
}

// room is how many seats may be free in the section, those among them whose time is over.
func (s *state) room(st *step, due bool) (least, most int) {
	least = s.free[st.call.Section]
	most = least
	for b := range s.buyers {
		c := s.newest(b)
		switch {
		case c == nil || c.section != st.call.Section:
		case b == st.buyer && due || c.isDue(st):
			least, most = least+c.qty, most+c.qty
		case b != st.buyer && c.mayBeDue(st):
			most += c.qty
		}
	}
	return least, most
}
