package eventstore_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
)

// Analyzed while it is small, a table is scanned; a plan that is kept then goes on scanning it when it is large.
func TestALogThatHasGrownIsNotScanned(t *testing.T) {
	t.Parallel()
	db := open(t)
	pool := connect(t, db.address, 1, nil) // one connection: plans are kept for each
	store := eventstore.New(pool)
	stream := uuid.New()
	use := func(version int64) {
		for range 10 { // the server keeps a plan after the fifth use
			told, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(stream, version, 1)})
			if err != nil || len(told.Conflicts) > 0 {
				t.Fatal(told.Conflicts, err)
			}
			version++
			if _, err := store.Append(t.Context(), []eventstore.StreamAppend{{Stream: stream, Expected: version}}); err != nil {
				t.Fatal(err)
			}
			for _, err := range store.Load(t.Context(), stream, version) {
				t.Fatal(err)
			}
			if _, err := store.ByCommand(t.Context(), told.Recorded[0].Metadata.CommandID); err != nil {
				t.Fatal(err)
			}
			if _, err := store.ReadAfter(t.Context(), told.Recorded[0].Position, 10); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Head(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}

	use(0)
	if _, err := pool.Exec(t.Context(), "analyze events"); err != nil {
		t.Fatal(err)
	}
	use(10)
	if _, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 3000)}); err != nil {
		t.Fatal(err)
	}
	before := scans(t, pool)
	use(20)
	if n := scans(t, pool) - before; n != 0 {
		t.Errorf("the whole log was scanned %d times", n)
	}
}

// scans counts the scans of the whole log so far by the pool's only connection.
func scans(t *testing.T, pool *pgxpool.Pool) (n int64) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), "select pg_stat_force_next_flush()"); err != nil {
		t.Fatal(err)
	}
	err := pool.QueryRow(t.Context(), "select seq_scan from pg_stat_user_tables where relname = 'events'").Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
