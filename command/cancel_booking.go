package command

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// CancelBooking asks for the seats of a booking to be returned.
type CancelBooking struct {
	BookingID     uuid.UUID
	User          uuid.UUID // zero: the operator
	Admin         bool      // the user may cancel what is not theirs
	Reason        string    // may be empty; it stays in the log, where the organiser reads it
	CorrelationID string
}

// CancelBooking cancels the booking and returns its seats; the buyer may book the event again.
func (h *Handlers) CancelBooking(ctx context.Context, c CancelBooking) (Receipt, error) {
	stream, err := h.saleOf(ctx, c.BookingID, sale.ErrBookingNotFound)
	if err != nil {
		return Receipt{}, err
	}
	r, err := receipt(h.do(ctx, stream, sale.Cancel{
		Booking: c.BookingID, User: c.User, Admin: c.Admin, Reason: strings.TrimSpace(c.Reason), At: h.now(),
	}, by(newID(), c.User, c.CorrelationID)))
	if err == nil && !r.Replayed {
		h.metrics.cancelled.Inc()
	}
	return r, err
}
