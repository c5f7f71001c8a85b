// Package telemetry is how one sees inside a running node: a registry of metrics, traces, and the handler of the admin
// listener that shows the metrics and the Go runtime's profiles.
//
// A nil *Telemetry is that of a program nobody looks into: all of its methods work, count for nobody and trace nothing.
//
// No label and no name of a metric comes from a client. Traces are made only where they are asked for; where not, nothing is
// wrapped and nothing is slower.
package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Options says what there is to tell.
type Options struct {
	// Version is the program's, Schema its database's.
	Version string
	Schema  int
	// Traces has traces made and sent by OTLP over HTTP. Where to, how many, and with which headers is what the environment's
	// OTEL_… say, as OpenTelemetry specifies them.
	Traces bool
	// Log hears of metrics that could not be collected and of traces that could not be sent.
	Log *slog.Logger
}

// Telemetry is a node's.
type Telemetry struct {
	registry *prometheus.Registry
	traces   *sdktrace.TracerProvider // nil: off
	log      *slog.Logger
}

// Open returns a node's telemetry; Close ends it. That nobody is there to receive the traces is no error: they are lost, and
// the log says so.
func Open(ctx context.Context, o Options) (*Telemetry, error) {
	t := &Telemetry{registry: prometheus.NewRegistry(), log: o.Log}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "onsale_build_info", Help: "Always 1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": o.Version, "schema": strconv.Itoa(o.Schema), "go": runtime.Version()},
	})
	build.Set(1)
	t.registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if !o.Traces {
		return t, nil
	}
	var err error
	t.traces, err = newTraces(ctx, o)
	return t, err
}

// Registerer is where metrics are registered, nil where nobody counts.
func (t *Telemetry) Registerer() prometheus.Registerer {
	if t == nil {
		return nil
	}
	return t.registry
}

// Close sends what is left of the traces, until ctx ends.
func (t *Telemetry) Close(ctx context.Context) error {
	if t == nil || t.traces == nil {
		return nil
	}
	if err := t.traces.Shutdown(ctx); err != nil {
		return errors.Join(errors.New("the last traces are lost"), err)
	}
	return nil
}
