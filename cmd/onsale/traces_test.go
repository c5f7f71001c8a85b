package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"onsale/migrations/migrationstest"
)

// A receiver takes traces as a collector does.
type receiver struct {
	url   string
	mu    sync.Mutex
	spans []*traces.Span
}

func startReceiver(t *testing.T) *receiver {
	r := &receiver{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || request.URL.Path != "/v1/traces" {
			http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, of := range sent.ResourceSpans {
			for _, scope := range of.ScopeSpans {
				r.spans = append(r.spans, scope.Spans...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// named returns the spans of that name.
func (r *receiver) named(name string) []*traces.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.spans), func(s *traces.Span) bool { return s.Name != name })
}

// within returns the spans of that name that are part of the trace.
func (r *receiver) within(trace []byte, name string) []*traces.Span {
	return slices.DeleteFunc(r.named(name), func(s *traces.Span) bool { return string(s.TraceId) != string(trace) })
}

func linksTo(from, to *traces.Span) bool {
	return slices.ContainsFunc(from.Links, func(l *traces.Span_Link) bool {
		return string(l.TraceId) == string(to.TraceId) && string(l.SpanId) == string(to.SpanId)
	})
}

func TestABookingsTraceGoesFromTheRequestToTheTables(t *testing.T) {
	t.Parallel()
	r := startReceiver(t)
	p := startProgram(t, t.TempDir(), settings{
		"DATABASE_URL": migrationstest.Database(t), "OTEL_EXPORTER_OTLP_ENDPOINT": r.url, "PAYMENT_DELAY": "1ms",
	})
	buyer := p.register("buyer")
	event := buyer.openEvent(2)
	buyer.book(event)
	if n := buyer.remaining(event); n != 1 { // the tables show it
		t.Fatalf("%d remain", n)
	}
	if code := p.stop(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.output)
	}
	requests := r.named("POST /book")
	if len(requests) != 1 {
		t.Fatalf("%d requests", len(requests))
	}
	trace := requests[0].TraceId
	commands, groups := r.within(trace, "command"), r.within(trace, "append group")
	if len(commands) != 2 || len(groups) != 2 || len(r.within(trace, "charge")) != 1 {
		t.Fatalf("%d commands and %d groups, want 2 each: the hold, and the booking", len(commands), len(groups))
	}
	projected := r.named("project listings") // in the trace of the first command of its page, which may be the opening
	for _, c := range commands {
		if string(c.ParentSpanId) != string(requests[0].SpanId) {
			t.Error("a command is not the request's")
		}
		var group *traces.Span
		for _, g := range groups {
			if linksTo(g, c) && linksTo(c, g) {
				group = g
			}
		}
		if group == nil {
			t.Error("a command and its group do not link to each other")
			continue
		}
		if !slices.ContainsFunc(r.within(trace, "SELECT"), func(s *traces.Span) bool { return string(s.ParentSpanId) == string(group.SpanId) }) {
			t.Error("a group has no append")
		}
		if !slices.ContainsFunc(projected, func(s *traces.Span) bool { return linksTo(s, c) }) {
			t.Error("a command was not projected")
		}
	}
	if log := p.output.String(); !strings.Contains(log, fmt.Sprintf("trace_id=%x", trace)) {
		t.Error("the log does not name the trace")
	}
}

func TestAStrangersTraceIsLinkedToAndNotGoneOnWith(t *testing.T) {
	t.Parallel()
	r := startReceiver(t)
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "OTEL_EXPORTER_OTLP_ENDPOINT": r.url})
	request, err := http.NewRequest(http.MethodGet, p.url+"/auth/me", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	for _, path := range []string{"/auth/me", "/healthz", "/api/readyz"} {
		request.URL.Path = path
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	p.stop()
	spans := r.named("GET /auth/me")
	if len(spans) != 1 || len(spans[0].ParentSpanId) != 0 || hex.EncodeToString(spans[0].Links[0].TraceId) != "4bf92f3577b34da6a3ce929d0e0e4736" {
		t.Errorf("got %v", spans)
	}
	if all := len(r.named("GET /healthz")) + len(r.named("GET /readyz")) + len(r.named("request")); all != 0 {
		t.Errorf("%d health checks are traced", all)
	}
}

func TestACollectorThatIsAwayIsNoTrouble(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "OTEL_EXPORTER_OTLP_ENDPOINT": away.URL})
	buyer := p.register("buyer")
	if a := buyer.book(buyer.openEvent(1)); a.Status != http.StatusCreated {
		t.Errorf("book: %+v", a)
	}
	began := time.Now()
	if code := p.stop(); code != 0 || time.Since(began) > tracesTimeout+10*time.Second {
		t.Errorf("exit code %d after %s", code, time.Since(began))
	}
	if !strings.Contains(p.output.String(), "msg=tracing error=") {
		t.Errorf("nobody is told:\n%s", p.output)
	}
}
