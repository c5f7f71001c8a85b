package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// pay charges for a hold that is Paying and confirms it, or returns its seats. It does not stop when ctx is cancelled.
// Beside an error the receipt has its Position only. id is the command that began the payment.
//
// Money is kept only for a booking: a payment that could not be confirmed is refunded, unless nobody can tell whether it
// was. What cannot be settled here is logged as an error, to be settled by hand.
func (h *Handlers) pay(ctx context.Context, held Outcome, id uuid.UUID, correlation string) (Receipt, error) {
	ctx = context.WithoutCancel(ctx)
	event, hold := held.Sale.ID, held.Claim
	p := Payment{ID: id, Booking: hold.ID, Buyer: hold.Buyer, Amount: hold.Amount, Currency: held.Sale.Currency}
	if err := h.charge(ctx, p); err != nil {
		failed, declined := h.unpaid(ctx, event, p, correlation, err)
		return Receipt{Position: max(held.Position, failed.Position)}, declined
	}
	confirmed, err := h.insist(ctx, event, sale.Confirm{Hold: hold.ID, Buyer: hold.Buyer, At: h.now()}, hold.Buyer, correlation)
	if err != nil {
		h.unbooked(ctx, event, p, err)
		return Receipt{Position: max(held.Position, confirmed.Position)}, err
	}
	r, err := booked(confirmed, nil)
	r.Replayed = false
	return h.metrics.booked(r, err)
}

// unpaid returns the seats of a payment that failed, and then the money, should it be gone. Its error is
// [ErrPaymentDeclined].
func (h *Handlers) unpaid(ctx context.Context, event uuid.UUID, p Payment, correlation string, cause error) (Outcome, error) {
	failed, err := h.insist(ctx, event, sale.FailPayment{Hold: p.Booking, Buyer: p.Buyer, At: h.now()}, p.Buyer, correlation)
	if err != nil {
		h.options.Log.Warn("the seats of a payment that failed stay taken until its time is over",
			"payment", p.ID, "booking", p.Booking, "event", event, "error", err)
	}
	if errors.Is(cause, ErrPaymentDeclined) {
		return failed, cause
	}
	h.refund(ctx, p, cause)
	return failed, fmt.Errorf("%w: %w", ErrPaymentDeclined, cause)
}

// unbooked settles a payment that could not be confirmed.
func (h *Handlers) unbooked(ctx context.Context, event uuid.UUID, p Payment, cause error) {
	if !errors.Is(cause, ErrOutcomeUnknown) {
		h.refund(ctx, p, cause)
		return
	}
	h.metrics.payments[paymentUnsettled].Inc()
	h.options.Log.Error("paid, and not known whether it is booked: settle by hand",
		"payment", p.ID, "booking", p.Booking, "buyer", p.Buyer, "event", event, "error", cause)
}

func (h *Handlers) charge(ctx context.Context, p Payment) error {
	ctx, span := startSpan(ctx, "charge")
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, h.options.PaymentTimeout)
	defer cancel()
	err := h.options.Payments.Charge(ctx, p)
	h.metrics.charged(err)
	return err
}

func (h *Handlers) refund(ctx context.Context, p Payment, cause error) {
	log := h.options.Log.With("payment", p.ID, "booking", p.Booking, "buyer", p.Buyer, "amount", p.Amount, "currency", p.Currency)
	log.Warn("refunding a payment", "cause", cause)
	var err error
	repeat(func() (done bool) {
		ctx, cancel := context.WithTimeout(ctx, h.options.PaymentTimeout)
		defer cancel()
		err = h.options.Payments.Refund(ctx, p)
		return err == nil
	})
	if err != nil {
		h.metrics.payments[paymentRefundFailed].Inc()
		log.Error("refund failed: settle by hand", "error", err)
		return
	}
	h.metrics.payments[paymentRefunded].Inc()
}

// insist gives a command that follows a payment again and again while the writer is too busy or the log out of reach: a
// buyer who has paid must not go without for that. The command finds its work done if an earlier try took place after
// all. The error is [ErrOutcomeUnknown] if any try may have taken place, and no later one was decided.
func (h *Handlers) insist(ctx context.Context, event uuid.UUID, c sale.Command, user uuid.UUID, correlation string) (o Outcome, err error) {
	var doubt error
	repeat(func() (done bool) {
		o, err = h.do(ctx, event, c, by(newID(), user, correlation))
		if errors.Is(err, ErrOutcomeUnknown) {
			doubt = err
		}
		return decided(err) || errors.Is(err, ErrStopped)
	})
	if decided(err) {
		return o, err
	}
	return Outcome{}, cmp.Or(doubt, err)
}

// decided reports whether a command with this error was decided, so that trying again would change nothing.
func decided(err error) bool {
	for _, passing := range []error{ErrOverloaded, ErrContended, ErrUnavailable, ErrOutcomeUnknown, ErrStopped} {
		if errors.Is(err, passing) {
			return false
		}
	}
	return true
}

// repeat tries until it is done, with growing pauses, for about half of the paymentGrace: so long the seats of a payment
// that was in time are certainly there, whatever the clocks of other nodes say.
func repeat(try func() (done bool)) {
	pause := 50 * time.Millisecond
	for end := time.Now().Add(paymentGrace / 2); !try() && time.Now().Before(end); pause = min(2*pause, 2*time.Second) {
		time.Sleep(pause)
	}
}
