package command

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// Book asks for seats of an event, to be paid and booked in one go.
type Book struct {
	EventID        uuid.UUID
	SectionID      uuid.UUID // zero: the only section there is
	Quantity       int
	Buyer          uuid.UUID
	IdempotencyKey string // the client's own name for this request; empty: none. The log gets a digest of it
	CorrelationID  string
}

// Book takes the seats, pays, and confirms the booking; the seats are returned when the payment fails. So nobody pays and
// goes without, and nobody waits for somebody else's payment.
func (h *Handlers) Book(ctx context.Context, b Book) (Receipt, error) {
	order := h.order("book", b.EventID, b.SectionID, b.Quantity, b.Buyer, b.IdempotencyKey)
	metadata := by(order.ID, b.Buyer, b.CorrelationID)
	if h.options.Payments == nil {
		return h.metrics.booked(booked(h.do(ctx, b.EventID, sale.Book{Order: order}, metadata)))
	}
	held, err := h.do(ctx, b.EventID, sale.Hold{
		Order: order, Paying: true, ExpiresAt: order.At.Add(h.options.PaymentTimeout + paymentGrace),
	}, metadata)
	if err != nil || !held.Changed {
		return booked(held, err)
	}
	return h.pay(ctx, held, order.ID, b.CorrelationID)
}

// booked is the receipt of a booking as it was when it was confirmed, whatever has become of it since: a repeated request
// gets the answer that the first one got.
func booked(o Outcome, err error) (Receipt, error) {
	r, err := receipt(o, err)
	if err == nil {
		r.Claim.Status, r.Claim.CancelledAt = sale.Confirmed, time.Time{}
		r.Event.Remaining, r.Event.Version = r.Claim.RemainingAfter, r.Claim.VersionAfter
	}
	return r, err
}

// order is what a buyer asks for. Of the idempotency key it has a digest only: a client may put anything into a key, and
// the log cannot forget.
func (h *Handlers) order(command string, event, section uuid.UUID, quantity int, buyer uuid.UUID, key string) sale.Order {
	o := sale.Order{ID: newID(), Buyer: buyer, Section: section, Quantity: quantity, At: h.now()}
	if key != "" {
		o.Idempotency = sale.Idempotency{
			Key:         sale.Fingerprint(buyer.String(), key),
			Fingerprint: sale.Fingerprint(command, event.String(), section.String(), strconv.Itoa(quantity)),
		}
	}
	return o
}
