package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"onsale/command"
	"onsale/eventstore"
	"onsale/migrations"
)

func verifies(t *testing.T, p site) {
	t.Helper()
	p.run(t, "verify")
}

func migratedOnce(t *testing.T, p site) {
	t.Helper()
	var version int32
	if err := p.connect(t).QueryRow(t.Context(), "select version from schema_version").Scan(&version); err != nil || version != migrations.Latest() {
		t.Errorf("schema %d, %v", version, err)
	}
	for name, g := range listProjections(t, p.dir, p.settings) {
		if g.Generation != 1 || g.Lag != 0 {
			t.Errorf("%s: %+v", name, g)
		}
	}
	verifies(t, p)
}

// once are the demo data: accounts, events, and events whose sale was opened.
const once = "5 9 9"

const demoSQL = `
select format('%s %s %s', (select count(*) from users), count(distinct stream), count(*) filter (where version = 1))
  from events`

func seededOnce(t *testing.T, p site) {
	t.Helper()
	var found string
	if err := p.connect(t).QueryRow(t.Context(), demoSQL).Scan(&found); err != nil || found != once {
		t.Errorf("there are %q; want %q; %v", found, once, err)
	}
	verifies(t, p)
}

// seededInFolder also looks that nothing was left behind: no process, no folder half made, no lock.
func seededInFolder(t *testing.T, p site) {
	t.Helper()
	if out := p.run(t, "verify"); !strings.Contains(out, "Verified 9 events of 9 sales") {
		t.Errorf("verify: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(p.settings["ONSALE_DATA"], "new-*")); len(left) > 0 {
		t.Errorf("half made: %q", left)
	}
	for ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second); ; {
		left := processesIn(p.settings["ONSALE_DATA"])
		if len(left) == 0 {
			cancel()
			return
		}
		if ctx.Err() != nil {
			cancel()
			t.Errorf("still running: %v", left)
			return
		}
	}
}

const generationsSQL = `
select string_agg(name || ' ' || state, ', ' order by name)
       || '; ' || (select count(*) from pg_namespace where nspname ~ '^(bookings|listings|sales_timeline)(_[0-9]+)?$')
  from projections`

// rebuilt looks that there are the live tables, right, and no others.
func rebuilt(t *testing.T, p site) {
	t.Helper()
	var found string
	err := p.connect(t).QueryRow(t.Context(), generationsSQL).Scan(&found)
	if want := "bookings live, listings live, sales_timeline live; 3"; err != nil || found != want {
		t.Errorf("there are %q; want %q; %v", found, want, err)
	}
	verifies(t, p)
}

const sessionsSQL = `
select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`

// nothingLeftRunning looks that the database works for nobody who is not there any more.
func nothingLeftRunning(t *testing.T, p site) {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(context.Background())
	for until := time.Now().Add(20 * time.Second); ; {
		var left int
		if err := conn.QueryRow(t.Context(), sessionsSQL).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(until) {
			t.Errorf("%d sessions are left", left)
			return
		}
	}
}

// soldLog is one database each time, with a log that takes a moment to go through.
func soldLog() func(*testing.T) site {
	var p site
	return func(t *testing.T) site {
		if p.dir == "" {
			p = migratedDatabase(t)
			sellMuch(t, p.settings["DATABASE_URL"])
			p.run(t, "projections rebuild --all")
		}
		return p
	}
}

// sellMuch puts 50 events on sale and sells 100 tickets of each.
func sellMuch(t *testing.T, url string) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store := eventstore.New(pool)
	writer := command.NewWriter(store, command.WriterOptions{})
	defer writer.Close()
	handlers := command.NewHandlers(writer, store, command.Options{})
	var all errgroup.Group
	for range 50 {
		all.Go(func() error {
			r, err := handlers.CreateEvent(t.Context(), command.CreateEvent{
				Organizer: uuid.New(), Title: "Concert", Currency: "EUR", Sections: []command.SectionSpec{{Name: "Floor", Capacity: 200, Remaining: 200}},
			})
			if err != nil {
				return err
			}
			var buyers errgroup.Group
			for range 100 {
				buyers.Go(func() error {
					_, err := handlers.Book(t.Context(), command.Book{EventID: r.Event.ID, Quantity: 1, Buyer: uuid.New()})
					return err
				})
			}
			return buyers.Wait()
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
}
