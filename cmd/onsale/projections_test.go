package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onsale/migrations/migrationstest"
)

func TestProjectionsUsedWrongly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, says string }{
		{"projections rebuild", "listings, bookings, sales_timeline, or --all"},
		{"projections rebuild --all listings", "not both"},
		{"projections rebuild refunds", `no projection "refunds": there are listings, bookings, sales_timeline`},
		{"projections rebuild --fast", "unknown flag"},
		{"projections list listings", "listings"},
		{"projections mend", "mend"},
		{"projections", "projections list, or projections rebuild?"},
	} {
		code, _, stderr := runProgram(t, t.TempDir(), settings{"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, strings.Fields(test.args)...)
		if code != 2 || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: exit code %d; want 2\n%s", test.args, code, stderr)
		}
	}
}

// A listedGeneration is what projections list --json says of one.
type listedGeneration struct {
	Name                string
	Generation, Version int
	State               string
	Position, Lag       int64
	BehindSeconds       *float64
	Halted              string
}

func listProjections(t *testing.T, dir string, s settings) map[string]listedGeneration {
	t.Helper()
	code, out, stderr := runProgram(t, dir, s, "projections", "list", "--json")
	var list []listedGeneration
	if err := json.Unmarshal([]byte(out), &list); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, stderr)
	}
	live := make(map[string]listedGeneration)
	for _, g := range list {
		if g.State == "live" {
			live[g.Name] = g
		}
	}
	return live
}

func TestProjectionsAreListedAndRebuiltBesideServe(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}
	conn, err := pgx.Connect(t.Context(), s["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	p := startProgram(t, dir, s)
	buyer := p.register("buyer")
	event := buyer.openEvent(5)
	if a := buyer.book(event); a.Status != 201 {
		t.Fatalf("book: %+v", a)
	}
	buyer.remaining(event) // the tables have the booking

	code, out, stderr := runProgram(t, dir, s, "projections", "list")
	if code != 0 || !strings.HasPrefix(out, "NAME ") || strings.Count(out, "live") != 3 {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if _, err := conn.Exec(t.Context(), "truncate listings.events, listings.sections"); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = runProgram(t, dir, s, "projections", "rebuild", "listings", "listings")
	if code != 0 || !strings.HasPrefix(out, "Rebuilt listings from 2 events in ") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, out, stderr := runProgram(t, dir, s, "verify"); code != 0 {
		t.Errorf("verify: exit code %d\n%s%s", code, out, stderr)
	}
	code, out, stderr = runProgram(t, dir, s, "projections", "rebuild", "--all", "--keep")
	if code != 0 || !strings.HasPrefix(out, "Rebuilt listings, bookings, sales_timeline from 2 events in ") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, out, stderr := runProgram(t, dir, s, "projections", "drop"); code != 0 || out != "Dropped 3 retired generations.\n" {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, out, _ := runProgram(t, dir, s, "projections", "list"); code != 0 || strings.Contains(out, "retired") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	live := listProjections(t, dir, s)
	for name, generation := range map[string]int{"listings": 3, "bookings": 2, "sales_timeline": 2} {
		if g := live[name]; g.Generation != generation || g.Position != 2 || g.Lag != 0 || g.BehindSeconds == nil || *g.BehindSeconds != 0 || g.Halted != "" {
			t.Errorf("%s: %+v", name, g)
		}
	}
	if a := p.register("other").book(event); a.Status != 201 {
		t.Errorf("afterwards, book: %+v", a)
	}
	if left := buyer.remaining(event); left != 3 {
		t.Errorf("%d are left; want 3", left)
	}
}

func TestARebuildThatIsInterruptedLeavesTheLiveTables(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}
	if code, out, stderr := runProgram(t, dir, s, "projections", "rebuild", "--all"); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, out, stderr)
	}
	before := listProjections(t, dir, s)
	conn, err := pgx.Connect(t.Context(), s["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	other, err := pgx.Connect(t.Context(), s["DATABASE_URL"]) // in one transaction the activity would never change
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.Background())
	live, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := live.Exec(t.Context(), "select from projections where state = 'live' for update"); err != nil {
		t.Fatal(err)
	}

	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, "projections", "rebuild", "--all")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, s.environ(), &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for waits, until := false, time.Now().Add(time.Minute); !waits; {
		err := other.QueryRow(t.Context(), "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')").Scan(&waits)
		if err != nil || time.Now().After(until) {
			t.Fatalf("the rebuild never waits for the swap: %v", err)
		}
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || strings.Contains(stderr.String(), "goroutine") {
		t.Errorf("exit code %d; want 130\n%s", code, &stderr)
	}
	if err := live.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := listProjections(t, dir, s)
	for name, was := range before {
		if is := after[name]; is.Generation != was.Generation || is.Position != was.Position {
			t.Errorf("%s was %+v and is %+v", name, was, is)
		}
	}
	if code, out, stderr := runProgram(t, dir, s, "projections", "rebuild", "--all"); code != 0 {
		t.Errorf("the next one: exit code %d\n%s%s", code, out, stderr)
	}
}

func TestANodeWaitsForTheReadTablesThatAnotherMakes(t *testing.T) {
	t.Parallel()
	p := migratedDatabase(t)
	p.run(t, "migrate")
	other := p.connect(t)
	for _, statement := range []string{
		"update projections set version = 0 where name = 'listings'",
		"select pg_advisory_lock(hashtextextended('onsale.rebuild.listings', 0))",
	} {
		if _, err := other.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var said lockedBuffer
	cmd := exec.CommandContext(t.Context(), binary, "migrate")
	cmd.Dir, cmd.Env, cmd.Stderr = p.dir, p.environ(), &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for strings.Count(said.String(), "made anew") < 2 { // it has tried once, and tries again
		select {
		case err := <-ended:
			t.Fatalf("it did not wait: %v\n%s", err, &said)
		default:
		}
	}
	if _, err := other.Exec(t.Context(), "select pg_advisory_unlock_all()"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, &said)
	}
	if g := listProjections(t, p.dir, p.settings)["listings"]; g.Version == 0 || g.Generation != 2 {
		t.Errorf("%+v", g)
	}
}
