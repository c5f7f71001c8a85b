package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/migrations/migrationstest"
)

func TestVerifyTellsWhetherTheTablesAreTheLog(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}
	conn, err := pgx.Connect(t.Context(), s["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())

	p := startProgram(t, dir, s)
	buyer := p.register("buyer")
	event := buyer.openEvent(5)
	if a := buyer.book(event); a.Status != 201 {
		t.Fatalf("book: %+v", a)
	}
	t.Run("they are, while it sells", func(t *testing.T) {
		code, out, err := runProgram(t, dir, s, "verify")
		if code != 0 || !strings.Contains(out, "Verified 2 events of 1 sales with 1 bookings") || !strings.Contains(out, "No rule is broken.") {
			t.Errorf("exit code %d\n%s%s", code, out, err)
		}
	})
	buyer.remaining(event) // the tables have the booking
	p.stop()
	if _, err := conn.Exec(t.Context(), "truncate listings.events, listings.sections"); err != nil {
		t.Fatal(err)
	}
	t.Run("they were emptied", func(t *testing.T) {
		code, out, err := runProgram(t, dir, s, "verify")
		if code != 1 || !strings.Contains(out, "BAD 2  listings") || !strings.Contains(out, "expected row "+event+" in events; found none") ||
			!strings.Contains(err, "rules are broken in 2 places") {
			t.Errorf("exit code %d\n%s%s", code, out, err)
		}
	})
	t.Run("as JSON", func(t *testing.T) {
		code, out, _ := runProgram(t, dir, s, "verify", "--json")
		var report struct {
			Clean              bool
			Events, Violations int
			ElapsedSeconds     float64
			Checks             []struct {
				Name   string
				Broken int
				First  []struct{ Expected, Found string }
			}
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 1 {
			t.Fatalf("exit code %d, %v\n%s", code, err, out)
		}
		if report.Clean || report.Events != 2 || report.Violations != 2 || report.ElapsedSeconds == 0 {
			t.Errorf("%+v", report)
		}
		for _, c := range report.Checks {
			if wrong := c.Name == "listings"; wrong != (c.Broken == 2) || wrong != (len(c.First) == 2) {
				t.Errorf("%+v", c)
			}
		}
	})
	t.Run("a rebuild mends them", func(t *testing.T) {
		if code, out, err := runProgram(t, dir, s, "projections", "rebuild", "listings"); code != 0 {
			t.Fatalf("exit code %d\n%s%s", code, out, err)
		}
		if code, out, err := runProgram(t, dir, s, "verify"); code != 0 {
			t.Errorf("exit code %d\n%s%s", code, out, err)
		}
	})
}

func TestVerifyChangesNothing(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}
	code, out, stderr := runProgram(t, dir, s, "verify")
	if code != 1 || !strings.Contains(out, "expected tables of listings; found none") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	conn, err := pgx.Connect(t.Context(), s["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var made int
	if err := conn.QueryRow(t.Context(), "select count(*) from projections").Scan(&made); err != nil || made != 0 {
		t.Errorf("%d projections were made, %v", made, err)
	}
	if _, err := conn.Exec(t.Context(), "drop table events cascade"); err != nil {
		t.Fatal(err)
	}
	if code, out, stderr := runProgram(t, dir, s, "verify"); code != 1 || !strings.Contains(stderr, "run 'onsale migrate'") {
		t.Errorf("exit code %d without a log\n%s%s", code, out, stderr)
	}
}

func TestVerifyUsedWrongly(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"verify", "all"}, {"verify", "--deep"}} {
		if code, _, _ := runProgram(t, t.TempDir(), settings{"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, args...); code != 2 {
			t.Errorf("%q: exit code %d, want 2", args, code)
		}
	}
}
