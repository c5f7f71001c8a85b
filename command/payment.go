package command

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// ErrPaymentDeclined says that the buyer could not pay. The seats have been returned, or will be when their time is over;
// a hold that was there before the payment goes on. What may have been taken is given back.
var ErrPaymentDeclined = errors.New("the payment was declined")

// A Payment is what a buyer is to pay.
type Payment struct {
	// ID names one attempt to pay: it is the id of the command that began it, by which the log finds it. A gateway
	// charges an ID once, however often it is asked.
	ID uuid.UUID
	// Booking is what is paid for. After a payment that failed, a hold may be paid for again, under another ID.
	Booking  uuid.UUID
	Buyer    uuid.UUID
	Amount   int64 // in minor units
	Currency string
}

// Payments is the payment gateway. It is called while the seats are held and outside of every database transaction, so it
// may take its time: nobody else waits for it.
type Payments interface {
	// Charge takes the money. [ErrPaymentDeclined] means that it did not. After any other error, the end of ctx among
	// them, it may have: the caller refunds.
	Charge(ctx context.Context, p Payment) error
	// Refund gives back, once, what Charge took for p.ID, and does nothing where it took nothing; it also ends a charge
	// that is still under way. After an error it is called again for a while.
	Refund(ctx context.Context, p Payment) error
}

// SimulatedPayments is a gateway that takes its time and declines nobody.
type SimulatedPayments struct {
	Delay time.Duration
}

// Charge returns after the delay.
func (g SimulatedPayments) Charge(ctx context.Context, _ Payment) error {
	timer := time.NewTimer(g.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Refund has nothing to give back.
func (SimulatedPayments) Refund(context.Context, Payment) error { return nil }
