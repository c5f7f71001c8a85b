// Package migrationstest gives each test a migrated database of its own, on a
// PostgreSQL that all test processes of a `go test ./...` share.
//
// The server is the one at ONSALE_TEST_DATABASE_URL, if that is set; its user
// must be allowed to create databases. Otherwise a private one is started, or
// joined when another test process has it running already, and it goes a few
// seconds after the last of them has ended, however it ended.
//
// You may not assume that data survives a crash of that server: it runs without
// fsync. The settings that Onsale itself runs with are tested in package postgres.
package migrationstest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/migrations"
)

const (
	// patience bounds each thing done to the cluster.
	patience = time.Minute
	// buildPatience bounds the way to it, on which a program may have to be built.
	buildPatience = 5 * time.Minute
)

// Database returns the address of a new database that has all migrations and no
// rows. It is dropped when the test ends, whoever is still connected.
func Database(t testing.TB) string {
	t.Helper()
	on, err := shared()
	if err != nil {
		t.Fatalf("a database for the test: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := execute(on.admin, "CREATE DATABASE "+name+" TEMPLATE "+on.template); err != nil {
		t.Fatalf("a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(on.admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return withDatabase(on.admin, name)
}

// Pool returns connections to such a database, closed when the test ends.
func Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), Database(t))
	if err != nil {
		t.Fatalf("connect to the test's database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// cluster is the server, as the address of a database on it, and the name of
// the database that others are copied from.
type cluster struct{ admin, template string }

// shared finds both, once per process.
var shared = sync.OnceValues(func() (c cluster, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildPatience)
	defer cancel()
	if c.admin, err = server(ctx); err != nil {
		return c, err
	}
	c.template, err = makeTemplate(ctx, c.admin)
	return c, err
})

// makeTemplate returns the database that all others are copied from. It is made
// by the first process that wants it, and named after the migrations, so that
// others are made as they change.
func makeTemplate(ctx context.Context, admin string) (name string, err error) {
	name = "template_" + migrations.Fingerprint()[:16]
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) // which drops the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", fmt.Errorf("lock %s: %w", name, err)
	}
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err != nil || exists {
		return name, err
	}

	// Only what is whole gets the name.
	draft := "test_" + name
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return "", fmt.Errorf("%s: %w", sql, err)
		}
	}
	if err := migrate(ctx, withDatabase(admin, draft)); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name); err != nil {
		return "", fmt.Errorf("rename %s: %w", draft, err)
	}
	return name, nil
}

func migrate(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, _, err = migrations.Up(ctx, conn)
	return err
}

func execute(address, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err = conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// withDatabase returns address, in either of PostgreSQL's two forms, with
// another database in it.
func withDatabase(address, name string) string {
	if at, err := url.Parse(address); err == nil && at.Scheme != "" {
		at.Path = "/" + name
		return at.String()
	}
	return address + " dbname=" + name
}
