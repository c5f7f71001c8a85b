package telemetry

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Pool has the connections of a pool counted, under a name of ours.
func (t *Telemetry) Pool(name string, pool *pgxpool.Pool) {
	if t == nil {
		return
	}
	desc := func(metric, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("onsale_db_pool_"+metric, help, labels, prometheus.Labels{"pool": name})
	}
	t.registry.MustRegister(poolCollector{
		pool:        pool,
		connections: desc("connections", "Connections of the pool, by what they do.", "state"),
		most:        desc("max_connections", "Connections that the pool may have."),
		acquires:    desc("acquires_total", "Connections that were asked for and given."),
		waits:       desc("waits_total", "Those that were not there at once."),
		waitSeconds: desc("wait_seconds_total", "Time spent waiting for those."),
		gaveUp:      desc("canceled_acquires_total", "Those that were not waited for to the end."),
	})
}

type poolCollector struct {
	pool                                                    *pgxpool.Pool
	connections, most, acquires, waits, waitSeconds, gaveUp *prometheus.Desc
}

func (c poolCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.connections, c.most, c.acquires, c.waits, c.waitSeconds, c.gaveUp} {
		to <- d
	}
}

func (c poolCollector) Collect(to chan<- prometheus.Metric) {
	s := c.pool.Stat()
	tell := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	tell(c.connections, prometheus.GaugeValue, float64(s.AcquiredConns()), "acquired")
	tell(c.connections, prometheus.GaugeValue, float64(s.IdleConns()), "idle")
	tell(c.connections, prometheus.GaugeValue, float64(s.ConstructingConns()), "connecting")
	tell(c.most, prometheus.GaugeValue, float64(s.MaxConns()))
	tell(c.acquires, prometheus.CounterValue, float64(s.AcquireCount()))
	tell(c.waits, prometheus.CounterValue, float64(s.EmptyAcquireCount()))
	tell(c.waitSeconds, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds())
	tell(c.gaveUp, prometheus.CounterValue, float64(s.CanceledAcquireCount()))
}
