package sale

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

func (c Book) decide(s *Sale) ([]Event, error) {
	section, expired, err := c.place(s)
	if section == nil || err != nil {
		return nil, err
	}
	return append(expired, BookingConfirmed{
		Booking: c.ID, Buyer: c.Buyer, Seats: c.seats(section), At: c.At, Idempotency: c.Idempotency,
	}), nil
}

func (c Hold) decide(s *Sale) ([]Event, error) {
	section, expired, err := c.place(s)
	if section == nil || err != nil {
		return nil, err
	}
	return append(expired, SeatsHeld{
		Hold: c.ID, Buyer: c.Buyer, Seats: c.seats(section), Paying: c.Paying,
		ExpiresAt: c.ExpiresAt, At: c.At, Idempotency: c.Idempotency,
	}), nil
}

// place finds the section in which the order's seats are free, and the holds that have to expire first. No section and no
// error: the order has been carried out before.
func (o Order) place(s *Sale) (*Section, []Event, error) {
	if o.Quantity < 1 || o.Quantity > MaxQuantity {
		return nil, nil, invalid("qty", "must be 1 to %d", MaxQuantity)
	}
	earlier, err := o.earlier(s)
	if earlier != nil || err != nil {
		return nil, nil, err
	}
	expired, err := o.free(s)
	if err != nil {
		return nil, nil, err
	}
	if err := s.over(o.At); err != nil {
		return nil, nil, err
	}
	section, err := s.choose(o.Section)
	if err != nil {
		return nil, nil, err
	}
	expired, err = o.room(s, section, expired)
	return section, expired, err
}

// earlier finds what became of the same request when it came before. A hold that ended without a booking does not count:
// the buyer may try again with the same key. One that came with its payment has no answer yet while that is under way.
func (o Order) earlier(s *Sale) (*Claim, error) {
	if _, taken := s.claims.get(o.ID); taken {
		return nil, ErrKeyReused
	}
	if o.Idempotency.Key == "" {
		return nil, nil
	}
	for c := range s.recent(o.Buyer) {
		switch {
		case c.Idempotency.Key != o.Idempotency.Key || c.Status == Released || c.Status == Expired || c.due(o.At):
			continue
		case c.Idempotency.Fingerprint != o.Idempotency.Fingerprint:
			return nil, ErrKeyReused
		case c.Status == Paying && c.HeldUntil.IsZero():
			return nil, &Refusal{Reason: ErrBookingInProgress, ClaimID: c.ID}
		}
		return c, nil
	}
	return nil, nil
}

// free makes sure that the buyer has nothing of this sale. A hold of theirs whose time is over expires.
func (o Order) free(s *Sale) ([]Event, error) {
	c := s.live(o.Buyer)
	switch {
	case c == nil:
		return nil, nil
	case c.Status == Confirmed:
		return nil, &Refusal{Reason: ErrAlreadyBooked, ClaimID: c.ID}
	case c.due(o.At):
		return []Event{expire(c, o.At)}, nil
	case c.Status == Paying:
		return nil, &Refusal{Reason: ErrBookingInProgress, ClaimID: c.ID}
	default:
		return nil, &Refusal{Reason: ErrAlreadyHolding, ClaimID: c.ID}
	}
}

func (s *Sale) choose(id uuid.UUID) (*Section, error) {
	if id == uuid.Nil {
		if len(s.Sections) != 1 {
			return nil, &Refusal{Reason: ErrSectionRequired, Sections: slices.Clone(s.Sections)}
		}
		return &s.Sections[0], nil
	}
	if section := s.section(id); section != nil {
		return section, nil
	}
	return nil, &Refusal{Reason: ErrUnknownSection, Sections: slices.Clone(s.Sections)}
}

// room makes sure that the section has the seats, and adds to expired as many holds that are due as it takes.
func (o Order) room(s *Sale, section *Section, expired []Event) ([]Event, error) {
	free := section.Remaining
	for _, e := range expired {
		if e := e.(HoldExpired); e.Section == section.ID {
			free += e.Quantity
		}
	}
	if free >= o.Quantity {
		return expired, nil
	}
	for c := range s.deadlines.until(section.ID, o.At) {
		if c.Buyer == o.Buyer {
			continue // free has seen to it
		}
		expired = append(expired, expire(c, o.At))
		if free += c.Quantity; free >= o.Quantity {
			return expired, nil
		}
	}
	if free == 0 {
		return nil, &Refusal{Reason: ErrSoldOut, Version: s.Version}
	}
	return nil, &Refusal{Reason: ErrNotEnoughTickets, Remaining: free, Version: s.Version}
}

func (o Order) seats(section *Section) Seats {
	return Seats{Section: section.ID, Quantity: o.Quantity, Amount: section.Price * int64(o.Quantity)}
}

func expire(c *Claim, at time.Time) HoldExpired {
	return HoldExpired{Hold: c.ID, Buyer: c.Buyer, Seats: c.Seats, At: at}
}
