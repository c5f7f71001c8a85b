package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/migrations/migrationstest"
	"onsale/query"
)

// operate carries out an admin command, and decodes what it says into what it should be.
func operate[T any](t *testing.T, s settings, args ...string) (told T) {
	t.Helper()
	code, out, stderr := runProgram(t, t.TempDir(), s, append([]string{"admin", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 {
		t.Fatalf("admin %q: exit code %d, %v\n%s%s", args, code, err, out, stderr)
	}
	return told
}

type changedSale struct {
	EventID, BookingID, Title string
	Quantity, Remaining       int
	Version, Position         int64
	Changed                   bool
}

// untilClosed reads until somebody says that sales are closed.
func (v *viewer) untilClosed() {
	v.t.Helper()
	for {
		var frame struct{ Events []query.Counts }
		if err := v.ReadJSON(&frame); err != nil {
			v.t.Fatalf("waiting for the close: %v", err)
		}
		if slices.ContainsFunc(frame.Events, func(c query.Counts) bool { return c.Closed }) {
			return
		}
	}
}

type overview struct {
	ID, Title, State                string
	StartsAt                        *string
	OnSale, Remaining, Held, Booked int
}

func TestTheOperatorClosesASaleInTheMiddleOfTheRush(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	nodes := [2]*program{startProgram(t, t.TempDir(), s), startProgram(t, t.TempDir(), s)}
	organizer := nodes[0].register("organizer")
	event := organizer.openEvent(100_000)
	watching := organizer.watch(nodes[1].url, event)
	buyers := make([]client, 8)
	for i := range buyers {
		buyers[i] = nodes[i%2].register("buyer" + strconv.Itoa(i))
	}
	type end struct {
		last answer
		err  error
	}
	selling, ends := make(chan struct{}, len(buyers)), make(chan end, len(buyers))
	for _, buyer := range buyers {
		go func() { // books and cancels until refused
			for round := 0; ; round++ {
				a, err := buyer.try("POST", "/book", map[string]any{"eventId": event})
				if err != nil || a.Status != http.StatusCreated {
					ends <- end{a, err}
					return
				}
				if round == 0 {
					selling <- struct{}{}
				}
				if a, err = buyer.try("DELETE", "/bookings/"+a.Booking.ID, nil); err != nil || a.Status != http.StatusOK {
					ends <- end{a, err}
					return
				}
			}
		}()
	}
	for range buyers {
		<-selling
	}
	closed := operate[changedSale](t, s, "close", event, "--reason", "The hall is flooded")
	if !closed.Changed || closed.EventID != event || closed.Title != "Concert" {
		t.Errorf("%+v", closed)
	}
	for range buyers {
		if e := <-ends; e.err != nil || e.last.Status != http.StatusConflict || e.last.Code != "sale_closed" {
			t.Errorf("the last answer was %+v, %v", e.last, e.err)
		}
	}

	t.Run("the log has no sale after it", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), s["DATABASE_URL"])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		var before, after int
		err = conn.QueryRow(t.Context(), `select count(*) filter (where version < $2), count(*) filter (where version > $2)
		    from events where stream = $1 and type = 'booking.confirmed.v1'`, event, closed.Version).Scan(&before, &after)
		if err != nil || before < len(buyers) || after != 0 {
			t.Errorf("%d were sold before, %d after, %v", before, after, err)
		}
	})
	t.Run("again, it changes nothing", func(t *testing.T) {
		if again := operate[changedSale](t, s, "close", event, "--reason", "Another"); again.Changed {
			t.Errorf("%+v", again)
		}
	})
	t.Run("everybody sees it", func(t *testing.T) {
		for _, node := range nodes {
			if a := organizer.at(node).call("GET", "/events/"+event, nil); !a.Closed {
				t.Errorf("%+v", a)
			}
		}
		watching.untilClosed()
		listed := operate[[]overview](t, s, "events")
		if len(listed) != 1 || listed[0].State != "closed" || listed[0].ID != event || listed[0].OnSale != 100_000 {
			t.Errorf("%+v", listed)
		}
	})
	t.Run("the organiser reads why", func(t *testing.T) {
		a := organizer.call("GET", "/events/"+event+"/history?limit=200", nil)
		if !slices.ContainsFunc(a.Data, func(entry json.RawMessage) bool {
			return strings.Contains(string(entry), `"Sales closed by the operator: The hall is flooded"`)
		}) {
			t.Errorf("%s", a.Data)
		}
	})
	t.Run("no rule is broken", func(t *testing.T) {
		if code, out, stderr := runProgram(t, t.TempDir(), s, "verify"); code != 0 {
			t.Errorf("exit code %d\n%s%s", code, out, stderr)
		}
	})
}

