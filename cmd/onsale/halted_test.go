package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/migrations/migrationstest"
)

func TestAProjectionThatHaltsHoldsUpOnlyWhoReadsItsTables(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), s)
	conn, err := pgx.Connect(t.Context(), s["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	sql := func(text string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	organizer := p.register("organizer")
	event := organizer.openEvent(2)
	sql("alter table sales_timeline.minutes add constraint broken check (booked < 1)")
	if a := organizer.book(event); a.Status != http.StatusCreated {
		t.Fatalf("book: %+v", a)
	}
	if n := organizer.remaining(event); n != 1 {
		t.Errorf("%d remain", n)
	}
	if a := organizer.call("GET", "/bookings", nil); len(a.Data) != 1 {
		t.Errorf("bookings: %+v", a)
	}
	if a := organizer.call("GET", "/events/"+event+"/sales", nil); a.Status != http.StatusServiceUnavailable || a.Code != "not_caught_up" {
		t.Errorf("sales: %+v", a)
	}
	code, out, _ := runProgram(t, t.TempDir(), s, "projections", "list")
	if code != 0 || !strings.Contains(out, "halted at position") || strings.Count(out, "halted at position") != 1 {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	ready, err := http.Get(p.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	ready.Body.Close()
	if ready.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d", ready.StatusCode)
	}
	t.Run("and goes on by itself once it can", func(t *testing.T) {
		sql("alter table sales_timeline.minutes drop constraint broken")
		for a := (answer{}); a.Status != http.StatusOK; { // each waits for the projection, up to its bound
			a = organizer.call("GET", "/events/"+event+"/sales", nil)
		}
	})
}
