package command

import (
	"context"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// CancelBooking asks for the seats of a booking to be returned.
type CancelBooking struct {
	BookingID     uuid.UUID
	User          uuid.UUID
	Admin         bool // the user may cancel what is not theirs
	CorrelationID string
}

// CancelBooking cancels the booking and returns its seats; the buyer may book the event again.
func (h *Handlers) CancelBooking(ctx context.Context, c CancelBooking) (Receipt, error) {
	stream, err := h.saleOf(ctx, c.BookingID, sale.ErrBookingNotFound)
	if err != nil {
		return Receipt{}, err
	}
	return receipt(h.writer.Do(stream, sale.Cancel{Booking: c.BookingID, User: c.User, Admin: c.Admin, At: h.now()},
		by(newID(), c.User, c.CorrelationID)))
}
