package command_test

import (
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"onsale/command"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// spansOf returns the recorded spans by name.
func spansOf(r *tracetest.SpanRecorder) map[string][]sdktrace.ReadOnlySpan {
	spans := make(map[string][]sdktrace.ReadOnlySpan)
	for _, s := range r.Ended() {
		spans[s.Name()] = append(spans[s.Name()], s)
	}
	return spans
}

func linked(from sdktrace.ReadOnlySpan, to trace.SpanContext) bool {
	for _, l := range from.Links() {
		if l.SpanContext.TraceID() == to.TraceID() && l.SpanContext.SpanID() == to.SpanID() {
			return true
		}
	}
	return false
}

func TestATraceGoesFromTheCommandThroughItsGroupToTheLog(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	store := new(turnstile)
	n := newNode(t, migrationstest.Database(t), setup{
		store:  func(log command.Store) command.Store { store.Store = log; return store },
		writer: command.WriterOptions{Loops: 1, Tracer: traces.Tracer("test")},
	})
	event := n.open(t, 9)
	store.arrived, store.leave = make(chan struct{}), make(chan struct{})
	done := make(chan error, 3)
	book := func(traced bool) {
		ctx := t.Context()
		if traced {
			var span trace.Span
			ctx, span = traces.Tracer("test").Start(ctx, "request")
			defer span.End()
		}
		_, err := n.Book(ctx, command.Book{EventID: event, Quantity: 1, Buyer: newUser()})
		done <- err
	}
	go book(false)
	<-store.arrived // it goes alone, and two that are traced come together
	go book(true)
	go book(true)
	n.writer.WaitQueued(2)
	store.leave <- struct{}{}
	<-store.arrived
	store.leave <- struct{}{}
	for range 3 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	spans := spansOf(recorder)
	commands, groups := spans["command"], spans["append group"]
	if len(commands) != 2 || len(groups) != 1 {
		t.Fatalf("%d commands and %d groups: what is not traced has no span", len(commands), len(groups))
	}
	group := groups[0]
	if trace := group.SpanContext().TraceID(); trace != commands[0].SpanContext().TraceID() && trace != commands[1].SpanContext().TraceID() {
		t.Error("the group is in the trace of none of its commands")
	}
	recorded := n.events(t, event)[2:]
	for _, c := range commands {
		if !linked(group, c.SpanContext()) || !linked(c, group.SpanContext()) {
			t.Error("a command and its group do not link to each other")
		}
		var inLog eventstore.Traced
		for _, e := range recorded {
			inLog = inLog.With(e.Metadata)
		}
		if len(inLog) != 2 || inLog[0].SpanContext.TraceID() != c.SpanContext().TraceID() && inLog[1].SpanContext.TraceID() != c.SpanContext().TraceID() {
			t.Errorf("the log has the traces %v", inLog)
		}
	}
	for _, e := range n.events(t, event)[:2] {
		if e.Metadata.TraceParent != "" {
			t.Errorf("an event outside of all traces has %q", e.Metadata.TraceParent)
		}
	}
}

func TestWhatIsNotSampledLeavesNothingInTheLog(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithSampler(sdktrace.NeverSample()))
	n := newNode(t, migrationstest.Database(t), setup{writer: command.WriterOptions{Tracer: traces.Tracer("test")}})
	event := n.open(t, 1)
	ctx, span := traces.Tracer("test").Start(t.Context(), "request")
	defer span.End()
	if _, err := n.Book(ctx, command.Book{EventID: event, Quantity: 1, Buyer: newUser()}); err != nil {
		t.Fatal(err)
	}
	if len(recorder.Ended()) != 0 {
		t.Errorf("%d spans", len(recorder.Ended()))
	}
	for _, e := range n.events(t, event) {
		if e.Metadata.TraceParent != "" {
			t.Errorf("the log has %q", e.Metadata.TraceParent)
		}
	}
}

func TestWithoutTracesTheWayOfACommandAllocatesNothingForThem(t *testing.T) {
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		ctx, span := command.StartSpan(ctx, "command")
		_ = eventstore.TraceParent(ctx)
		var traced eventstore.Traced
		_, group := traced.With(eventstore.Metadata{}).Start(ctx, nil, "append group")
		group.End()
		span.End()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
