package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/exaring/otelpgx"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

func newTraces(ctx context.Context, o Options) (*sdktrace.TracerProvider, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("tracing", "error", err) }))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	// What the environment says comes last and counts.
	of, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "onsale"),
		attribute.String("service.version", o.Version),
		attribute.String("service.instance.id", uuid.Must(uuid.NewV7()).String()),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(of)), nil
}

// Tracer returns the tracer of a package, which makes nothing where traces are off.
func (t *Telemetry) Tracer(of string) trace.Tracer {
	if t == nil || t.traces == nil {
		return noop.NewTracerProvider().Tracer(of)
	}
	return t.traces.Tracer(of)
}

// Queries returns what makes a span of each query that is part of a trace, without its parameters; nil where traces are off.
func (t *Telemetry) Queries() pgx.QueryTracer {
	if t == nil || t.traces == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.traces), otelpgx.WithMeterProvider(metricnoop.NewMeterProvider()))
}

// Requests makes a span of each request that is not a health check. It is the first of a trace, which links to the one that
// the request brings along: strangers, whom proxies let through, may not decide what is traced.
func (t *Telemetry) Requests(h http.Handler) http.Handler {
	if t == nil || t.traces == nil {
		return h
	}
	return otelhttp.NewHandler(h, "request",
		otelhttp.WithTracerProvider(t.traces), otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
		otelhttp.WithFilter(func(r *http.Request) bool { return !isHealthCheck(r) }),
		otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return "request" }), // until its route is known
	)
}

func isHealthCheck(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/healthz") || strings.HasSuffix(r.URL.Path, "/readyz")
}
