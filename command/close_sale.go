package command

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// CloseSale asks for the selling of an event to end before its time, for good.
type CloseSale struct {
	EventID       uuid.UUID
	User          uuid.UUID // zero: the operator
	Reason        string    // it stays in the log, where the organiser reads it
	CorrelationID string
}

// CloseSale closes the sale. Nothing is sold from here on, at any node, but what is being paid for already; bookings stay. A
// sale that is closed already stays as it is, and the receipt is Replayed.
func (h *Handlers) CloseSale(ctx context.Context, c CloseSale) (Receipt, error) {
	return receipt(h.do(ctx, c.EventID, sale.Close{User: c.User, Reason: strings.TrimSpace(c.Reason), At: h.now()},
		by(newID(), c.User, c.CorrelationID)))
}
