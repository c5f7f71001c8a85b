package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/migrations/migrationstest"
	"onsale/projections"
	"onsale/projections/verify"
)

// stockedForTest is a database with the log filled, and its read tables still empty.
func stockedForTest(t *testing.T, s stock) (database string, pool *pgxpool.Pool) {
	t.Helper()
	database = migrationstest.Database(t)
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	err = pool.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
		return projections.Prepare(t.Context(), conn.Conn(), projections.All()...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.fill(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	return database, pool
}

func broken(t *testing.T, database string) map[string]int64 {
	t.Helper()
	report, err := verify.Verify(t.Context(), database, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]int64)
	for _, check := range report.Checks {
		if check.Broken > 0 && !check.Warning {
			found[check.Name] = check.Broken
			t.Logf("%s: %+v", check.Name, check.First[0])
		}
	}
	return found
}

func TestAFilledLogIsOneThatOnsaleCouldHaveWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []stock{{sales: 7, events: 1000}, {sales: 1, events: 1}, {sales: 1, events: 501}, {sales: 10, events: 10}} {
		database, pool := stockedForTest(t, s)
		if err := projections.Rebuild(t.Context(), pool, eventstore.New(pool), projections.RebuildOptions{}, projections.All()...); err != nil {
			t.Fatal(err)
		}
		if found := broken(t, database); len(found) > 0 {
			t.Errorf("%+v: %v", s, found)
		}
		var events, sales, first int
		err := pool.QueryRow(t.Context(), "select count(*), count(distinct stream), count(*) filter (where stream = $1 and version = 1) from events", s.sale(0)).
			Scan(&events, &sales, &first)
		if err != nil || events != s.events || sales != s.sales || first != 1 {
			t.Errorf("%+v: %d events of %d sales, %v", s, events, sales, err)
		}
	}
}

func TestTheTableOfBookingsIsFilledAsTheLogIs(t *testing.T) {
	t.Parallel()
	database, pool := stockedForTest(t, stock{sales: 7, events: 7 + 500, known: true})
	if found := broken(t, database); found["bookings"] > 0 {
		t.Errorf("%v", found)
	}
	var rows, behind int
	err := pool.QueryRow(t.Context(), "select (select count(*) from bookings.bookings), (select count(*) from projections where position <> 507)").Scan(&rows, &behind)
	if err != nil || rows != 400 || behind != 0 {
		t.Errorf("%d bookings, %d tables behind, %v", rows, behind, err)
	}
}

func TestNoLogIsALogToo(t *testing.T) {
	t.Parallel()
	_, pool := stockedForTest(t, stock{known: true})
	var events int
	if err := pool.QueryRow(t.Context(), "select count(*) from events").Scan(&events); err != nil || events != 0 {
		t.Errorf("%d events, %v", events, err)
	}
}

func TestATableHasItsIndexesAgainWhenItIsFilled(t *testing.T) {
	t.Parallel()
	_, pool := stockedForTest(t, stock{sales: 1, events: 101, known: true})
	fresh := migrationstest.Database(t)
	conn, err := pgx.Connect(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if err := projections.Prepare(t.Context(), conn, projections.All()...); err != nil {
		t.Fatal(err)
	}
	const sql = `select coalesce(string_agg(format('%s %s', indexdef, conname), e'\n' order by indexdef), '')
	               from pg_indexes left join pg_constraint on conname = indexname where schemaname in ('public', 'bookings')`
	var want, got string
	if err := conn.QueryRow(t.Context(), sql).Scan(&want); err != nil {
		t.Fatal(err)
	}
	if err := pool.QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != want || want == "" {
		t.Errorf("indexes are\n%s\nand were\n%s", got, want)
	}
}
