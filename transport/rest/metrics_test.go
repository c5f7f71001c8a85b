package rest_test

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"onsale/command"
	"onsale/command/metricstest"
	"onsale/command/sale"
	"onsale/transport/rest"
)

func counted(registry *prometheus.Registry) func(*rest.Options) {
	return func(o *rest.Options) { o.Metrics = registry }
}

func TestRequestsAreCountedByWhatWasAskedAndAnswered(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	soldOut := false
	api := newAPI(t, &fakes{command: func(any) (command.Receipt, error) {
		if soldOut {
			return command.Receipt{}, &sale.Refusal{Reason: sale.ErrSoldOut, Version: 3}
		}
		return receipt(sale.Confirmed), nil
	}}, counted(registry))
	send(t, api, post("/book", validSeats))
	soldOut = true
	for _, path := range []string{"/book", "/api/book"} { // mounted twice, counted as one
		send(t, api, post(path, validSeats))
	}
	for series, want := range map[string]float64{
		`onsale_http_requests_total{code="",method="POST",route="/book",status="201"}`:         1,
		`onsale_http_requests_total{code="sold_out",method="POST",route="/book",status="409"}`: 2,
		`onsale_http_request_seconds_count{method="POST",route="/book",status="409"}`:          2,
		`onsale_http_requests_in_flight`:     0,
		`onsale_http_requests_in_flight_max`: 4096,
		`onsale_searches_running`:            0,
		`onsale_searches_waiting`:            0,
		`onsale_searches_places`:             float64(max(1, runtime.NumCPU()/2) + 64),
	} {
		if got := metricstest.Value(t, registry, series); got != want {
			t.Errorf("%s is %v, want %v", series, got, want)
		}
	}
}

func TestNothingThatAClientMakesUpBecomesALabel(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	api := newAPI(t, &fakes{}, counted(registry))
	send(t, api, get("/events/"+event.String()+"?search=made-up"))
	send(t, api, get("/made-up"))
	for _, method := range []string{"MADE-UP", "made-up"} {
		r := request{method: method, path: "/events"}
		api.ServeHTTP(&sink{header: make(map[string][]string)}, r.build())
	}
	all := strings.Join(metricstest.Scrape(t, registry), "\n")
	if strings.Contains(strings.ToLower(all), "made-up") || strings.Contains(all, event.String()) {
		t.Errorf("the metrics tell what a client sent:\n%s", all)
	}
	for _, series := range []string{
		`onsale_http_requests_total{code="",method="GET",route="/events/{id}",status="200"}`,
		`onsale_http_requests_total{code="not_found",method="GET",route="none",status="404"}`,
		`onsale_http_requests_total{code="method_not_allowed",method="other",route="/events",status="405"}`,
	} {
		if metricstest.Value(t, registry, series) < 1 {
			t.Errorf("%s is missing in\n%s", series, all)
		}
	}
}

func TestRequestsThatAreNewToTheMetricsAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	api := newAPI(t, &fakes{}, counted(registry))
	var clients sync.WaitGroup
	for range 8 {
		for _, path := range []string{"/events", "/bookings", "/holds", "/auth/me"} {
			clients.Go(func() { api.ServeHTTP(&sink{header: make(map[string][]string)}, get(path).build()) })
		}
	}
	clients.Wait()
	for _, route := range []string{"/events", "/bookings", "/holds", "/auth/me"} {
		if n := metricstest.Value(t, registry, `onsale_http_requests_total{code="",method="GET",route="`+route+`",status="200"}`); n != 8 {
			t.Errorf("%s: %v of 8 requests", route, n)
		}
	}
}

func TestATracedRequestHasItsRouteAndTheLogItsTrace(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	var lines bytes.Buffer
	api := newAPI(t, &fakes{}, logged(&lines))
	ctx, span := tracer.Start(t.Context(), "request")
	api.ServeHTTP(&sink{header: make(map[string][]string)}, get("/events/"+event.String()).build().WithContext(ctx))
	span.End()
	if name := recorder.Ended()[0].Name(); name != "GET /events/{id}" {
		t.Errorf("the span is called %q", name)
	}
	if got := lastLine(t, &lines)["trace_id"]; got != span.SpanContext().TraceID().String() {
		t.Errorf("the log has the trace %v", got)
	}
	api.ServeHTTP(&sink{header: make(map[string][]string)}, get("/events").build())
	if got, found := lastLine(t, &lines)["trace_id"]; found {
		t.Errorf("a request outside of all traces has the trace %v", got)
	}
}
