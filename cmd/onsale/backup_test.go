package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
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

// exchange puts another database in the place of one that is in use, when its connections are cut and cut has returned.
func exchange(t *testing.T, url, with string, cut func()) {
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
	run := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := conn.Exec(t.Context(), strings.NewReplacer("$1", name, "$2", older).Replace(statement)); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	run(
		"alter database $1 with allow_connections false",
		"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname in ('$1', '$2')",
	)
	cut()
	run(
		"alter database $1 rename to $1_gone",
		"alter database $2 rename to $1",
		"drop database $1_gone with (force)",
		"create database $2", // which the test drops
	)
}
