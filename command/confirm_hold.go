package command

import (
	"context"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// ConfirmHold asks for the buyer's hold to be paid and to become a booking.
type ConfirmHold struct {
	HoldID        uuid.UUID
	Buyer         uuid.UUID
	CorrelationID string
}

// ConfirmHold pays and confirms. A hold whose payment fails goes on until its own time is over. A hold that is a booking
// already is answered as it was.
func (h *Handlers) ConfirmHold(ctx context.Context, c ConfirmHold) (Receipt, error) {
	stream, err := h.saleOf(ctx, c.HoldID, sale.ErrHoldNotFound)
	if err != nil {
		return Receipt{}, err
	}
	now, metadata := h.now(), by(newID(), c.Buyer, c.CorrelationID)
	if h.options.Payments == nil {
		return h.metrics.booked(booked(h.do(ctx, stream, sale.Confirm{Hold: c.HoldID, Buyer: c.Buyer, At: now}, metadata)))
	}
	started, err := h.do(ctx, stream, sale.StartPayment{
		Hold: c.HoldID, Buyer: c.Buyer, At: now, ExpiresAt: now.Add(h.options.PaymentTimeout + paymentGrace),
	}, metadata)
	if err != nil || !started.Changed {
		return booked(started, err)
	}
	return h.pay(ctx, started, metadata.CommandID, c.CorrelationID)
}
