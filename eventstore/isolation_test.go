package eventstore_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
	"onsale/migrations/migrationstest"
)

// A database may be set to a stricter isolation level than the append wants. Then races are lost more often, and are told
// as what they are.
func TestAStricterIsolationLevelOnlyMakesConflicts(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(migrationstest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.RuntimeParams["default_transaction_isolation"] = "serializable"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := eventstore.New(pool)
	start := make(chan struct{})
	var racing sync.WaitGroup
	for range 20 {
		racing.Go(func() {
			<-start
			for range 10 {
				_, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)})
				if err != nil && !errors.Is(err, eventstore.ErrConflict) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	close(start)
	racing.Wait()
}
