package command

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// salesMetrics are what [Handlers] tell of the business. Why something was refused is told where refusals have their codes: by
// the API.
type salesMetrics struct {
	bookings  prometheus.Counter
	seats     prometheus.Counter
	cancelled prometheus.Counter
	payments  map[string]prometheus.Counter // by outcome
}

// What can become of a payment.
const (
	paymentCharged      = "charged"
	paymentDeclined     = "declined" // the gateway said no
	paymentFailed       = "failed"   // the gateway did not say
	paymentRefunded     = "refunded"
	paymentRefundFailed = "refund_failed" // settle by hand
	paymentUnsettled    = "unsettled"     // charged, and not known whether it is booked: settle by hand
)

func newSalesMetrics(registerer prometheus.Registerer) *salesMetrics {
	register := promauto.With(registerer)
	return &salesMetrics{
		bookings: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_bookings_total", Help: "Bookings that this node has confirmed.",
		}),
		seats: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_booked_seats_total", Help: "Seats of these.",
		}),
		cancelled: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_cancellations_total", Help: "Bookings that this node has cancelled.",
		}),
		payments: each(register.NewCounterVec(prometheus.CounterOpts{
			Name: "onsale_payments_total", Help: "Payments, and refunds of them, by what became of them.",
		}, []string{"outcome"}), paymentCharged, paymentDeclined, paymentFailed, paymentRefunded, paymentRefundFailed, paymentUnsettled),
	}
}

// booked counts the booking of a receipt, unless it is a repeated answer, and hands the receipt on.
func (m *salesMetrics) booked(r Receipt, err error) (Receipt, error) {
	if err == nil && !r.Replayed {
		m.bookings.Inc()
		m.seats.Add(float64(r.Claim.Quantity))
	}
	return r, err
}

// charged counts what became of a payment.
func (m *salesMetrics) charged(err error) {
	switch {
	case err == nil:
		m.payments[paymentCharged].Inc()
	case errors.Is(err, ErrPaymentDeclined):
		m.payments[paymentDeclined].Inc()
	default:
		m.payments[paymentFailed].Inc()
	}
}
