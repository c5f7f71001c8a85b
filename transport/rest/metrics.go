package rest

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onsale/command/gate"
)

// metrics count requests. A label is never what a client made up: the route is its template, and of the methods only those of
// HTTP are told.
type metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec

	adding sync.Mutex
	known  atomic.Pointer[map[answered]series] // never changed, only replaced: to look up in the two above takes three times as long
}

// answered is all that requests are told apart by.
type answered struct {
	route, method string
	status        int
	code          string
}

type series struct {
	requests prometheus.Counter
	took     prometheus.Observer
}

// newMetrics has them registered; with no registerer nobody sees them.
func newMetrics(registerer prometheus.Registerer, slots chan struct{}, scans gate.Gate) *metrics {
	register := promauto.With(registerer)
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_searches_running", Help: "Lists that are being read for which all events are looked at.",
	}, func() float64 { return float64(scans.Running()) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_searches_waiting", Help: "Such lists that wait for their turn: those for the same are one.",
	}, func() float64 { return float64(scans.Waiting()) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_searches_places", Help: "Such lists that may be read or wait at once: the next one gets a 503.",
	}, func() float64 { return float64(scans.Places()) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_http_requests_in_flight", Help: "Requests that are worked on, those that wait for a payment too.",
	}, func() float64 { return float64(len(slots)) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_http_requests_in_flight_max", Help: "Requests that may be worked on at once: the next one gets a 503.",
	}, func() float64 { return float64(cap(slots)) })
	m := &metrics{
		requests: register.NewCounterVec(prometheus.CounterOpts{
			Name: "onsale_http_requests_total",
			Help: "Requests answered; code is that of the problem, empty for none. 499: the client did not wait.",
		}, []string{"route", "method", "status", "code"}),
		took: register.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onsale_http_request_seconds", Help: "Time from the request's header to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 1.25, 1.5, 2.5, 5, 10, 30},
		}, []string{"route", "method", "status"}),
	}
	m.known.Store(&map[answered]series{})
	return m
}

func (m *metrics) count(c *call, took time.Duration) {
	kind := answered{c.path, c.r.Method, c.status, c.code}
	if kind.route == "" {
		kind.route = "none"
	}
	switch kind.method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodPut, http.MethodPatch:
	default:
		kind.method = "other"
	}
	s, known := (*m.known.Load())[kind]
	if !known {
		s = m.add(kind)
	}
	s.requests.Inc()
	s.took.Observe(took.Seconds())
}

func (m *metrics) add(kind answered) series {
	m.adding.Lock()
	defer m.adding.Unlock()
	status := strconv.Itoa(kind.status)
	s := series{
		requests: m.requests.WithLabelValues(kind.route, kind.method, status, kind.code),
		took:     m.took.WithLabelValues(kind.route, kind.method, status),
	}
	known := maps.Clone(*m.known.Load())
	known[kind] = s
	m.known.Store(&known)
	return s
}
