package projections_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"onsale/command/metricstest"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/projections"
)

func wantCounted(t *testing.T, registry *prometheus.Registry, projection string, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		series := "onsale_projection_" + name + `{projection="` + projection + `"}`
		if got := metricstest.Value(t, registry, series); got != value {
			t.Errorf("%s is %v, want %v", series, got, value)
		}
	}
}

func TestTheLagOfAProjectionThatHaltsGrowsAndThatOfOthersDoesNot(t *testing.T) {
	t.Parallel()
	w, registry := newWorld(t, 7), prometheus.NewRegistry()
	w.run(20)
	r := w.start(projections.Options{Metrics: registry}, append(projections.All(), counter(""))...)
	r.catchUp(t, w.head)
	good := w.head
	for _, p := range []string{"counter", "listings"} {
		wantCounted(t, registry, p, map[string]float64{
			"lag_events": 0, "lag_seconds": 0, "halted": 0, "failures_total": 0,
			"position": float64(good), "applied_events_total": float64(good),
		})
	}
	w.sql("alter table counter.counts add constraint broken check (false) not valid")
	for lag := 1; lag <= 2; lag++ {
		w.open(5)
		w.append()
		r.log.await(t, projections.ErrHalted.Error(), "counter")
		if err := r.CatchUp(t.Context(), w.head, "listings"); err != nil {
			t.Fatal(err)
		}
		wantCounted(t, registry, "counter", map[string]float64{"lag_events": float64(lag), "position": float64(good)})
		wantCounted(t, registry, "listings", map[string]float64{"lag_events": 0, "halted": 0, "failures_total": 0, "applied_events_total": float64(w.head)})
	}
	wantCounted(t, registry, "counter", map[string]float64{"halted": 1, "applied_events_total": float64(good)})
	waiting := func() float64 {
		return metricstest.Value(t, registry, `onsale_projection_lag_seconds{projection="counter"}`)
	}
	if first, then := waiting(), waiting(); first <= 0 || then <= first {
		t.Errorf("it has been waiting for %v s, and then for %v s", first, then)
	}
	if n := metricstest.Value(t, registry, `onsale_projection_failures_total{projection="counter"}`); n < 1 {
		t.Errorf("%v failures", n)
	}
	w.sql("alter table counter.counts drop constraint broken")
	r.catchUp(t, w.head)
	wantCounted(t, registry, "counter", map[string]float64{"lag_events": 0, "lag_seconds": 0, "applied_events_total": float64(w.head)})
}

func TestWhileTheDatabaseIsAwayItsMetricsAreAndNoOthers(t *testing.T) {
	t.Parallel()
	w, registry := newWorld(t, 8), prometheus.NewRegistry()
	pool, err := pgxpool.New(t.Context(), w.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	projections.NewRunner(pool, eventstore.New(pool), projections.Options{Metrics: registry}, projections.All()...)
	pool.Close()
	families, err := registry.Gather()
	if err == nil {
		t.Error("nothing is wrong")
	}
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	if slices.Contains(names, "onsale_projection_lag_events") || !slices.Contains(names, "onsale_projection_applied_events_total") {
		t.Errorf("there are %s", names)
	}
}

func TestTheTraceOfACommandGoesOnIntoTheTables(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	w := newWorld(t, 9)
	s := w.open(5)
	w.append()
	ctx, span := tracer.Start(t.Context(), "command")
	if err := w.do(s, sale.Book{Order: w.order(s)}); err != nil {
		t.Fatal(err)
	}
	w.waits[0].Events[0].Metadata.TraceParent = eventstore.TraceParent(ctx)
	w.append()
	span.End()
	r := w.start(projections.Options{Tracer: tracer}, projections.All()...)
	r.catchUp(t, w.head)
	r.stop()
	projected := 0
	for _, ended := range recorder.Ended() {
		if !strings.HasPrefix(ended.Name(), "project ") {
			continue
		}
		projected++
		links := ended.Links()
		if len(links) != 1 || links[0].SpanContext.SpanID() != span.SpanContext().SpanID() || ended.SpanContext().TraceID() != span.SpanContext().TraceID() {
			t.Errorf("%s links to %v", ended.Name(), links)
		}
	}
	if projected != len(projections.All()) {
		t.Errorf("%d of %d projections have a span", projected, len(projections.All()))
	}
}
