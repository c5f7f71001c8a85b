package command

import (
	"context"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// ReleaseHold asks for the seats of the buyer's hold to be returned.
type ReleaseHold struct {
	HoldID        uuid.UUID
	Buyer         uuid.UUID
	CorrelationID string
}

// ReleaseHold returns the seats. A hold that has ended without a booking is released already.
func (h *Handlers) ReleaseHold(ctx context.Context, c ReleaseHold) (Receipt, error) {
	stream, err := h.saleOf(ctx, c.HoldID, sale.ErrHoldNotFound)
	if err != nil {
		return Receipt{}, err
	}
	return receipt(h.do(ctx, stream, sale.Release{Hold: c.HoldID, Buyer: c.Buyer, At: h.now()},
		by(newID(), c.Buyer, c.CorrelationID)))
}
