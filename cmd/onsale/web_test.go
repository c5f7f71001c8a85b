package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"onsale/migrations/migrationstest"
)

// startWeb starts onsale web before the API at the address and returns a client of its API that is signed in as nobody.
func startWeb(t *testing.T, api string) (*program, client) {
	t.Helper()
	p := start(t, t.TempDir(), settings{"API_URL": api}, "web")
	return p, client{t: t, url: p.web + "/api"}
}

func TestAPersonBooksAndWatchesThroughWeb(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	web, _ := startWeb(t, p.url)
	buyer := p.register("buyer")
	buyer.url = web.web + "/api"
	event := buyer.openEvent(3)
	viewer := buyer.watch(buyer.url, event)
	viewer.until(3)
	if a := buyer.book(event); a.Status != http.StatusCreated {
		t.Fatalf("book: %+v", a)
	}
	viewer.until(2)
	if a := buyer.book(event); a.Code != "already_booked" || a.Status != http.StatusConflict {
		t.Errorf("a refusal comes through as it is: %+v", a)
	}
}

func TestWebServesThePagesAsServeDoes(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	web, _ := startWeb(t, p.url)
	for _, path := range []string{"/", "/events", "/nothing", "/_next/nothing.js", "/api/openapi.json", "/api/nothing", "/api/docs/"} {
		want, got := page(t, p.web+path), page(t, web.web+path)
		if got.StatusCode != want.StatusCode {
			t.Errorf("%s: %d, want %d", path, got.StatusCode, want.StatusCode)
		}
		for name := range want.Header {
			if name != "Date" && name != "X-Request-Id" && strings.Join(got.Header[name], "|") != strings.Join(want.Header[name], "|") {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Header[name], want.Header[name])
			}
		}
	}
}

func TestWebServesWhileTheAPIIsAway(t *testing.T) {
	t.Parallel()
	database, dir := migrationstest.Database(t), t.TempDir()
	p := startProgram(t, dir, settings{"DATABASE_URL": database})
	web, nobody := startWeb(t, p.url)
	buyer := p.register("buyer")
	event := buyer.openEvent(3)
	buyer.url = nobody.url
	p.kill()

	if a := buyer.book(event); a.Status != http.StatusServiceUnavailable || a.Code != "unavailable" || a.Header.Get("Retry-After") == "" {
		t.Errorf("book: %+v", a)
	}
	if _, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(web.web, "http")+"/api/live", nil); err == nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("live counts: %v, %v", answer, err)
	}
	for _, path := range []string{"/", "/healthz"} {
		if r := page(t, web.web+path); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	back := settings{"DATABASE_URL": database, "API_PORT": portOf(p.url)}
	startProgram(t, dir, back)
	if a := buyer.book(event); a.Status != http.StatusCreated {
		t.Errorf("book when the API is back: %+v", a)
	}
}

func TestWebToldToStopAnswersWhatIsInFlight(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "PAYMENT_DELAY": "2s"})
	web, nobody := startWeb(t, p.url)
	buyer := p.register("buyer")
	event := buyer.openEvent(3)
	viewer := buyer.watch(nobody.url, event)
	viewer.until(3)
	patient := buyer
	patient.url = nobody.url
	var booked answer
	var booking sync.WaitGroup
	booking.Go(func() { booked, _ = patient.try("POST", "/book", map[string]any{"eventId": event}) })
	viewer.until(2) // the seat is taken, and being paid for

	if code := web.stop(); code != exitDone {
		t.Errorf("exit code %d\n%s", code, web.output)
	}
	booking.Wait()
	if booked.Status != http.StatusCreated {
		t.Errorf("the booking: %+v", booked)
	}
	if _, _, err := viewer.ReadMessage(); err == nil {
		if _, _, err = viewer.ReadMessage(); err == nil { // after the counts of the booking itself
			t.Error("the viewer is still connected")
		}
	}
}

func TestWebSaysWhatIsWrongWithItsSettings(t *testing.T) {
	t.Parallel()
	code, _, stderr := runProgram(t, t.TempDir(), settings{"API_URL": "api:3001", "WEB_PORT": "http"}, "web")
	if code != exitUsage || !strings.Contains(stderr, `API_URL: "api:3001"`) || !strings.Contains(stderr, "WEB_PORT:") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func page(t *testing.T, url string) *http.Response {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r
}
