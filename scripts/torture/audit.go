package main

import "fmt"

// audit compares what clients were told with the log: what was acknowledged is there, as it was told; what was refused, or
// promised not to have been done, is not. lost is how many acknowledgements the log does not have.
func audit(e *event, calls []*call, log []record) (lost int, found []finding) {
	caused := make(map[string][]*record)
	about := make(map[string]map[string]*record) // claim → kind → the newest
	for i := range log {
		r := &log[i]
		caused[r.request] = append(caused[r.request], r)
		if id := r.claim(); id != "" {
			if about[id] == nil {
				about[id] = make(map[string]*record)
			}
			about[id][r.kind] = r
		}
	}
	for _, c := range calls {
		if c.Answer.Code == "internal" {
			found = append(found, finding{byLog, e.index, "an error that the API does not know: " + c.String()})
		}
		if c.reads() {
			continue
		}
		found = append(found, twice(e, c, caused[c.Request])...)
		wrong := func(why string) { found = append(found, finding{byLog, e.index, why + ": " + c.String()}) }
		switch c.Answer.Verdict {
		case acknowledged:
			if why := missing(e, c, about); why != "" {
				lost++
				wrong(why)
			}
		case refused, nothing:
			for _, r := range caused[c.Request] {
				if !partOf(c, r) {
					wrong(fmt.Sprintf("not carried out, and yet there is %s at version %d", r.kind, r.version))
				}
			}
		}
	}
	return lost, found
}

// twice finds what a call did more than once. Any number of other holds may run out to make room for it.
func twice(e *event, c *call, caused []*record) (found []finding) {
	times := make(map[string]int)
	for _, r := range caused {
		if times[r.kind]++; times[r.kind] == 2 && r.kind != "hold.expired.v1" {
			found = append(found, finding{byLog, e.index, r.kind + " twice: " + c.String()})
		}
	}
	return found
}

// partOf reports whether a call that came to nothing may have left this in the log: it took seats, or began to pay, before
// it failed.
func partOf(c *call, r *record) bool {
	begun := c.Answer.Code == "hold_ended" || c.Answer.Verdict == nothing && c.Answer.Position > 0
	switch r.kind {
	case "seats.held.v1", "hold.expired.v1", "hold.released.v1":
		return c.What == book && begun
	case "payment.started.v1":
		return c.What == confirm && begun
	}
	return false
}

// missing says what an acknowledgement tells and the log does not have; empty: nothing.
func missing(e *event, c *call, about map[string]map[string]*record) string {
	id := c.Answer.Claim
	if id == "" {
		id = c.Claim
	}
	has := about[id]
	seen := func(kind string) bool { return has[kind] != nil }
	var r *record
	switch c.What {
	case book, confirm:
		r = has["booking.confirmed.v1"]
	case hold:
		r = has["seats.held.v1"]
	case cancel:
		r = has["booking.cancelled.v1"]
	case release:
		if !seen("hold.released.v1") && !seen("hold.expired.v1") {
			return "lost"
		}
		return ""
	}
	switch {
	case r == nil:
		return "lost"
	case e.buyerIndex(r.Buyer) != c.Buyer:
		return "somebody else's"
	case (c.What == book || c.What == hold) && (r.Quantity != c.Qty || e.sectionIndex(r.Section) != c.Section):
		return "other seats than were asked for"
	case (c.What == book || c.What == confirm) && r.version != c.Answer.Version:
		return fmt.Sprintf("it is at version %d", r.version)
	case !c.Answer.Replayed && c.Answer.Position < r.position:
		return fmt.Sprintf("it is at position %d, and %d was told", r.position, c.Answer.Position)
	}
	return ""
}
