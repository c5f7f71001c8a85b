package eventstore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
	"onsale/migrations/migrationstest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	eventstoretest.Run(t, func(t testing.TB) eventstoretest.Log { return open(t).Log })
}

// A database is a new log and the connections to it.
type database struct {
	eventstoretest.Log
	address string
	pool    *pgxpool.Pool
}

func open(t testing.TB) database {
	address := migrationstest.Database(t)
	db := database{address: address, pool: connect(t, address, 16, nil)}
	db.Log = eventstoretest.Log{
		Store: eventstore.New(db.pool),
		Undo:  db.undo,
		Through: func(t testing.TB, line *eventstoretest.Line) eventstoretest.Store {
			return eventstore.New(connect(t, address, 1, func(config *pgxpool.Config) { config.ConnConfig.DialFunc = line.Dial }))
		},
	}
	return db
}

// connect returns connections that are closed when the test ends.
func connect(t testing.TB, address string, connections int32, configure func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = connections
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // it would take the place of an append in what is cut
	if configure != nil {
		configure(config)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func (db database) undo(ctx context.Context, appends []eventstore.StreamAppend, meanwhile func()) error {
	return inTransaction(ctx, db.pool, func(conn *pgx.Conn) error {
		appended, err := eventstore.AppendOn(ctx, conn, appends)
		if err != nil {
			return err
		}
		if len(appended.Conflicts) > 0 {
			return fmt.Errorf("conflicts: %v", appended.Conflicts)
		}
		meanwhile()
		return nil
	})
}

// inTransaction does something in a transaction and rolls it back.
func inTransaction(ctx context.Context, pool *pgxpool.Pool, do func(*pgx.Conn) error) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	err = do(tx.Conn())
	if rollback := tx.Rollback(context.WithoutCancel(ctx)); err == nil {
		err = rollback
	}
	return err
}

func TestAppendedWakesOnlyWhenSomethingWasAppended(t *testing.T) {
	t.Parallel()
	store := eventstore.New(migrationstest.Pool(t))
	stream := uuid.New()
	for _, test := range []struct {
		name   string
		append eventstore.StreamAppend
		wakes  bool
	}{
		{"an append", eventstoretest.NewAppend(stream, 0, 1), true},
		{"a check", eventstore.StreamAppend{Stream: stream, Expected: 1}, false},
		{"a conflict", eventstoretest.NewAppend(stream, 0, 1), false},
		{"a second append", eventstoretest.NewAppend(stream, 1, 1), true},
	} {
		appended := store.Appended()
		if _, err := store.Append(t.Context(), []eventstore.StreamAppend{test.append}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-appended:
			if !test.wakes {
				t.Errorf("%s wakes", test.name)
			}
		default:
			if test.wakes {
				t.Errorf("%s does not wake", test.name)
			}
		}
	}
}

func TestReadAfterRefusesToReadAcrossAGap(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	store := eventstore.New(pool)
	if _, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 5)}); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "delete from events where position = 3"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		position int64
		limit    int
		refused  bool
	}{{0, 2, false}, {0, 3, true}, {0, 100, true}, {2, 1, true}, {3, 100, false}} {
		page, err := store.ReadAfter(t.Context(), test.position, test.limit)
		if refused := err != nil; refused != test.refused {
			t.Errorf("after %d up to %d: %d events, %v", test.position, test.limit, len(page.Events), err)
		}
	}
}
