package command

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// Book asks for seats of an event, to be paid and booked in one go.
type Book struct {
	EventID        uuid.UUID
	SectionID      uuid.UUID // zero: the only section there is
	Quantity       int
	Buyer          uuid.UUID
	IdempotencyKey string // empty: none
	CorrelationID  string
}

// Book takes the seats, pays, and confirms the booking; the seats are returned when the payment fails. So nobody pays and
// goes without, and nobody waits for somebody else's payment.
func (h *Handlers) Book(ctx context.Context, b Book) (Receipt, error) {
	order := h.order("book", b.EventID, b.SectionID, b.Quantity, b.Buyer, b.IdempotencyKey)
	metadata := by(order.ID, b.Buyer, b.CorrelationID)
	if h.options.Payments == nil {
		o, err := h.writer.Do(b.EventID, sale.Book{Order: order}, metadata)
		return booked(o), err
	}
	held, err := h.writer.Do(b.EventID, sale.Hold{
		Order: order, Paying: true, ExpiresAt: order.At.Add(h.options.PaymentTimeout + paymentGrace),
	}, metadata)
	if err != nil || !held.Changed {
		return booked(held), err
	}
	return h.pay(ctx, receipt(held), b.CorrelationID)
}

// booked is the receipt of a booking. A repeated request gets the answer that the first one got.
func booked(o Outcome) Receipt {
	r := receipt(o)
	if r.Replayed && r.Claim.ID != uuid.Nil {
		r.Claim.Status = sale.Confirmed
		r.Event.Remaining = r.Claim.RemainingAfter
	}
	return r
}

func (h *Handlers) order(command string, event, section uuid.UUID, quantity int, buyer uuid.UUID, key string) sale.Order {
	o := sale.Order{ID: newID(), Buyer: buyer, Section: section, Quantity: quantity, At: h.now()}
	if key != "" {
		o.Idempotency = sale.Idempotency{
			Key:         key,
			Fingerprint: sale.Fingerprint(command, event.String(), section.String(), strconv.Itoa(quantity)),
		}
	}
	return o
}
