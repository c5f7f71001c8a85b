package live

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are what a [Hub] tells of itself.
type metrics struct {
	frames   prometheus.Counter
	replaced prometheus.Counter
	closed   map[Close]prometheus.Counter
}

// newMetrics has them registered; with no registerer nobody sees them.
func newMetrics(registerer prometheus.Registerer, h *Hub) *metrics {
	register := promauto.With(registerer)
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_live_viewers", Help: "Connections, those too that have not said who they are.",
	}, func() float64 { return float64(h.Viewers()) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_live_viewers_max", Help: "Connections that the node takes.",
	}, func() float64 { return float64(h.options.MaxViewers) })
	closed := register.NewCounterVec(prometheus.CounterOpts{
		Name: "onsale_live_closed_total", Help: "Connections that ended, by why; gone: the viewer left by itself.",
	}, []string{"reason"})
	m := &metrics{
		frames: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_live_frames_total", Help: "Frames sent to viewers.",
		}),
		replaced: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_live_frames_replaced_total", Help: "Frames that a slow viewer did not get, because there was a newer one.",
		}),
		closed: make(map[Close]prometheus.Counter),
	}
	for _, why := range []Close{
		closeGone, CloseGoingAway, CloseSlow, CloseBusy, CloseUnavailable, CloseTokenExpired, CloseTokenInvalid, CloseAuthRequired,
		CloseBadFrame, CloseManyEvents, CloseFlood, CloseTooMany,
	} {
		m.closed[why] = closed.WithLabelValues(why.Reason)
	}
	return m
}