func TestTheOperatorCancelsABooking(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), s)
	buyer := p.register("buyer")
	event := buyer.openEvent(5)
	booking := buyer.book(event).Booking.ID
	told := operate[changedSale](t, s, "cancel", booking, "--reason", "Paid twice")
	if told.BookingID != booking || told.EventID != event || told.Quantity != 1 || told.Remaining != 5 || told.Title != "Concert" {
		t.Errorf("%+v", told)
	}
	buyer.position = strconv.FormatInt(told.Position, 10)
	if n := buyer.remaining(event); n != 5 {
		t.Errorf("%d remain", n)
	}
	a := buyer.call("GET", "/events/"+event+"/history", nil)
	if len(a.Data) != 3 || !strings.Contains(string(a.Data[0]), `cancelled by the operator: Paid twice"`) {
		t.Errorf("%s", a.Data)
	}
	if a := buyer.book(event); a.Status != http.StatusCreated {
		t.Errorf("book again: %+v", a)
	}
	for args, says := range map[string]string{
		"cancel " + booking + " --reason x": "cancelled already",
		"cancel " + someID + " --reason x":  "no such booking",
		"close " + someID + " --reason x":   "no such event",
	} {
		code, out, stderr := runProgram(t, t.TempDir(), s, append([]string{"admin"}, strings.Fields(args)...)...)
		if code != 1 || out != "" || !strings.Contains(stderr, says) {
			t.Errorf("admin %s: exit code %d\n%s%s", args, code, out, stderr)
		}
	}
	if code, _, stderr := runProgram(t, t.TempDir(), s, "admin", "close", event, "--reason", "  "); code != 1 || !strings.Contains(stderr, "reason must be 1 to 200 characters") {
		t.Errorf("a blank reason: exit code %d\n%s", code, stderr)
	}
}

func TestTheOperatorMakesAUserAdmin(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), s)
	user := p.register("user")
	if a := user.call("GET", "/bookings?scope=all", nil); a.Status != http.StatusForbidden {
		t.Fatalf("%+v", a)
	}
	type role struct {
		ID, Email, Role string
		Changed         bool
	}
	for _, changed := range []bool{true, false} {
		if told := operate[role](t, s, "user", "USER@example.com", "--role", "admin"); told.Changed != changed || told.Role != "admin" || told.Email != "user@example.com" {
			t.Errorf("%+v, want changed: %v", told, changed)
		}
	}
	a := user.call("POST", "/auth/login", map[string]string{"email": "user@example.com", "password": "correct horse 1"})
	user.token = a.AccessToken
	if a := user.call("GET", "/bookings?scope=all", nil); a.Status != http.StatusOK {
		t.Errorf("as an admin: %+v", a)
	}
	if code, _, stderr := runProgram(t, t.TempDir(), s, "admin", "user", "nobody@example.com", "--role", "admin"); code != 1 || !strings.Contains(stderr, "user not found") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func TestTheListOfEventsIsWholeWithoutAServe(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	if events := operate[[]overview](t, s, "events"); events == nil || len(events) != 0 {
		t.Errorf("before all: %+v", events)
	}
	if code, _, stderr := runProgram(t, t.TempDir(), s, "seed"); code != 0 || strings.Contains(stderr, "making") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	operate[changedSale](t, s, "close", someID, "--reason", "x")
	states := make(map[string]int)
	for _, e := range operate[[]overview](t, s, "events") {
		states[e.State]++
		if e.StartsAt == nil || e.Remaining != e.OnSale || e.ID == someID && (e.State != "closed" || e.Title != "Limited Concert") {
			t.Errorf("%+v", e)
		}
	}
	if states["open"] != 7 || states["sold out"] != 1 || states["closed"] != 1 {
		t.Errorf("%v", states)
	}
	code, out, _ := runProgram(t, t.TempDir(), s, "admin", "events")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); code != 0 || len(lines) != 10 || !strings.HasPrefix(lines[0], "ID ") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
