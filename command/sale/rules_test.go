package sale

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// rules is a second opinion: it follows a history by itself and tells when an event, a refusal or a sale's counts break
// the rules. It shares no code with Sale.
type rules struct {
	version  int64 // how many events there have been
	start    time.Time
	closed   bool
	sections map[uuid.UUID]OpenedSection
	seats    map[uuid.UUID]seats // by claim
}

// seats are what a claim has or had.
type seats struct {
	buyer    uuid.UUID
	what     Seats
	state    string // "held", "paying", "booked", or "" when they were returned
	until    time.Time
	fallback time.Time // until when they are held if the payment fails
}

// apply follows one event.
func (r *rules) apply(e Event) error {
	r.version++
	if o, ok := e.(Opened); ok {
		if r.seats != nil {
			return errors.New("opened twice")
		}
		r.start, r.sections, r.seats = o.StartsAt, map[uuid.UUID]OpenedSection{}, map[uuid.UUID]seats{}
		for _, s := range o.Sections {
			r.sections[s.ID] = s
		}
		return nil
	}
	if err := r.follow(e); err != nil {
		return fmt.Errorf("%s: %w", e.EventType(), err)
	}
	for id := range r.sections {
		if free := r.free(id); free < 0 {
			return fmt.Errorf("%s: oversold by %d", e.EventType(), -free)
		}
	}
	return nil
}

func (r *rules) follow(e Event) error {
	switch e := e.(type) {
	case SeatsHeld:
		state := "held"
		if e.Paying {
			state = "paying"
		}
		return r.take(e.Hold, seats{e.Buyer, e.Seats, state, e.ExpiresAt, time.Time{}}, e.At)
	case BookingConfirmed:
		if !e.FromHold {
			return r.take(e.Booking, seats{e.Buyer, e.Seats, "booked", time.Time{}, time.Time{}}, e.At)
		}
		if hold := r.seats[e.Booking]; hold.state == "held" && (r.over(e.At) || !e.At.Before(hold.until)) {
			return errors.New("an unpaid hold was sold too late")
		}
		return r.turn(e.Booking, e.Buyer, e.Seats, "booked", "held", "paying")
	case PaymentStarted:
		hold := r.seats[e.Hold]
		if r.over(e.At) || !e.At.Before(hold.until) {
			return errors.New("too late")
		}
		hold.fallback, hold.until = hold.until, e.ExpiresAt
		r.seats[e.Hold] = hold
		return r.turn(e.Hold, e.Buyer, hold.what, "paying", "held")
	case PaymentFailed:
		hold := r.seats[e.Hold]
		if !e.ExpiresAt.Equal(hold.fallback) {
			return errors.New("the hold got another time than its own")
		}
		hold.until = hold.fallback
		r.seats[e.Hold] = hold
		return r.turn(e.Hold, e.Buyer, hold.what, "held", "paying")
	case HoldReleased:
		if hold := r.seats[e.Hold]; hold.state == "paying" && !e.PaymentFailed && e.At.Before(hold.until) {
			return errors.New("released while it was being paid for")
		}
		return r.turn(e.Hold, e.Buyer, e.Seats, "", "held", "paying")
	case HoldExpired:
		if e.At.Before(r.seats[e.Hold].until) {
			return errors.New("before its time")
		}
		return r.turn(e.Hold, e.Buyer, e.Seats, "", "held", "paying")
	case BookingCancelled:
		if r.started(e.At) {
			return errors.New("after the start")
		}
		return r.turn(e.Booking, e.Buyer, e.Seats, "", "booked")
	case SaleClosed:
		if r.closed || e.Reason == "" {
			return errors.New("again, or for no reason")
		}
		r.closed = true
		return nil
	}
	return errors.New("unknown")
}

func (r *rules) take(id uuid.UUID, s seats, at time.Time) error {
	section, known := r.sections[s.what.Section]
	_, again := r.seats[id]
	switch {
	case !known || again:
		return errors.New("unknown section, or an id that is taken")
	case s.what.Quantity < 1 || s.what.Quantity > 10 || s.what.Amount != section.Price*int64(s.what.Quantity):
		return errors.New("wrong quantity or amount")
	case r.over(at):
		return errors.New("after the start, or the close")
	case r.live(s.buyer) != "":
		return errors.New("this buyer has seats already")
	}
	r.seats[id] = s
	return nil
}

