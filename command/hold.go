package command

import (
	"context"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// Hold asks for seats of an event to be kept for a while.
type Hold struct {
	EventID        uuid.UUID
	SectionID      uuid.UUID // zero: the only section there is
	Quantity       int
	Buyer          uuid.UUID
	IdempotencyKey string // the client's own name for this request; empty: none. The log gets a digest of it
	CorrelationID  string
}

// Hold takes the seats for [Options].HoldTTL. A repeated request gets the hold as it is now.
func (h *Handlers) Hold(_ context.Context, b Hold) (Receipt, error) {
	order := h.order("hold", b.EventID, b.SectionID, b.Quantity, b.Buyer, b.IdempotencyKey)
	return receipt(h.writer.Do(b.EventID, sale.Hold{Order: order, ExpiresAt: order.At.Add(h.options.HoldTTL)},
		by(order.ID, b.Buyer, b.CorrelationID)))
}
