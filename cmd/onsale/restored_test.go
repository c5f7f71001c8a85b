package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onsale/migrations/migrationstest"
)

// backup dumps the database into a file.
func backup(t *testing.T, url string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "onsale.dump")
	tool(t, url, "pg_dump", "--format=custom", "--file="+file, url)
	return file
}

// restored makes a new database from such a file and returns its address.
func restored(t *testing.T, file string) (url string) {
	t.Helper()
	p := emptyDatabase(t)
	url = p.settings["DATABASE_URL"]
	tool(t, url, "pg_restore", "--exit-on-error", "--dbname="+url, file)
	return url
}

// tool runs a program of the database's own version.
func tool(t *testing.T, url, name string, args ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var bin string
	if err := conn.QueryRow(t.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&bin); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(bin, name)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		t.Skipf("NOT TESTED: this PostgreSQL has no %s", name)
	}
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func TestADumpTakenWhileItSellsIsWhole(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), s)
	organizer := p.register("organizer")
	event := organizer.openEvent(100_000)
	stop, ended := make(chan struct{}), make(chan error)
	const buyers = 8
	for i := range buyers {
		buyer := p.register("buyer" + strconv.Itoa(i))
		go func() { ended <- storm(buyer, event, stop) }()
	}
	for organizer.call("GET", "/events/"+event, nil).Version < 100 {
	}
	file := backup(t, s["DATABASE_URL"])
	close(stop)
	for range buyers {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	p.stop()

	copied := site{t.TempDir(), settings{"DATABASE_URL": restored(t, file)}}
	copied.run(t, "verify")
	node := startProgram(t, copied.dir, copied.settings)
	organizer.url = node.url
	if a := organizer.book(event); a.Status != http.StatusCreated {
		t.Errorf("book: %+v", a)
	}
	if v := organizer.call("GET", "/events/"+event, nil).Version; v < 100 {
		t.Errorf("at version %d", v)
	}
	copied.run(t, "verify")
	for name, g := range listProjections(t, copied.dir, copied.settings) {
		if g.Generation != 1 {
			t.Errorf("%s was made anew: %+v", name, g)
		}
	}
}

// A fallback is an event of which two tickets were sold, a backup, and what was sold after it and is lost.
type fallback struct {
	url, file   string
	event       string
	kept, lost  client
	position    string // of the last answer before the restore
	lostBooking string
}

func (f *fallback) sell(t *testing.T, p *program) {
	t.Helper()
	f.kept, f.lost = p.register("kept"), p.register("lost")
	f.event = f.kept.openEvent(5)
	f.kept.book(f.event)
	f.kept.remaining(f.event) // so that the tables have it
	f.file = backup(t, f.url)
	for range 5 {
		a := f.lost.book(f.event)
		f.lost.call("DELETE", "/bookings/"+a.Booking.ID, nil)
	}
	a := f.lost.book(f.event)
	if a.Status != http.StatusCreated {
		t.Fatalf("book: %+v", a)
	}
	f.position, f.lostBooking = a.Header.Get("Onsale-Position"), a.Booking.ID
	if n := f.lost.remaining(f.event); n != 3 {
		t.Fatalf("%d remain", n)
	}
}

// wantRestored looks that the node knows nothing of what is lost, and sells on.
func (f *fallback) wantRestored(t *testing.T, p *program, remaining int) {
	t.Helper()
	f.kept.url, f.lost.url = p.url, p.url
	f.lost.position = f.position
	began := time.Now()
	if n := f.lost.remaining(f.event); n != remaining {
		t.Errorf("%d remain, want %d", n, remaining)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a read with a position from before the restore took %s", took)
	}
	if a := f.lost.call("GET", "/bookings/"+f.lostBooking, nil); a.Status != http.StatusNotFound {
		t.Errorf("the lost booking: %+v", a)
	}
	f.lost.position = ""
	if a := f.kept.book(f.event); a.Status != http.StatusConflict || a.Code != "already_booked" {
		t.Errorf("who has a ticket books another: %+v", a)
	}
	if a := f.lost.book(f.event); a.Status != http.StatusCreated || a.Event.RemainingTickets != remaining-1 {
		t.Errorf("who has lost theirs books again: %+v", a)
	}
	if n := f.kept.remaining(f.event); n != remaining-1 {
		t.Errorf("%d remain, want %d", n, remaining-1)
	}
	site{t.TempDir(), settings{"DATABASE_URL": f.url}}.run(t, "verify")
}

func TestARestoreToAnOlderStateWhileNodesAreStopped(t *testing.T) {
	t.Parallel()
	f := fallback{url: migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": f.url})
	f.sell(t, p)
	p.stop()
	f.url = restored(t, f.file)
	p = startProgram(t, t.TempDir(), settings{"DATABASE_URL": f.url})
	f.wantRestored(t, p, 4)
	for name, g := range listProjections(t, t.TempDir(), settings{"DATABASE_URL": f.url}) {
		if g.Generation != 1 {
			t.Errorf("%s was made anew: %+v", name, g)
		}
	}
}

func TestARestoreToAnOlderStateUnderARunningNode(t *testing.T) {
	t.Parallel()
	for name, sold := range map[string]int{
		"that nobody used since":                     0,
		"that has grown past what the node had seen": 3,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fallback{url: migrationstest.Database(t)}
			p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": f.url})
			f.sell(t, p)
			viewer := f.kept.watch(p.url, f.event)
			viewer.until(3)
			older := restored(t, f.file)
			if sold > 0 {
				other := startProgram(t, t.TempDir(), settings{"DATABASE_URL": older})
				for i := range sold {
					buyer := other.register("meanwhile" + strconv.Itoa(i))
					for range 10 {
						a := buyer.book(f.event)
						buyer.call("DELETE", "/bookings/"+a.Booking.ID, nil)
					}
					if a := buyer.book(f.event); a.Status != http.StatusCreated {
						t.Fatalf("book: %+v", a)
					}
				}
				other.stop()
			}
			exchange(t, f.url, older)
			viewer.versions = make(map[string]int64)         // as a page that is loaded again
			for probe, c := f.lost, 0; c != http.StatusOK; { // while the connections that were cut are found out
				c = probe.call("GET", "/events/"+f.event, nil).Status
			}
			f.wantRestored(t, p, 4-sold)
			viewer.until(4 - sold - 1)
			if a := f.kept.call("GET", "/readyz", nil); a.Status != http.StatusOK {
				t.Errorf("not ready: %+v", a)
			}
		})
	}
}

// exchange puts another database in the place of one that is in use, and cuts its connections.
func exchange(t *testing.T, url, with string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pgx.ParseConfig(with)
	if err != nil {
		t.Fatal(err)
	}
	name, older := config.Database, other.Database
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{
		"alter database $1 with allow_connections false",
		"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname in ('$1', '$2')",
		"alter database $1 rename to $1_gone",
		"alter database $2 rename to $1",
		"drop database $1_gone with (force)",
		"create database $2", // which the test drops
	} {
		if _, err := conn.Exec(t.Context(), strings.NewReplacer("$1", name, "$2", older).Replace(statement)); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
