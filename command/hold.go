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

// Hold takes the seats for [Options].HoldTTL.
func (h *Handlers) Hold(ctx context.Context, b Hold) (Receipt, error) {
	order := h.order("hold", b.EventID, b.SectionID, b.Quantity, b.Buyer, b.IdempotencyKey)
	return held(h.do(ctx, b.EventID, sale.Hold{Order: order, ExpiresAt: order.At.Add(h.options.HoldTTL)},
		by(order.ID, b.Buyer, b.CorrelationID)))
}

// held is the receipt of a hold as it was when it was made, whatever has become of it since: a repeated request gets the
// answer that the first one got.
func held(o Outcome, err error) (Receipt, error) {
	r, err := receipt(o, err)
	if err == nil {
		r.Claim.Status, r.Claim.ExpiresAt = sale.Held, r.Claim.HeldUntil
	}
	return r, err
}
