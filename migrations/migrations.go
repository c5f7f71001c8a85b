// Package migrations holds the database schema as numbered SQL files and brings
// a database up to them.
//
// The files are named NNN_name.sql, counted from 001 without a gap, and only
// ever added: one that has been released is never edited. There is no way
// down. Each runs in a transaction of its own. They are read by tern, which
// passes them through text/template first, so a literal {{ must be avoided.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

//go:embed *.sql
var files embed.FS

// versionTable has one row with one column, the number of the newest
// migration that this database has.
const versionTable = "public.schema_version"

// ErrNewer says that a newer program has already migrated this database, and
// that this one may not touch it.
var ErrNewer = errors.New("the database is newer than this program: run a newer one")

// Up applies what the database lacks and returns its version before and after;
// the two are equal when there was nothing to do. Any number of programs may
// call it at once on one database: tern's advisory lock lets one at a time
// look and apply, and those that waited find the work done. A failed
// migration leaves the ones before it applied and nothing of itself.
//
// The connection must be of the session's own: a pooler that hands out
// transactions would lose the lock.
func Up(ctx context.Context, conn *pgx.Conn) (from, to int32, err error) {
	migrator, err := migrate.NewMigrator(ctx, conn, versionTable)
	if err != nil {
		return 0, 0, fmt.Errorf("migrate: %w", err)
	}
	if err := migrator.LoadMigrations(files); err != nil {
		return 0, 0, fmt.Errorf("read migrations: %w", err)
	}
	to = int32(len(migrator.Migrations))
	from = to
	migrator.OnStart = func(sequence int32, _, _, _ string) { from = min(from, sequence-1) }

	// With migrations that only go up, tern calls a version bad for one reason.
	err = migrator.Migrate(ctx)
	if _, newer := errors.AsType[migrate.BadVersionError](err); newer {
		return 0, 0, fmt.Errorf("migrate to %d: %w", to, ErrNewer)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("migrate to %d: %w", to, err)
	}
	return from, to, nil
}

// Latest is the version that Up brings a database to.
func Latest() int32 {
	return int32(len(names()))
}

// Fingerprint changes whenever a migration does: 64 hex digits over the
// names and texts of all of them.
func Fingerprint() string {
	sum := sha256.New()
	for _, name := range names() {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // an embedded file that was just listed
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// names lists the files in order. A gap or a number taken twice is a mistake
// made at build time, so it panics; any test of this package would notice.
func names() []string {
	found, err := migrate.FindMigrations(files)
	if err != nil {
		panic(fmt.Sprintf("migrations: %v", err))
	}
	return found
}
