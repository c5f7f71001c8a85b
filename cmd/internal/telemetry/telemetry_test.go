package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onsale/cmd/internal/telemetry"
)

func open(t *testing.T, traces bool, log io.Writer) *telemetry.Telemetry {
	t.Helper()
	tell, err := telemetry.Open(t.Context(), telemetry.Options{
		Version: "v1", Schema: 3, Traces: traces, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return tell
}

func get(t *testing.T, h http.Handler, path string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w.Code, w.Body.String()
}

// broken cannot be collected.
type broken struct{}

var brokenDesc = prometheus.NewDesc("broken", "", nil, nil)

func (broken) Describe(to chan<- *prometheus.Desc) { to <- brokenDesc }
func (broken) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.NewInvalidMetric(brokenDesc, io.ErrUnexpectedEOF)
}

func TestAMetricThatCannotBeCollectedDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	tell := open(t, false, &log)
	tell.Registerer().MustRegister(broken{})
	status, body := get(t, tell.Handler(), "/metrics")
	for _, name := range []string{`onsale_build_info{go="go`, `schema="3",version="v1"} 1`, "\ngo_goroutines ", "\nprocess_cpu_seconds_total "} {
		if !strings.Contains(body, name) {
			t.Errorf("%q is missing", name)
		}
	}
	if status != http.StatusOK || !strings.Contains(log.String(), "unexpected EOF") {
		t.Errorf("status %d, log %q", status, &log)
	}
}

func TestProfilesAreThere(t *testing.T) {
	t.Parallel()
	h := open(t, false, io.Discard).Handler()
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline"} {
		if status, body := get(t, h, path); status != http.StatusOK || body == "" {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := get(t, h, "/"); status != http.StatusNotFound {
		t.Errorf("there is something else: %d", status)
	}
}

func TestWithoutSomewhereToSendThemThereAreNoTraces(t *testing.T) {
	t.Parallel()
	var nobody *telemetry.Telemetry
	for name, tell := range map[string]*telemetry.Telemetry{"nobody looks": nobody, "only metrics": open(t, false, io.Discard)} {
		if tell.Queries() != nil {
			t.Errorf("%s: queries are traced", name)
		}
		h := http.NewServeMux()
		if got := tell.Requests(h); got != http.Handler(h) {
			t.Errorf("%s: requests are wrapped", name)
		}
		if _, span := tell.Tracer("test").Start(t.Context(), "x"); span.IsRecording() {
			t.Errorf("%s: spans are recorded", name)
		}
		if err := tell.Close(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if nobody.Registerer() != nil {
		t.Error("nobody counts, and there is a registerer")
	}
}

func TestACollectorThatDoesNotAnswerHoldsUpTheEndNoLongerThanAllowed(t *testing.T) {
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+deaf.Addr().String())
	tell := open(t, true, io.Discard)
	_, span := tell.Tracer("test").Start(t.Context(), "x")
	span.End()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := tell.Close(ctx); err == nil || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func BenchmarkRequestsWithoutTraces(b *testing.B) {
	var nobody *telemetry.Telemetry
	h := nobody.Requests(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r, w := httptest.NewRequest(http.MethodGet, "/events", http.NoBody), httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
