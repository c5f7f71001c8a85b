package command

import (
	"context"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"onsale/command/sale"
	"onsale/eventstore"
)

const tracerName = "onsale/command"

// startSpan begins a span within that of ctx. Where that is not recorded, none begins, at no cost.
func startSpan(ctx context.Context, name string) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, noop.Span{}
	}
	return parent.TracerProvider().Tracer(tracerName).Start(ctx, name)
}

// do has the writer decide, within the trace that ctx is part of: the span of the command and that of the append, which serves
// others too, link to each other. What else ctx says is not heard, see [Writer.Do].
func (h *Handlers) do(ctx context.Context, event uuid.UUID, c sale.Command, m eventstore.Metadata) (Outcome, error) {
	ctx, span := startSpan(ctx, "command")
	defer span.End()
	m.TraceParent = eventstore.TraceParent(ctx)
	o, err := h.writer.Do(event, c, m)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("onsale.outcome", outcomeOf(o, err)))
		if o.appended != nil {
			span.AddLink(trace.Link{SpanContext: *o.appended})
		}
		if err != nil && !decided(err) {
			span.SetStatus(codes.Error, err.Error())
		}
	}
	return o, err
}

// trace begins the span of a round's append, if any of its jobs is part of a trace.
func (l *loop) trace(ctx context.Context, round []*stream) (context.Context, trace.Span) {
	var traced eventstore.Traced
	for _, s := range round {
		for _, j := range s.jobs {
			traced = traced.With(j.metadata)
		}
	}
	ctx, span := traced.Start(ctx, l.writer.options.Tracer, "append group")
	if !span.IsRecording() {
		return ctx, span
	}
	of := span.SpanContext()
	for _, j := range jobsOf(round) {
		j.outcome.appended = &of
	}
	return ctx, span
}

func describeAppend(span trace.Span, commands, events, conflicts int, err error) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		attribute.Int("onsale.commands", commands), attribute.Int("onsale.events", events), attribute.Int("onsale.conflicts", conflicts),
	)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
}
