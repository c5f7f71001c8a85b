package sale

import (
	"github.com/google/uuid"
)

// Decide says which events the command causes, or why it is refused: with a [*Refusal], one of the Err values, or
// [*FieldError]s joined by errors.Join. It changes nothing. A command that finds its work done already causes no events
// and no error.
func Decide(s *Sale, c Command) ([]Event, error) {
	if open, opening := c.(Open); opening == s.Exists() {
		if opening {
			return nil, open.again(s)
		}
		return nil, ErrEventNotFound
	}
	return c.decide(s)
}

// Subject returns the hold or booking that the command was about, as the sale has it after the command's events; the zero
// Claim when there is none.
func Subject(s *Sale, c Command) Claim {
	claim, _ := s.Claim(c.claim(s))
	return claim
}

func (c StartPayment) decide(s *Sale) ([]Event, error) {
	hold, err := s.holdOf(c.Hold, c.Buyer)
	switch {
	case err != nil:
		return nil, err
	case hold.Status == Confirmed:
		return nil, nil
	case !hold.Pending() || hold.due(c.At):
		return nil, ErrHoldEnded
	case hold.Status == Paying:
		return nil, &Refusal{Reason: ErrBookingInProgress, ClaimID: hold.ID}
	}
	if err := s.over(c.At); err != nil {
		return nil, err
	}
	return []Event{PaymentStarted{Hold: hold.ID, Buyer: hold.Buyer, ExpiresAt: c.ExpiresAt, At: c.At}}, nil
}

// A buyer who has paid too late gets the seats all the same, as long as nobody else wanted them, and one who began to pay
// before the event started or the sale was closed, too.
func (c Confirm) decide(s *Sale) ([]Event, error) {
	hold, err := s.holdOf(c.Hold, c.Buyer)
	switch {
	case err != nil:
		return nil, err
	case hold.Status == Confirmed:
		return nil, nil
	case !hold.Pending() || hold.Status == Held && hold.due(c.At):
		return nil, ErrHoldEnded
	}
	if err := s.over(c.At); err != nil && hold.Status == Held {
		return nil, err
	}
	return []Event{BookingConfirmed{
		Booking: hold.ID, Buyer: hold.Buyer, Seats: hold.Seats, FromHold: true, At: c.At, Idempotency: hold.Idempotency,
	}}, nil
}

func (c FailPayment) decide(s *Sale) ([]Event, error) {
	hold, err := s.holdOf(c.Hold, c.Buyer)
	switch {
	case err != nil:
		return nil, err
	case hold.Status != Paying:
		return nil, nil
	case hold.HeldUntil.IsZero():
		return []Event{HoldReleased{
			Hold: hold.ID, Buyer: hold.Buyer, Seats: hold.Seats, PaymentFailed: true, At: c.At,
		}}, nil
	}
	return []Event{PaymentFailed{Hold: hold.ID, Buyer: hold.Buyer, ExpiresAt: hold.HeldUntil, At: c.At}}, nil
}

func (c Release) decide(s *Sale) ([]Event, error) {
	hold, err := s.holdOf(c.Hold, c.Buyer)
	switch {
	case err != nil:
		return nil, err
	case hold.Status == Released || hold.Status == Expired:
		return nil, nil
	case hold.Status == Paying && !hold.due(c.At):
		return nil, &Refusal{Reason: ErrBookingInProgress, ClaimID: hold.ID}
	case !hold.Pending():
		return nil, ErrHoldEnded
	}
	return []Event{HoldReleased{Hold: hold.ID, Buyer: hold.Buyer, Seats: hold.Seats, At: c.At}}, nil
}

// holdOf returns the claim; a foreign one is as good as none.
func (s *Sale) holdOf(id, buyer uuid.UUID) (*Claim, error) {
	c, ok := s.claims.get(id)
	if !ok || c.Buyer != buyer {
		return nil, ErrHoldNotFound
	}
	return c, nil
}

func (c Cancel) decide(s *Sale) ([]Event, error) {
	booking, ok := s.claims.get(c.Booking)
	switch {
	case !ok || booking.ConfirmedAt.IsZero():
		return nil, ErrBookingNotFound
	case booking.Buyer != c.User && !c.Admin:
		return nil, ErrNotYours
	case booking.Status == Cancelled:
		return nil, ErrAlreadyCancelled
	case s.started(c.At):
		return nil, ErrStarted
	}
	if err := checkReason(c.Reason, 0); err != nil {
		return nil, err
	}
	return []Event{BookingCancelled{
		Booking: booking.ID, Buyer: booking.Buyer, Seats: booking.Seats, By: c.User, Reason: c.Reason, At: c.At,
	}}, nil
}

// What holds for the start of the event holds for this end: bookings stay, what is being paid for may be finished, and the
// holds that nobody pays for can no longer be paid. These are left to run out, which takes minutes: a sale may have more
// of them than one append should. There is no way back: who was told that sales are closed has gone, and tickets would be
// sold to whoever looks again by chance.
func (c Close) decide(s *Sale) ([]Event, error) {
	if s.Closed {
		return nil, nil
	}
	if err := checkReason(c.Reason, 1); err != nil {
		return nil, err
	}
	return []Event{SaleClosed{By: c.User, Reason: c.Reason, At: c.At}}, nil
}

const maxReason = 200 // characters

func checkReason(reason string, shortest int) error {
	return checkText("reason", reason, shortest, maxReason)
}

func (c ExpireHolds) decide(s *Sale) ([]Event, error) {
	var expired []Event
	for _, section := range s.Sections {
		for hold := range s.deadlines.until(section.ID, c.At) {
			if len(expired) == c.Limit {
				return expired, nil
			}
			expired = append(expired, expire(hold, c.At))
		}
	}
	return expired, nil
}
