package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"onsale/migrations/migrationstest"
)

// One person can neither see nor change what is another's, and where that would tell something, what is another's answers like what is
// not there.
func TestNobodyReachesWhatIsSomebodyElses(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	owner, buyer, holder, stranger := p.register("owner"), p.register("buyer"), p.register("holder"), p.register("stranger")
	const absent = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
	event := owner.openEvent(10)
	booking := buyer.book(event).Booking.ID
	hold := holder.hold(event)
	before := owner.remaining(event)
	for _, row := range []struct {
		who    client
		method string
		path   string // with * for the id
		id     string
		status int
		alike  bool // as if it were not there
	}{
		{stranger, "GET", "/bookings/*", booking, 404, true},
		{owner, "GET", "/bookings/*", booking, 404, true},        // organisers see bookings in the list of their event
		{stranger, "DELETE", "/bookings/*", booking, 403, false}, // as the contract has it: ids cannot be guessed
		{owner, "DELETE", "/bookings/*", booking, 403, false},
		{holder, "GET", "/bookings/*", hold, 404, true}, // a hold is no booking yet
		{stranger, "DELETE", "/holds/*", hold, 404, true},
		{stranger, "POST", "/holds/*/confirm", hold, 404, true},
		{stranger, "GET", "/events/*/bookings", event, 403, false}, // that the event exists is public
		{stranger, "GET", "/events/*/history", event, 403, false},
		{stranger, "GET", "/events/*/sales", event, 403, false},
		{stranger, "GET", "/events/*?atVersion=1", event, 403, false},
		{buyer, "GET", "/bookings?scope=all&*", "", 403, false},
	} {
		name := row.method + " " + row.path
		foreign, text := row.who.say(row.method, strings.Replace(row.path, "*", row.id, 1))
		if foreign != row.status {
			t.Errorf("%s: %d, want %d: %s", name, foreign, row.status, text)
		}
		for _, secret := range []string{"buyer@example.com", "A buyer", "holder@example.com"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %s: %s", name, secret, text)
			}
		}
		if missing, of := row.who.say(row.method, strings.Replace(row.path, "*", absent, 1)); row.alike && (missing != foreign || of != text) {
			t.Errorf("%s: %d %s; of what is not there: %d %s", name, foreign, text, missing, of)
		}
	}
	for _, path := range []string{"/bookings", "/holds", "/events?organizer=me"} {
		if status, text := stranger.say("GET", path); status != 200 || strings.Contains(text, event) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if after := owner.remaining(event); after != before {
		t.Errorf("%d left, there were %d", after, before)
	}
	if status, text := buyer.say("GET", "/bookings/"+booking); status != 200 || !strings.Contains(text, "CONFIRMED") {
		t.Errorf("the buyer's own: %d %s", status, text)
	}
	if status, text := holder.say("POST", "/holds/"+hold+"/confirm"); status != 201 {
		t.Errorf("the holder's own: %d %s", status, text)
	}
}

// hold holds a seat of the event and returns the hold's id.
func (c client) hold(event string) string {
	c.t.Helper()
	_, text := c.send("POST", "/holds", fmt.Sprintf(`{"eventId":%q}`, event))
	var held struct{ Hold struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &held); err != nil || held.Hold.ID == "" {
		c.t.Fatalf("hold: %s", text)
	}
	return held.Hold.ID
}

func (c client) say(method, path string) (status int, text string) {
	c.t.Helper()
	return c.send(method, path, "")
}

// send returns an answer as text, always under the same request id, so that two can be compared.
func (c client) send(method, path, body string) (status int, text string) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("X-Request-Id", "4bf92f3577b34da6")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, string(all)
}
