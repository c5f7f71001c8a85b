package command

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"onsale/eventstore"
)

// writerMetrics are what a [Writer] tells of itself.
type writerMetrics struct {
	commands  map[string]prometheus.Counter // by what became of them
	resolved  map[string]prometheus.Counter // by what became of those whose append's reply was lost
	unknown   prometheus.Counter
	group     prometheus.Histogram
	append    prometheus.Observer
	check     prometheus.Observer
	conflicts prometheus.Counter
	retries   prometheus.Counter
}

// What can become of a command.
const (
	outcomeRecorded    = "recorded"        // it caused events
	outcomeUnchanged   = "unchanged"       // it had been carried out before, or there was nothing to do
	outcomeRefused     = "refused"         // a rule said no
	outcomeOverloaded  = "overloaded"      // the queue was full
	outcomeContended   = "contended"       // other writers were first too often
	outcomeUnavailable = "unavailable"     // the log could not be reached
	outcomeRejected    = "rejected"        // the log cannot store it
	outcomeStopped     = "stopped"         // the writer was closed before
	outcomeUnknown     = "outcome_unknown" // nobody could tell in time
)

// What can become of one whose append's reply was lost.
const (
	resolvedRecorded = "recorded"
	resolvedAgain    = "decided_again" // it was not recorded
	resolvedNever    = "unknown"
)

// newWriterMetrics has them registered; with no registerer nobody sees them.
func newWriterMetrics(w *Writer) *writerMetrics {
	register := promauto.With(w.options.Metrics)
	commands := register.NewCounterVec(prometheus.CounterOpts{
		Name: "onsale_writer_commands_total", Help: "Commands given to the writer, by what became of them.",
	}, []string{"outcome"})
	resolved := register.NewCounterVec(prometheus.CounterOpts{
		Name: "onsale_writer_unknown_outcomes_resolved_total",
		Help: "Commands of appends whose reply was lost: found recorded, decided again, or given up as unknown.",
	}, []string{"as"})
	took := register.NewHistogramVec(prometheus.HistogramOpts{
		Name: "onsale_writer_append_seconds", Help: "Time of an append of a group, or of a check of one that appends nothing.",
		Buckets: []float64{.0005, .001, .002, .003, .005, .0075, .01, .015, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"kind"})
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_writer_queue_commands", Help: "Commands that wait in the fullest of the writer's queues.",
	}, func() float64 {
		most := 0
		for _, l := range w.loops {
			most = max(most, len(l.queue))
		}
		return float64(most)
	})
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_writer_queue_capacity_commands", Help: "Commands that may wait in each of the writer's queues.",
	}, func() float64 { return float64(w.options.Queue) })
	register.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "onsale_writer_position", Help: "Position in the log up to which this node has acknowledged something.",
	}, func() float64 { return float64(w.Position()) })
	return &writerMetrics{
		commands: each(commands, outcomeRecorded, outcomeUnchanged, outcomeRefused, outcomeOverloaded, outcomeContended, outcomeUnavailable,
			outcomeRejected, outcomeStopped, outcomeUnknown),
		resolved: each(resolved, resolvedRecorded, resolvedAgain, resolvedNever),
		unknown: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_writer_unknown_outcomes_total", Help: "Commands of appends whose reply was lost.",
		}),
		group: register.NewHistogram(prometheus.HistogramOpts{
			Name: "onsale_writer_group_commands", Help: "Commands in a group.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		append: took.WithLabelValues("append"), check: took.WithLabelValues("check"),
		conflicts: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_writer_conflicts_total", Help: "Sales of which nothing was appended because another writer was first.",
		}),
		retries: register.NewCounter(prometheus.CounterOpts{
			Name: "onsale_writer_retries_total", Help: "Commands that had to be decided again for that.",
		}),
	}
}

// each has every value of the label there from the start, at 0: what appears with its first event has no rate then.
func each(vec *prometheus.CounterVec, values ...string) map[string]prometheus.Counter {
	counters := make(map[string]prometheus.Counter, len(values))
	for _, value := range values {
		counters[value] = vec.WithLabelValues(value)
	}
	return counters
}

// appended tells of one append, or check, of a group.
func (m *writerMetrics) appended(commands, events int, took time.Duration) {
	m.group.Observe(float64(commands))
	if events > 0 {
		m.append.Observe(took.Seconds())
	} else {
		m.check.Observe(took.Seconds())
	}
}

// done tells what became of a command.
func (m *writerMetrics) done(j *job, o Outcome, err error) {
	m.commands[outcomeOf(o, err)].Inc()
	switch {
	case !j.uncertain:
	case j.found:
		m.resolved[resolvedRecorded].Inc()
	case errors.Is(err, ErrOutcomeUnknown):
		m.resolved[resolvedNever].Inc()
	default:
		m.resolved[resolvedAgain].Inc()
	}
}

func outcomeOf(o Outcome, err error) string {
	switch {
	case err == nil && o.Changed:
		return outcomeRecorded
	case err == nil:
		return outcomeUnchanged
	case decided(err) && !errors.Is(err, eventstore.ErrRejected):
		return outcomeRefused
	case errors.Is(err, ErrOverloaded):
		return outcomeOverloaded
	case errors.Is(err, ErrContended):
		return outcomeContended
	case errors.Is(err, ErrUnavailable):
		return outcomeUnavailable
	case errors.Is(err, ErrStopped):
		return outcomeStopped
	case errors.Is(err, ErrOutcomeUnknown):
		return outcomeUnknown
	default:
		return outcomeRejected
	}
}
