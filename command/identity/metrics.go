package identity

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onsale/command/gate"
)

// metrics are what a Service tells of hashing passwords, which is what it costs.
type metrics struct {
	took     prometheus.Histogram
	rejected prometheus.Counter
	gaveUp   prometheus.Counter
}

// newMetrics has them registered; with no registerer nobody sees them.
func newMetrics(registerer prometheus.Registerer, g gate.Gate) metrics {
	register := promauto.With(registerer)
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_password_hashing_waiting", Help: "Requests that wait for their password to be hashed.",
	}, func() float64 { return float64(g.Waiting()) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_password_hashing_running", Help: "Passwords that are being hashed.",
	}, func() float64 { return float64(g.Running()) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_password_hashing_places", Help: "Requests that may wait or be served at once.",
	}, func() float64 { return float64(g.Places()) })
	return metrics{
		took: register.NewHistogram(prometheus.HistogramOpts{
			Name: "onsale_password_hashing_seconds", Help: "Time from asking to be hashed to the hash, waiting included.",
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
		rejected: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_password_hashing_rejected_total", Help: "Requests that found every place taken.",
		}),
		gaveUp: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_password_hashing_abandoned_total", Help: "Requests whose client did not wait.",
		}),
	}
}

// hash runs work inside the gate, see [gate.Gate.Pass], and tells how that went.
func (s *Service) hash(ctx context.Context, work func() error) error {
	began := time.Now()
	err := s.gate.Pass(ctx, work)
	if errors.Is(err, gate.ErrFull) {
		err = ErrBusy
	}
	switch {
	case errors.Is(err, ErrBusy):
		s.metrics.rejected.Inc()
	case err != nil && ctx.Err() != nil:
		s.metrics.gaveUp.Inc()
	default:
		s.metrics.took.Observe(time.Since(began).Seconds())
	}
	return err
}
