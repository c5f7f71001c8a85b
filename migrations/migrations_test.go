package migrations_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/migrations"
	"onsale/migrations/migrationstest"
)

// empty returns a function that connects to a database without any tables.
func empty(t *testing.T) (connect func() *pgx.Conn) {
	t.Helper()
	config, err := pgx.ParseConfig(migrationstest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	to := func(name string) *pgx.Conn {
		config := config.Copy()
		config.Database = name
		conn, err := pgx.ConnectConfig(context.Background(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.Background()) })
		return conn
	}
	name := "test_" + strings.ToLower(rand.Text())
	admin := to(config.Database)
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return func() *pgx.Conn { return to(name) }
}

func version(t *testing.T, conn *pgx.Conn) (v int32) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT version FROM public.schema_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestUp(t *testing.T) {
	t.Parallel()
	conn := empty(t)()
	latest := migrations.Latest()
	if latest < 1 {
		t.Fatalf("there are %d migrations", latest)
	}
	from, to, err := migrations.Up(t.Context(), conn)
	if from != 0 || to != latest || err != nil {
		t.Fatalf("an empty database went from %d to %d, %v", from, to, err)
	}
	if v := version(t, conn); v != latest {
		t.Fatalf("it is at %d", v)
	}
	from, to, err = migrations.Up(t.Context(), conn)
	if from != latest || to != latest || err != nil {
		t.Fatalf("a finished database went from %d to %d, %v", from, to, err)
	}
}

func TestUpByManyAtOnce(t *testing.T) {
	t.Parallel()
	connect := empty(t)
	const nodes = 12
	var group sync.WaitGroup
	var mu sync.Mutex
	var did int
	release := make(chan struct{})
	for range nodes {
		conn := connect()
		group.Go(func() {
			<-release
			from, to, err := migrations.Up(t.Context(), conn)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || to != migrations.Latest() {
				t.Errorf("from %d to %d, %v", from, to, err)
			}
			if from != to {
				did++
			}
		})
	}
	close(release)
	group.Wait()
	if did != 1 {
		t.Errorf("%d of %d say that it was they", did, nodes)
	}
}

func TestUpRefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	conn := empty(t)()
	if _, _, err := migrations.Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	newer := migrations.Latest() + 1
	if _, err := conn.Exec(t.Context(), "UPDATE public.schema_version SET version = $1", newer); err != nil {
		t.Fatal(err)
	}
	if _, _, err := migrations.Up(t.Context(), conn); !errors.Is(err, migrations.ErrNewer) {
		t.Fatalf("got %v", err)
	}
	if v := version(t, conn); v != newer {
		t.Fatalf("it was brought to %d", v)
	}
}

func TestFailedMigrationLeavesNothingOfItself(t *testing.T) {
	t.Parallel()
	conn := empty(t)()
	execute := func(sql string) {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	execute("CREATE TABLE snapshots ()") // in the way of the first migration's end
	if _, _, err := migrations.Up(t.Context(), conn); err == nil {
		t.Fatal("it did not fail")
	}
	if v := version(t, conn); v != 0 {
		t.Fatalf("it is at %d", v)
	}
	execute("CREATE TABLE events ()") // what its beginning made is gone
	execute("DROP TABLE events, snapshots")
	if _, _, err := migrations.Up(t.Context(), conn); err != nil {
		t.Fatalf("with nothing in the way: %v", err)
	}
}
