package sale

import (
	"time"

	"github.com/google/uuid"
)

// Evolve applies the sale's next event. It trusts it: whatever is in the log has happened.
func (s *Sale) Evolve(e Event) {
	s.Version++
	switch e := e.(type) {
	case Opened:
		s.open(e)
	case SeatsHeld:
		s.hold(e)
	case PaymentStarted:
		s.change(e.Hold, func(c *Claim) { c.Status, c.ExpiresAt = Paying, e.ExpiresAt })
	case PaymentFailed:
		s.change(e.Hold, func(c *Claim) { c.Status, c.ExpiresAt = Held, e.ExpiresAt })
	case HoldReleased:
		s.give(e.Seats, -e.Quantity, 0)
		s.change(e.Hold, func(c *Claim) { c.Status = Released })
	case HoldExpired:
		s.give(e.Seats, -e.Quantity, 0)
		s.change(e.Hold, func(c *Claim) { c.Status = Expired })
	case BookingConfirmed:
		s.confirm(e)
	case BookingCancelled:
		s.give(e.Seats, 0, -e.Quantity)
		s.change(e.Booking, func(c *Claim) { c.Status, c.CancelledAt = Cancelled, e.At })
	case SaleClosed:
		s.Closed = true
	}
}

func (s *Sale) open(e Opened) {
	s.Organizer, s.Title, s.Description, s.Venue = e.Organizer, e.Title, e.Description, e.Venue
	s.Currency, s.StartsAt, s.TimeZone, s.OpenedAt = e.Currency, e.StartsAt, e.TimeZone, e.At
	for _, o := range e.Sections {
		s.Sections = append(s.Sections, Section{
			ID: o.ID, Name: o.Name, Price: o.Price, Capacity: o.Capacity, OnSale: o.OnSale, Remaining: o.OnSale,
		})
	}
}

func (s *Sale) hold(e SeatsHeld) {
	s.give(e.Seats, e.Quantity, 0)
	c := &Claim{
		ID: e.Hold, Buyer: e.Buyer, Seats: e.Seats, Status: Held,
		CreatedAt: e.At, ExpiresAt: e.ExpiresAt, HeldUntil: e.ExpiresAt, Idempotency: e.Idempotency,
	}
	if e.Paying {
		c.Status, c.HeldUntil = Paying, time.Time{}
	}
	s.add(c)
}

func (s *Sale) confirm(e BookingConfirmed) {
	if e.FromHold {
		s.give(e.Seats, -e.Quantity, e.Quantity)
		s.change(e.Booking, func(c *Claim) {
			c.Status, c.ConfirmedAt, c.ExpiresAt = Confirmed, e.At, time.Time{}
			c.RemainingAfter, c.VersionAfter = s.Remaining(), s.Version
		})
		return
	}
	s.give(e.Seats, 0, e.Quantity)
	s.add(&Claim{
		ID: e.Booking, Buyer: e.Buyer, Seats: e.Seats, Status: Confirmed,
		CreatedAt: e.At, ConfirmedAt: e.At, Idempotency: e.Idempotency,
		RemainingAfter: s.Remaining(), VersionAfter: s.Version,
	})
}

// give moves seats of one section to (or, negative, from) the held and the booked ones; the free ones make up for both.
func (s *Sale) give(seats Seats, held, booked int) {
	section := s.section(seats.Section)
	if section == nil {
		return
	}
	section.Held += held
	section.Booked += booked
	section.Remaining -= held + booked
}

func (s *Sale) add(c *Claim) {
	c.previous, _ = s.latest.get(c.Buyer)
	s.latest.set(c.Buyer, c.ID)
	c.number = s.claimed
	s.claimed++
	s.put(c)
}

// change replaces a claim with a changed copy: forks share the claims themselves.
func (s *Sale) change(id uuid.UUID, edit func(*Claim)) {
	old, ok := s.claims.get(id)
	if !ok {
		return
	}
	if old.Pending() {
		s.deadlines.remove(old)
	}
	c := *old
	edit(&c)
	s.put(&c)
}

func (s *Sale) put(c *Claim) {
	s.claims.set(c.ID, c)
	switch {
	case s.claims.base != nil: // a fork
	case int(c.number) == len(s.made):
		s.made = append(s.made, c)
	default:
		s.made[c.number] = c
	}
	if c.Pending() {
		s.deadlines.add(c)
	}
}
