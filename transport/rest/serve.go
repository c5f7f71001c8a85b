package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/cors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// mountPoint is where the API is served a second time.
const mountPoint = "/api"

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{ResponseWriter: w, r: r, started: time.Now(), id: requestID(r, a.NewID)}
	defer a.finish(c)
	setHeaders(c)
	if path, below := strings.CutPrefix(r.URL.Path, mountPoint); below && strings.HasPrefix(path, "/") {
		c.mount, c.r = mountPoint, withPath(r, path)
	}
	if a.cors != nil {
		if a.cors.HandlerFunc(c, c.r); c.status != 0 { // a preflight, which is answered
			return
		}
	}
	if !a.router.Match(c.r, &c.match) {
		a.fail(c, errNoRoute)
		return
	}
	c.match.Handler.ServeHTTP(c, c.r)
}

// withPath returns a copy of r for another path.
func withPath(r *http.Request, path string) *http.Request {
	r2 := new(http.Request)
	*r2 = *r
	r2.URL = new(url.URL)
	*r2.URL = *r.URL
	r2.URL.Path, r2.URL.RawPath = path, ""
	return r2
}

// RequestID returns the X-Request-Id that a client or a proxy gave the request, where it is fit for a log, or makes one.
func RequestID(r *http.Request) string { return requestID(r, newRequestID) }

func newRequestID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func requestID(r *http.Request, newID func() uuid.UUID) string {
	if ids := r.Header["X-Request-Id"]; len(ids) == 1 && isRequestID(ids[0]) {
		return ids[0]
	}
	id := newID()
	return id.String()
}

// isRequestID takes UUIDs and trace ids in hexadecimal. The id is kept with what the request caused, and may not be text in
// which a client could write about a person.
func isRequestID(id string) bool {
	return len(id) >= 16 && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefABCDEF-", r)
	})
}

var (
	nosniff     = []string{"nosniff"}
	deny        = []string{"DENY"}
	noReferrer  = []string{"no-referrer"}
	nothingElse = []string{"default-src 'none'; frame-ancestors 'none'"}
	noStore     = []string{"no-store"}
	sameOrigin  = []string{"same-origin"}
)

func setHeaders(c *call) {
	c.Header()["X-Request-Id"] = []string{c.id}
	Guard(c.Header())
}

func newCORS(origins []string) *cors.Cors {
	return cors.New(cors.Options{
		AllowedOrigins:   origins,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowedHeaders:   []string{"Authorization", "Content-Type", "Idempotency-Key", "Onsale-Position", "X-Request-Id"},
		ExposedHeaders:   []string{"Date", "Idempotency-Replayed", "Location", "Onsale-Position", "RateLimit-Limit", "Retry-After", "X-Request-Id"},
		AllowCredentials: true,
		MaxAge:           600,
	})
}

// finish survives a panic and records the request. It is deferred.
func (a *api) finish(c *call) {
	reason := recover()
	if reason == nil {
		a.record(c)
		return
	}
	aborted := false
	if err, ok := reason.(error); ok {
		aborted = errors.Is(err, http.ErrAbortHandler)
	}
	if !aborted {
		a.log.LogAttrs(c.r.Context(), slog.LevelError, "panic",
			slog.String("id", c.id), slog.String("panic", fmt.Sprint(reason)), slog.String("stack", string(debug.Stack())))
	}
	if started := c.status != 0; !started && !aborted {
		a.fail(c, errPanicked)
		a.record(c)
		return
	}
	a.record(c)
	panic(http.ErrAbortHandler) // half an answer is out: the client must not take it for a whole one
}

// record tells of a request that has its answer: to the metrics, to its trace, and in one line to the log.
func (a *api) record(c *call) {
	took := time.Since(c.started)
	a.metrics.count(c, took)
	span := trace.SpanFromContext(c.r.Context())
	if span.IsRecording() {
		describe(span, c)
	}
	a.logRequest(c, took, span.SpanContext())
}

// describe names the span of a request by its route.
func describe(span trace.Span, c *call) {
	if c.path != "" {
		span.SetName(c.r.Method + " " + c.path)
		span.SetAttributes(attribute.String("http.route", c.path))
	}
	span.SetAttributes(attribute.String("onsale.request_id", c.id))
	if c.code != "" {
		span.SetAttributes(attribute.String("onsale.code", c.code))
	}
}

// logRequest writes no path, query, body or header: those have ids, tokens and people in them.
func (a *api) logRequest(c *call, took time.Duration, span trace.SpanContext) {
	level := slog.LevelInfo
	switch {
	case c.status == http.StatusInternalServerError:
		level = slog.LevelError
	case c.status == http.StatusOK && (c.path == "/healthz" || c.path == "/readyz"): // whatever watches asks all the time
		level = slog.LevelDebug
	}
	if !a.log.Enabled(c.r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs,
		slog.String("id", c.id),
		slog.String("method", c.r.Method),
		slog.String("route", c.path),
		slog.Int("status", c.status),
		slog.Int64("bytes", c.bytes),
		slog.Int64("duration_us", took.Microseconds()),
	)
	if c.caller.UserID != uuid.Nil {
		attrs = append(attrs, slog.String("user", c.caller.UserID.String()))
	}
	if c.code != "" {
		attrs = append(attrs, slog.String("code", c.code))
	}
	if span.IsSampled() {
		attrs = append(attrs, slog.String("trace_id", span.TraceID().String()))
	}
	const place = 0 // in the code: it is always this one, and to find that out takes a microsecond
	line := slog.NewRecord(c.started.Add(took), level, "request", place)
	line.AddAttrs(attrs...)
	_ = a.log.Handler().Handle(c.r.Context(), line) // like slog: where the log cannot be written, there is nobody to tell
}
