package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// pay charges for a hold that is Paying and confirms it, or returns its seats. It does not stop when ctx is cancelled.
func (h *Handlers) pay(ctx context.Context, held Receipt, correlation string) (Receipt, error) {
	ctx = context.WithoutCancel(ctx)
	event, hold := held.Event.ID, held.Claim
	payment := Payment{ID: hold.ID, Buyer: hold.Buyer, Amount: hold.Amount, Currency: held.Event.Currency}
	if err := h.charge(ctx, payment); err != nil {
		_, failed := h.insist(event, sale.FailPayment{Hold: hold.ID, Buyer: hold.Buyer, At: h.now()}, hold.Buyer, correlation)
		return Receipt{}, errors.Join(err, failed)
	}
	confirmed, err := h.insist(event, sale.Confirm{Hold: hold.ID, Buyer: hold.Buyer, At: h.now()}, hold.Buyer, correlation)
	if errors.Is(err, sale.ErrHoldEnded) {
		h.refund(ctx, payment, err)
	}
	if err != nil {
		h.options.Log.Error("a paid booking could not be confirmed", "booking", payment.ID, "event", event, "error", err)
		return Receipt{Position: confirmed.Position}, err
	}
	r := receipt(confirmed)
	r.Replayed = false
	return r, nil
}

// charge takes the money or fails with ErrPaymentDeclined, having given back what it may have taken.
func (h *Handlers) charge(ctx context.Context, p Payment) error {
	bounded, cancel := context.WithTimeout(ctx, h.options.PaymentTimeout)
	defer cancel()
	err := h.options.Payments.Charge(bounded, p)
	if err == nil || errors.Is(err, ErrPaymentDeclined) {
		return err
	}
	h.refund(ctx, p, err)
	return fmt.Errorf("%w: %w", ErrPaymentDeclined, err)
}

func (h *Handlers) refund(ctx context.Context, p Payment, cause error) {
	ctx, cancel := context.WithTimeout(ctx, h.options.PaymentTimeout)
	defer cancel()
	h.options.Log.Warn("refunding a payment", "booking", p.ID, "cause", cause)
	if err := h.options.Payments.Refund(ctx, p); err != nil {
		h.options.Log.Error("refund failed: to be made by hand", "booking", p.ID, "error", err)
	}
}

// insist gives a command that follows a payment again and again as long as the seats are certainly there, while the writer
// is too busy or the log out of reach: a buyer who has paid must not go without for that. The command finds its work done
// if an earlier try took place after all.
func (h *Handlers) insist(event uuid.UUID, c sale.Command, user uuid.UUID, correlation string) (Outcome, error) {
	pause := 50 * time.Millisecond
	for deadline := time.Now().Add(paymentGrace / 2); ; pause = min(2*pause, 2*time.Second) {
		o, err := h.writer.Do(event, c, by(newID(), user, correlation))
		passing := errors.Is(err, ErrOverloaded) || errors.Is(err, ErrContended) ||
			errors.Is(err, ErrUnavailable) || errors.Is(err, ErrOutcomeUnknown)
		if !passing || time.Now().After(deadline) {
			return o, err
		}
		time.Sleep(pause)
	}
}
