package verify

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// happen checks an event that is about a claim, and lets it happen.
func (l *ledger) happen(e sale.Event) {
	switch e := e.(type) {
	case sale.SeatsHeld:
		c := sale.Claim{
			ID: e.Hold, Buyer: e.Buyer, Seats: e.Seats, Status: sale.Held,
			CreatedAt: e.At, ExpiresAt: e.ExpiresAt, HeldUntil: e.ExpiresAt, Idempotency: e.Idempotency,
		}
		if e.Paying {
			c.Status, c.HeldUntil = sale.Paying, time.Time{}
		}
		l.selling(e.At)
		l.move(e.Seats, e.Quantity, 0)
		l.take(c)
	case sale.PaymentStarted:
		l.selling(e.At)
		l.change(e.Hold, e.Buyer, nil, "a hold that has not run out", func(c *sale.Claim) bool {
			fits := c.Status == sale.Held && e.At.Before(c.ExpiresAt)
			c.Status, c.ExpiresAt = sale.Paying, e.ExpiresAt
			return fits
		})
	case sale.PaymentFailed:
		l.change(e.Hold, e.Buyer, nil, "a hold that is being paid for", func(c *sale.Claim) bool {
			fits := c.Status == sale.Paying
			c.Status, c.ExpiresAt = sale.Held, e.ExpiresAt
			return fits
		})
	case sale.HoldReleased:
		l.move(e.Seats, -e.Quantity, 0)
		l.change(e.Hold, e.Buyer, &e.Seats, "a live hold", func(c *sale.Claim) bool {
			fits := c.Pending()
			c.Status = sale.Released
			return fits
		})
	case sale.HoldExpired:
		l.move(e.Seats, -e.Quantity, 0)
		l.change(e.Hold, e.Buyer, &e.Seats, "a hold that has run out", func(c *sale.Claim) bool {
			fits := c.Pending() && !e.At.Before(c.ExpiresAt)
			c.Status = sale.Expired
			return fits
		})
	case sale.BookingConfirmed:
		l.report.Bookings++
		l.confirm(e)
	case sale.BookingCancelled:
		l.move(e.Seats, 0, -e.Quantity)
		l.change(e.Booking, e.Buyer, &e.Seats, "a booking", func(c *sale.Claim) bool {
			fits := c.Status == sale.Confirmed
			c.Status, c.CancelledAt = sale.Cancelled, e.At
			return fits
		})
	case sale.SaleClosed:
		if l.closed {
			l.violate(ruleClosed, "a sale to be closed once", "%s again", e.EventType())
		}
		l.closed = true
	}
}

func (l *ledger) confirm(e sale.BookingConfirmed) {
	if !e.FromHold {
		l.selling(e.At)
		l.move(e.Seats, 0, e.Quantity)
		l.take(sale.Claim{
			ID: e.Booking, Buyer: e.Buyer, Seats: e.Seats, Status: sale.Confirmed,
			CreatedAt: e.At, ConfirmedAt: e.At, Idempotency: e.Idempotency,
			RemainingAfter: l.remaining, VersionAfter: l.version,
		})
		return
	}
	l.move(e.Seats, -e.Quantity, e.Quantity)
	l.change(e.Booking, e.Buyer, &e.Seats, "a hold that has not run out, or is being paid for", func(c *sale.Claim) bool {
		if c.Status == sale.Held {
			l.selling(e.At)
		}
		fits := c.Status == sale.Paying || c.Status == sale.Held && e.At.Before(c.ExpiresAt)
		c.Status, c.ConfirmedAt, c.ExpiresAt = sale.Confirmed, e.At, time.Time{}
		c.RemainingAfter, c.VersionAfter = l.remaining, l.version
		return fits
	})
}

// selling checks that seats may still be sold.
func (l *ledger) selling(at time.Time) {
	if l.closed {
		l.violate(ruleClosed, "nothing sold after the close", "seats taken at %s", momentOf(at))
	}
	if l.started(at) {
		l.violate(ruleStarted, "nothing sold from "+momentOf(l.opened.StartsAt).String()+" on", "seats taken at %s", momentOf(at))
	}
}

// take adds a claim.
func (l *ledger) take(c sale.Claim) {
	if s := l.section(c.Section); c.Quantity < 1 || c.Quantity > sale.MaxQuantity {
		l.violate(ruleAmounts, fmt.Sprintf("1 to %d seats", sale.MaxQuantity), "%d", c.Quantity)
	} else if s != nil && c.Amount != s.Price*int64(c.Quantity) {
		l.violate(ruleAmounts, fmt.Sprintf("%d × %d = %d", c.Quantity, s.Price, s.Price*int64(c.Quantity)), "%d", c.Amount)
	}
	if i, taken := l.byID[c.ID]; taken {
		l.violate(ruleClaims, "a hold or booking of its own", "the id %s of an earlier one", c.ID)
		l.count(&l.claims[i], -1)
		l.claims[i] = c
	} else {
		l.byID[c.ID] = len(l.claims)
		l.claims = append(l.claims, c)
	}
	if other, has := l.live[c.Buyer]; has && other != c.ID {
		l.violate(ruleOneEach, "buyer "+c.Buyer.String()+" to have nothing of this sale", "the live claim %s, and %s", other, c.ID)
	}
	l.live[c.Buyer] = c.ID
	l.count(&c, 1)
}

// change edits a claim that must be the buyer's and have the seats, where the event names them. Edit reports whether the
// claim was in a state for that; wanted says which.
func (l *ledger) change(id, buyer uuid.UUID, seats *sale.Seats, wanted string, edit func(*sale.Claim) bool) {
	i, ok := l.byID[id]
	if !ok {
		l.violate(ruleClaims, wanted, "no claim %s", id)
		return
	}
	c := &l.claims[i]
	before := *c
	l.count(c, -1)
	fits := edit(c)
	l.count(c, 1)
	switch {
	case !fits:
		l.violate(ruleClaims, wanted, "claim %s %s", id, describe(before))
	case c.Buyer != buyer:
		l.violate(ruleClaims, "buyer "+c.Buyer.String(), "buyer %s", buyer)
	case seats != nil && *seats != c.Seats:
		l.violate(ruleClaims, inWords(c.Seats), "%s", inWords(*seats))
	}
	if l.live[c.Buyer] == id && !c.Live() {
		delete(l.live, c.Buyer)
	}
}

// count adds a claim's seats to those of the live claims, or takes them away.
func (l *ledger) count(c *sale.Claim, sign int) {
	s := l.section(c.Section)
	switch {
	case s == nil:
	case c.Pending():
		s.claimed.held += sign * c.Quantity
	case c.Status == sale.Confirmed:
		s.claimed.booked += sign * c.Quantity
	}
}

// The statuses of claims, as the table of bookings has them.
var statuses = map[sale.Status]string{
	sale.Held: "HELD", sale.Paying: "PAYING", sale.Confirmed: "CONFIRMED", sale.Cancelled: "CANCELLED",
	sale.Released: "RELEASED", sale.Expired: "EXPIRED",
}

func describe(c sale.Claim) string {
	if c.Pending() {
		return fmt.Sprintf("is %s until %s", statuses[c.Status], momentOf(c.ExpiresAt))
	}
	return "is " + statuses[c.Status]
}

func inWords(s sale.Seats) string {
	return fmt.Sprintf("%d seats of section %s for %d", s.Quantity, s.Section, s.Amount)
}