func (r *rules) turn(id, buyer uuid.UUID, what Seats, to string, from ...string) error {
	s := r.seats[id]
	if s.buyer != buyer || s.what != what {
		return errors.New("not the seats that were taken")
	}
	if !slices.Contains(from, s.state) {
		return fmt.Errorf("the seats are %q", s.state)
	}
	s.state = to
	r.seats[id] = s
	return nil
}

func (r *rules) started(at time.Time) bool { return !r.start.IsZero() && !at.Before(r.start) }

// over reports whether nothing may be sold any more.
func (r *rules) over(at time.Time) bool { return r.closed || r.started(at) }

// live is the state of the seats the buyer has, empty for none.
func (r *rules) live(buyer uuid.UUID) string {
	for _, s := range r.seats {
		if s.buyer == buyer && s.state != "" {
			return s.state
		}
	}
	return ""
}

func (r *rules) free(section uuid.UUID) int {
	held, booked := r.taken(section)
	return r.sections[section].OnSale - held - booked
}

func (r *rules) taken(section uuid.UUID) (held, booked int) {
	for _, s := range r.seats {
		switch {
		case s.what.Section != section || s.state == "":
		case s.state == "booked":
			booked += s.what.Quantity
		default:
			held += s.what.Quantity
		}
	}
	return held, booked
}

// agree compares a sale's counts and claims with what the history says.
func (r *rules) agree(s *Sale) error {
	if s.Closed != r.closed {
		return fmt.Errorf("closed: the sale says %v, its history %v", s.Closed, r.closed)
	}
	for _, section := range s.Sections {
		held, booked := r.taken(section.ID)
		if section.Remaining < 0 || section.Held != held || section.Booked != booked ||
			section.Remaining+section.Held+section.Booked != r.sections[section.ID].OnSale {
			return fmt.Errorf("section counts %+v, but %d are held and %d booked", section, held, booked)
		}
	}
	live := map[uuid.UUID]bool{}
	for id, want := range r.seats {
		c, _ := s.Claim(id)
		if c.Live() != (want.state != "") || c.Pending() != (want.state == "held" || want.state == "paying") || c.Seats != want.what {
			return fmt.Errorf("claim is %+v, but the seats are %+v", c, want)
		}
		if c.Live() && live[c.Buyer] {
			return fmt.Errorf("buyer %s has two live claims", c.Buyer)
		}
		live[c.Buyer] = live[c.Buyer] || c.Live()
	}
	return nil
}

// refused tells when the refusal of an order is not true: seats that were there are said to be gone, or a buyer who has
// none is said to have some.
func (r *rules) refused(o Order, err error) error {
	free, live := r.free(o.Section), r.live(o.Buyer)
	_, taken := r.seats[o.ID]
	for _, s := range r.seats {
		if pending := s.state == "held" || s.state == "paying"; pending && s.what.Section == o.Section && !o.At.Before(s.until) {
			free += s.what.Quantity
		}
	}
	var refusal *Refusal
	errors.As(err, &refusal)
	truths := map[error]bool{
		ErrSoldOut:           free == 0 && refusal != nil && refusal.Version == r.version,
		ErrNotEnoughTickets:  0 < free && free < o.Quantity && refusal != nil && refusal.Remaining == free && refusal.Version == r.version,
		ErrAlreadyBooked:     live == "booked",
		ErrAlreadyHolding:    live == "held",
		ErrBookingInProgress: live == "paying",
		ErrStarted:           r.started(o.At),
		ErrClosed:            r.closed && !r.started(o.At),
		ErrKeyReused:         o.Idempotency.Key != "" || taken,
	}
	for reason, holds := range truths {
		if errors.Is(err, reason) {
			if !holds {
				return fmt.Errorf("refused with %q (%+v) at version %d, but %d are free and the buyer's are %q", err, refusal, r.version, free, live)
			}
			return nil
		}
	}
	return fmt.Errorf("refused with %q, which was not expected", err)
}
