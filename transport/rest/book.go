package rest

import (
	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
)

func (a *api) book(c *call) error {
	in, key, err := seats(c)
	if err != nil {
		return err
	}
	receipt, err := a.Commands.Book(c.r.Context(), command.Book{
		EventID: in.EventID, SectionID: in.section(), Quantity: in.quantity(),
		Buyer: c.caller.UserID, IdempotencyKey: key, CorrelationID: c.id,
	})
	c.position(receipt.Position)
	if err != nil {
		return err
	}
	return c.booked(receipt)
}

// seats reads what booking and holding have in common.
func seats(c *call) (Seats, string, error) {
	in, err := decode[Seats](c)
	if err != nil {
		return in, "", err
	}
	key, err := idempotencyKey(c.r)
	return in, key, err
}

func (s Seats) section() uuid.UUID {
	if s.SectionID == nil {
		return uuid.Nil
	}
	return *s.SectionID
}

func (s Seats) quantity() int {
	if s.Qty == nil {
		return 1
	}
	return *s.Qty
}

// replayed says so when the answer was given before.
func (c *call) replayed(receipt command.Receipt) {
	if receipt.Replayed {
		c.Header().Set("Idempotency-Replayed", "true")
	}
}

func (c *call) booked(receipt command.Receipt) error {
	c.replayed(receipt)
	return c.created("/bookings/", receipt.Claim.ID, bookingReceiptOf(receipt))
}

func bookingReceiptOf(r command.Receipt) BookingReceipt {
	claim := r.Claim
	return BookingReceipt{
		Booking: Booking{
			ID: claim.ID, EventID: r.Event.ID, SectionID: claim.Section, UserID: claim.Buyer,
			Status: bookingStatusOf(claim.Status), Quantity: claim.Quantity,
			Amount: money(claim.Amount, r.Event.Currency), Currency: r.Event.Currency, CreatedAt: claim.ConfirmedAt,
		},
		Event: eventCountOf(r.Event),
	}
}

func bookingStatusOf(s sale.Status) BookingStatus {
	if s == sale.Cancelled {
		return BookingStatusCANCELLED
	}
	return BookingStatusCONFIRMED
}

func eventCountOf(s sale.Summary) EventCount {
	return EventCount{ID: s.ID, Title: s.Title, RemainingTickets: s.Remaining, Version: s.Version}
}
