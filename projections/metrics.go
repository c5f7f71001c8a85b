package projections

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are what a [Runner] tells of its own work, by projection.
type metrics struct {
	applied  *prometheus.CounterVec
	took     *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

// newMetrics has them registered, and how far the tables are, which is asked of the database with every scrape: it is true
// whoever applies, and while nobody does. With no registerer nobody sees them.
func newMetrics(registerer prometheus.Registerer, pool *pgxpool.Pool, projections []Projection) *metrics {
	register := promauto.With(registerer)
	m := &metrics{
		applied: register.NewCounterVec(prometheus.CounterOpts{
			Name: "onsale_projection_applied_events_total", Help: "Events that this node has applied.",
		}, []string{"projection"}),
		took: register.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onsale_projection_apply_seconds", Help: "Time of a transaction that applies a run of events.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30},
		}, []string{"projection"}),
		failures: register.NewCounterVec(prometheus.CounterOpts{
			Name: "onsale_projection_failures_total", Help: "Pages that this node could not apply, each of which is tried again.",
		}, []string{"projection"}),
	}
	for _, p := range projections {
		m.applied.WithLabelValues(p.Name)
		m.took.WithLabelValues(p.Name)
		m.failures.WithLabelValues(p.Name)
	}
	if registerer != nil {
		registerer.MustRegister(lagCollector{pool})
	}
	return m
}

// lagCollector tells how far the live generations are.
type lagCollector struct{ pool *pgxpool.Pool }

// scrapeTimeout bounds how long a scrape waits for a database that does not answer.
const scrapeTimeout = 2 * time.Second

var (
	label      = []string{"projection"}
	lagEvents  = prometheus.NewDesc("onsale_projection_lag_events", "Events in the log that its tables do not show yet.", label, nil)
	lagSeconds = prometheus.NewDesc("onsale_projection_lag_seconds", "How long the first of these has been waiting.", label, nil)
	isHalted   = prometheus.NewDesc("onsale_projection_halted", "1 when it met an event that it cannot apply.", label, nil)
	isAt       = prometheus.NewDesc("onsale_projection_position", "Position in the log of the last event that its tables show.", label, nil)
)

func (lagCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lagEvents, lagSeconds, isHalted, isAt} {
		to <- d
	}
}

func (c lagCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	generations, err := Generations(ctx, c.pool)
	if err != nil {
		to <- prometheus.NewInvalidMetric(lagEvents, err)
		return
	}
	for _, g := range generations {
		if g.State != "live" {
			continue
		}
		halted := 0.0
		if g.Halted != "" {
			halted = 1
		}
		for d, value := range map[*prometheus.Desc]float64{
			lagEvents: float64(g.Lag), lagSeconds: g.Behind.Seconds(), isHalted: halted, isAt: float64(g.Position),
		} {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, g.Name)
		}
	}
}
