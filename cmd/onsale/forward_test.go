package main

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"onsale/migrations/migrationstest"
	"onsale/transport/rest"
)

// forward sends a request from 127.0.0.1 through a forwarder to an API and returns what the API gets of it.
func forward(t *testing.T, trusted []netip.Prefix, header http.Header) *http.Request {
	t.Helper()
	var got *http.Request
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer api.Close()
	handler, err := newForwarder(api.URL, trusted, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(handler)
	defer front.Close()
	r, err := http.NewRequest(http.MethodGet, front.URL+"/api/events?page=2&search=a%2Fb;c", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header, r.Host = header, "tickets.example:3000"
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return got
}

func TestTheAPIHearsWhoAsks(t *testing.T) {
	t.Parallel()
	home := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for name, test := range map[string]struct {
		trusted []netip.Prefix
		says    []string
		want    string
	}{
		"a peer is told by its address":              {nil, nil, "127.0.0.1"},
		"what anybody says of themselves is dropped": {nil, []string{"192.0.2.1"}, "127.0.0.1"},
		"what a trusted proxy says is kept":          {home, []string{"192.0.2.1, 192.0.2.2"}, "192.0.2.1, 192.0.2.2, 127.0.0.1"},
		"a trusted proxy may say nothing":            {home, nil, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := forward(t, test.trusted, http.Header{"X-Forwarded-For": test.says})
			if said := strings.Join(got.Header["X-Forwarded-For"], ", "); said != test.want {
				t.Errorf("got %q, want %q", said, test.want)
			}
		})
	}
}

func TestARequestIsForwardedAsItIs(t *testing.T) {
	t.Parallel()
	got := forward(t, nil, http.Header{"Authorization": {"Bearer x"}, "Cookie": {"a=b"}, "X-Request-Id": {"0123456789abcdef"}, "Origin": {"http://tickets.example:3000"}})
	if got.Host != "tickets.example:3000" || got.RequestURI != "/api/events?page=2&search=a%2Fb;c" {
		t.Errorf("%s of %s", got.RequestURI, got.Host)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer x", "Cookie": "a=b", "X-Request-Id": "0123456789abcdef", "Origin": "http://tickets.example:3000",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q", name, got.Header.Get(name))
		}
	}
}

func TestARequestWithoutAnIDFitForALogGetsOne(t *testing.T) {
	t.Parallel()
	for _, given := range []http.Header{{}, {"X-Request-Id": {"somebody@example.com was here"}}} {
		if id := forward(t, nil, given).Header.Get("X-Request-Id"); len(id) != 36 || strings.Contains(id, "@") {
			t.Errorf("%v: got %q", given, id)
		}
	}
}

// hangingUp takes requests and ends their connections without an answer.
func hangingUp(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return "http://" + l.Addr().String()
}

func TestAnAnswerThatIsLostIsToldAsWhatItIs(t *testing.T) {
	t.Parallel()
	handler, err := newForwarder(hangingUp(t), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for method, code := range map[string]string{"GET": "unavailable", "POST": "outcome_unknown", "DELETE": "outcome_unknown"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, "/api/book", http.NoBody))
		var p rest.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusBadGateway || p.Status != w.Code || p.Code != code || p.Title == "" || p.Type != "urn:problem-type:onsale:"+code {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
		h := w.Header()
		if h.Get("Content-Type") != "application/problem+json" || h.Get("Retry-After") != "1" || h.Get("X-Request-Id") != p.RequestID || p.RequestID == "" {
			t.Errorf("%s: %v", method, h)
		}
		if strings.Contains(w.Body.String(), "127.0.0.1") {
			t.Errorf("%s: the answer tells what only the log should: %s", method, w.Body)
		}
	}
}

// An address may call 1200 times a minute, and behind a trusted proxy it is the client's that counts.
func TestTheAPILimitsTheClientsOfATrustedProxy(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t), "RATE_LIMIT": "on", "TRUSTED_PROXIES": "127.0.0.0/8,::1/128"}
	p := startProgram(t, t.TempDir(), s)
	logIn := func(from string) int {
		r, err := http.NewRequest(http.MethodPost, p.url+"/auth/login", strings.NewReader("{"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", from)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for n := 0; logIn("192.0.2.1") != http.StatusTooManyRequests; n++ {
		if n > 5000 {
			t.Fatal("one client is not limited")
		}
	}
	if status := logIn("192.0.2.2"); status != http.StatusBadRequest {
		t.Errorf("another client: %d", status)
	}
}
