package rest_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onsale/transport/rest"
)

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for _, r := range []request{get("/events"), get("/nowhere"), post("/book", "{"), {path: "/healthz"}, {path: "/docs"}, {path: "/docs/swagger-ui.css"}} {
		h := send(t, api, r).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", r.path, name, h.Get(name))
			}
		}
		if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy is %q", r.path, csp)
		}
		if h.Get("Cache-Control") == "" {
			t.Errorf("%s: no Cache-Control", r.path)
		}
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{}, func(o *rest.Options) { o.Origins = []string{"http://localhost:3000"} })
	closed := newAPI(t, &fakes{})
	preflight := request{method: http.MethodOptions, path: "/book"}.with("Access-Control-Request-Method", "POST").
		with("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,onsale-position")
	for name, test := range map[string]struct {
		api     http.Handler
		request request
		status  int
		allowed string
	}{
		"an allowed origin may ask":              {api, preflight.with("Origin", "http://localhost:3000"), 204, "http://localhost:3000"},
		"another origin may not":                 {api, preflight.with("Origin", "https://evil.example"), 204, ""},
		"no origin may where none is allowed":    {closed, preflight.with("Origin", "http://localhost:3000"), 204, ""},
		"an allowed origin may read":             {api, get("/events").with("Origin", "http://localhost:3000"), 200, "http://localhost:3000"},
		"an allowed origin may read what failed": {api, get("/nowhere").with("Origin", "http://localhost:3000"), 404, "http://localhost:3000"},
		"another origin may not read":            {api, get("/events").with("Origin", "https://evil.example"), 200, ""},
		"no page may":                            {api, get("/events").with("Origin", "null"), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := send(t, test.api, test.request)
			h := w.Header()
			if got := h.Get("Access-Control-Allow-Origin"); w.Code != test.status || got != test.allowed {
				t.Errorf("%d, Access-Control-Allow-Origin is %q, want %d %q", w.Code, got, test.status, test.allowed)
			}
			if test.allowed == "" {
				return
			}
			if h.Get("Access-Control-Allow-Credentials") != "true" || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
				t.Errorf("headers: %v", h)
			}
			for _, needed := range []string{"Onsale-Position", "Date"} {
				if test.request.method == "" && !strings.Contains(h.Get("Access-Control-Expose-Headers"), needed) {
					t.Errorf("%s is not exposed: %v", needed, h)
				}
			}
		})
	}
}

func TestOriginsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"*", "http://*.example.com", "localhost:3000", "http://localhost:3000/", "null", ""} {
		if _, err := rest.New(rest.Options{Origins: []string{origin}}); err == nil {
			t.Errorf("%q was taken", origin)
		}
	}
}

func TestTheAPIIsServedBelowTheMountPointToo(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for _, path := range []string{"/events", "/api/events", "/api/events/" + event.String(), "/api/healthz", "/api/openapi.json", "/api/docs", "/api/docs/start.js"} {
		if w := send(t, api, get(path)); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	state := map[string]error{"database": nil, "projections": nil}
	api := newAPI(t, &fakes{}, logged(&lines), func(o *rest.Options) {
		o.Ready = func(ctx context.Context) rest.Condition {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("the checks have no deadline")
			}
			return rest.Condition{Checks: state, Projections: []rest.ProjectionState{
				{Name: "listings", Generation: 1, State: "live", Position: 9, Lag: 1, BehindSeconds: "0.250"},
			}}
		}
	})
	if w := send(t, api, request{path: "/readyz"}); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"checks":{"database":"ok","projections":"ok"},"projections":[{"behindSeconds":0.250,"generation":1,"lag":1,"name":"listings","position":9,"state":"live"}],"status":"ready"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	state["database"] = errors.New("secret host unreachable")
	w := send(t, api, request{path: "/readyz"})
	if got := decodeBody[rest.Readiness](t, w); w.Code != 503 || got.Status != "not_ready" || got.Checks["database"] != "failing" || got.Checks["projections"] != "ok" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "secret") || !strings.Contains(lines.String(), "secret host unreachable") {
		t.Errorf("the reason belongs in the log: %s", &lines)
	}
	if w := send(t, api, request{path: "/healthz"}); w.Code != 200 {
		t.Errorf("a process that is not ready is up: %d", w.Code)
	}
}

func TestAClientThatHangsUpIsNotTakenForAFailingCheck(t *testing.T) {
	t.Parallel()
	for name, hangsUp := range map[string]bool{"who waits is told in the log too": false, "who has hung up is not": true} {
		var lines bytes.Buffer
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		api := newAPI(t, &fakes{}, logged(&lines), func(o *rest.Options) {
			o.Ready = func(context.Context) rest.Condition {
				if hangsUp {
					hangUp()
				}
				return rest.Condition{Checks: map[string]error{"database": errors.New("no answer")}}
			}
		})
		api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/readyz", nil))
		if warned := strings.Contains(lines.String(), "not ready"); warned == hangsUp {
			t.Errorf("%s: %s", name, &lines)
		}
	}
}

func TestRequestsMayUseADefaultConfiguration(t *testing.T) {
	t.Parallel()
	api, err := rest.New(rest.Options{Accounts: &fakes{}})
	if err != nil {
		t.Fatal(err)
	}
	w := send(t, api, request{path: "/nowhere"})
	if _, err := uuid.Parse(w.Header().Get("X-Request-Id")); err != nil {
		t.Errorf("X-Request-Id: %v", err)
	}
	if w := send(t, api, request{path: "/readyz"}); w.Code != 200 {
		t.Errorf("/readyz: %d", w.Code)
	}
}
