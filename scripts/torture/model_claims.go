package main

import "slices"

// buy decides confirm: up to the payment, or all of it where nothing is paid.
func (s *state) buy(st *step) (bool, *state) {
	a := st.expect
	i := s.find(st.buyer, withID(st.call.Claim))
	if i < 0 {
		return a.Verdict == unknown || a.Code == "hold_not_found", s
	}
	c := s.buyers[st.buyer].claims[i]
	switch a.Verdict {
	case refused:
		switch a.Code {
		case "hold_ended":
			return c.status == cancelled || c.status == ended || c.mayBeDue(st), s
		case "booking_in_progress":
			return c.status == paying && !c.isDue(st) && c.is(a.Claim), s
		}
		return false, s
	case acknowledged:
		if a.Replayed || c.status == booked {
			return a.Replayed && c.status == booked && a.Claim == c.id && a.Version == c.version && a.Remaining == c.remaining, s
		}
	}
	if c.status != held || c.isDue(st) {
		return a.Verdict == unknown, s
	}
	if st.kind == confirmHold {
		c.status = booked
		return s.told(st, i, c, 0)
	}
	c.status, c.payer = paying, st.id
	c.early, c.late = st.low+paymentTime, st.high+paymentTime
	return s.told(st, i, c, 0)
}

// settle decides what follows a payment.
func (s *state) settle(st *step) (bool, *state) {
	i := s.find(st.buyer, func(c *claim) bool { return st.of == 0 && c.id == st.call.Claim || st.of != 0 && c.payer == st.of })
	if st.expect.Verdict == refused {
		ok := false
		if i >= 0 {
			c := &s.buyers[st.buyer].claims[i]
			ok = c.status == ended || c.status == cancelled || st.of == 0 && c.mayBeDue(st)
		}
		return ok && st.expect.Code == "hold_ended", s
	}
	if i < 0 || s.buyers[st.buyer].claims[i].status != paying {
		return st.expect.Verdict == unknown, s
	}
	c := s.buyers[st.buyer].claims[i]
	if !c.is(st.expect.Claim) && st.expect.Verdict == acknowledged {
		return false, s
	}
	c.status = booked
	return s.told(st, i, c, 0)
}

func (s *state) giveBack(st *step) (bool, *state) {
	a := st.expect
	i := s.find(st.buyer, withID(st.call.Claim))
	if i < 0 {
		return a.Verdict == unknown || a.Code == "hold_not_found", s
	}
	c := s.buyers[st.buyer].claims[i]
	switch {
	case a.Verdict == refused:
		return a.Code == "hold_ended" && (c.status == booked || c.status == cancelled) ||
			a.Code == "booking_in_progress" && c.status == paying && !c.isDue(st) && c.is(a.Claim), s
	case c.status == held || c.status == paying && c.mayBeDue(st) && a.Verdict == acknowledged:
		c.status = ended
		return s.told(st, i, c, c.qty)
	default:
		return c.status == ended || a.Verdict == unknown, s
	}
}

func (s *state) cancel(st *step) (bool, *state) {
	a := st.expect
	i := s.find(st.buyer, withID(st.call.Claim))
	if i < 0 || s.buyers[st.buyer].claims[i].status != booked && s.buyers[st.buyer].claims[i].status != cancelled {
		return a.Verdict == unknown || a.Code == "booking_not_found", s
	}
	c := s.buyers[st.buyer].claims[i]
	if c.status == cancelled || a.Verdict == refused {
		return a.Verdict == unknown || c.status == cancelled && a.Code == "already_cancelled", s
	}
	c.status = cancelled
	return s.told(st, i, c, c.qty)
}

// runOut ends a hold, or a payment, that has come to its time and was left alone until then.
func (s *state) runOut(st *step) (bool, *state) {
	i := s.find(st.buyer, func(c *claim) bool {
		return st.kind == holdRunsOut && c.made == st.of && c.status == held || st.kind == payRunsOut && c.payer == st.of && c.status == paying
	})
	if i < 0 {
		return true, s
	}
	c := s.buyers[st.buyer].claims[i]
	c.status = ended
	return s.told(st, i, c, c.qty)
}

// A settled sale is what its log adds up to in the end.
type settled struct {
	version int64
	free    []int
	live    map[int]liveClaim // by buyer
}

type liveClaim struct {
	id     string
	status status
}

func (e *settled) is(s *state) bool {
	if e.version != s.version || !slices.Equal(e.free, s.free) {
		return false
	}
	for b := range s.buyers {
		live, has := e.live[b]
		c := s.newest(b)
		if (c != nil && c.live()) != has || has && (!c.is(live.id) || c.status != live.status) {
			return false
		}
	}
	return true
}
