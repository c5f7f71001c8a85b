package main

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A standing is what a buyer has of a sale from a version on.
type standing struct {
	from     int64
	bookings map[string]possession
	holds    map[string]keep
}

// A keep is a hold, and until when.
type keep struct {
	possession
	until time.Time
}

// standings is what each buyer had, by the log: one after the other, each until the next.
func standings(e *event, log []record) map[int][]standing {
	all := make(map[int][]standing)
	for i := range e.buyers {
		all[i] = []standing{{from: 1}}
	}
	for i := range log {
		r := &log[i]
		buyer := e.buyerIndex(r.Buyer)
		if r.claim() == "" || buyer < 0 {
			continue
		}
		before := all[buyer][len(all[buyer])-1]
		now := standing{from: r.version, bookings: maps.Clone(before.bookings), holds: maps.Clone(before.holds)}
		if now.bookings == nil {
			now.bookings, now.holds = make(map[string]possession), make(map[string]keep)
		}
		claim := possession{ID: r.claim(), Event: e.id, Section: r.Section, Qty: r.Quantity}
		switch r.kind {
		case "seats.held.v1", "payment.started.v1":
			if claim.Status = "HELD"; r.Paying || r.kind == "payment.started.v1" {
				claim.Status = "PAYING"
			}
			if was, held := now.holds[claim.ID]; held {
				claim.Section, claim.Qty = was.Section, was.Qty
			}
			now.holds[claim.ID] = keep{claim, r.ExpiresAt}
		case "hold.released.v1", "hold.expired.v1":
			delete(now.holds, claim.ID)
		case "booking.confirmed.v1":
			claim.Status = "CONFIRMED"
			delete(now.holds, claim.ID)
			now.bookings[claim.ID] = claim
		case "booking.cancelled.v1":
			claim.Status = "CANCELLED"
			now.bookings[claim.ID] = claim
		}
		all[buyer] = append(all[buyer], now)
	}
	return all
}

// versionOfClaims is the least version at which a buyer had what a list of bookings or holds shows; 0: there is none at which it
// may have shown that.
func (w *witness) versionOfClaims(c *call) int64 {
	least, why := w.floor(c)
	most := w.ceiling(c)
	other := int64(0) // at which it was so, too late or too early
	mine := w.belongs[c.Buyer]
	for i, s := range mine {
		until := int64(len(w.sums.free))
		if i+1 < len(mine) {
			until = mine[i+1].from - 1
		}
		if !w.shows(c, s, least) {
			continue
		}
		if until >= least && s.from <= most {
			return max(s.from, least)
		}
		other = s.from
	}
	switch {
	case other == 0:
		w.wrong(c, "this buyer never had just that")
	case other < least:
		w.wrong(c, fmt.Sprintf("as it was at version %d, which is older than version %d, which %s", other, least, why))
	default:
		w.wrong(c, fmt.Sprintf("as it was at version %d, which was asked for later", other))
	}
	return 0
}

// listMost is how many rows a list of bookings has at most.
const listMost = 50

// shows reports whether the call shows what the buyer had. The rows of bookings are counted before they are read.
func (w *witness) shows(c *call, s standing, least int64) bool {
	if c.What == listHolds {
		return w.showsHolds(c, s)
	}
	for _, r := range c.Answer.Claims {
		if s.bookings[r.ID] != r {
			return false
		}
	}
	fewest := 0
	for _, earlier := range w.belongs[c.Buyer] {
		if earlier.from <= least {
			fewest = len(earlier.bookings)
		}
	}
	return len(c.Answer.Claims) == min(len(s.bookings), listMost) && c.Answer.Total >= min(fewest, len(s.bookings)) && c.Answer.Total <= len(s.bookings)
}

// showsHolds is likewise: it leaves out holds that are over by its node's clock.
func (w *witness) showsHolds(c *call, s standing) bool {
	low, high := w.clocks[c.Node].during(c.Called, c.Returned)
	for _, r := range c.Answer.Claims {
		if k, has := s.holds[r.ID]; !has || k.possession != r || k.until.Sub(w.began.Round(0)) <= low {
			return false
		}
	}
	for id, k := range s.holds {
		if k.until.Sub(w.began.Round(0)) > high && !slices.ContainsFunc(c.Answer.Claims, func(r possession) bool { return r.ID == id }) {
			return false
		}
	}
	return true
}
