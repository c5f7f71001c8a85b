package eventstore

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// TraceParent is the span of ctx as events carry it, empty where that is not recorded.
func TraceParent(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ""
	}
	header := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, header)
	return header["traceparent"]
}

// A Traced is something that was done for commands, some of which are recorded in traces.
type Traced []trace.Link

// With takes in the span in which a command was given, once for events that stand together.
func (t Traced) With(m Metadata) Traced {
	if m.TraceParent == "" {
		return t
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": m.TraceParent})
	span := trace.SpanContextFromContext(ctx)
	if n := len(t); !span.IsSampled() || n > 0 && t[n-1].SpanContext.Equal(span) {
		return t
	}
	return append(t, trace.Link{SpanContext: span})
}

// Start begins a span of what is done for all of them. One span cannot be part of many traces: it is in that of the first, and
// links to all. Without any, or without a tracer, nothing begins.
func (t Traced) Start(ctx context.Context, tracer trace.Tracer, name string) (context.Context, trace.Span) {
	if len(t) == 0 || tracer == nil {
		return ctx, noop.Span{}
	}
	ctx = trace.ContextWithRemoteSpanContext(ctx, t[0].SpanContext)
	return tracer.Start(ctx, name, trace.WithLinks(t...))
}
