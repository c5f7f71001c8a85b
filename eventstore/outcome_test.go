package eventstore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
)

// Each append is stopped while it waits for another that is under way.
func TestAppendThatIsStopped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stop    func(t *testing.T, db database, giveUp func())
		unknown bool
	}{
		"its statement is canceled: it did not happen": {
			func(t *testing.T, db database, _ func()) { db.signal(t, "pg_cancel_backend") }, false,
		},
		"its connection is terminated: who knows": {
			func(t *testing.T, db database, _ func()) { db.signal(t, "pg_terminate_backend") }, true,
		},
		"its caller gives up: who knows": {
			func(_ *testing.T, _ database, giveUp func()) { giveUp() }, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			line := eventstoretest.NewLine(t)
			store := eventstore.New(connect(t, db.address, 1, victim(line)))
			a := eventstoretest.NewAppend(uuid.New(), 0, 2)
			stopped := make(chan error, 1)
			err := db.Undo(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)}, func() {
				ctx, giveUp := context.WithCancel(t.Context())
				go func() {
					_, err := store.Append(ctx, []eventstore.StreamAppend{a})
					stopped <- err
				}()
				db.awaitBlocked(t)
				test.stop(t, db, giveUp)
				err := <-stopped
				giveUp()
				if err == nil || errors.Is(err, eventstore.ErrUnknownOutcome) != test.unknown {
					t.Errorf("%v; unknown is to be %t", err, test.unknown)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := line.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if found, err := db.ByCommand(t.Context(), a.Events[0].Metadata.CommandID); err != nil || len(found) > 0 && !test.unknown {
				t.Errorf("the log has %v, %v", found, err)
			}
		})
	}
}

func TestAppendThatIsGivenUpBeforeItIsSentIsKnownNotToHaveHappened(t *testing.T) {
	t.Parallel()
	db := open(t)
	ctx, giveUp := context.WithCancel(t.Context())
	store := eventstore.New(connect(t, db.address, 1, func(config *pgxpool.Config) {
		config.PrepareConn = func(context.Context, *pgx.Conn) (bool, error) {
			giveUp()
			return true, nil
		}
	}))
	_, err := store.Append(ctx, []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)})
	if !errors.Is(err, context.Canceled) || errors.Is(err, eventstore.ErrUnknownOutcome) {
		t.Errorf("%v; want an error that leaves no doubt", err)
	}
	if head, err := db.Head(t.Context()); err != nil || head != 0 {
		t.Errorf("head %d, %v; want 0", head, err)
	}
}

func TestAppendWaitsUntilTheOneBeforeItIsSeen(t *testing.T) {
	t.Parallel()
	db := open(t)
	store := eventstore.New(connect(t, db.address, 1, victim(nil)))
	second := make(chan eventstore.Appended, 1)
	err := db.Undo(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)}, func() {
		go func() {
			appended, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)})
			if err != nil {
				t.Error(err)
			}
			second <- appended
		}()
		db.awaitBlocked(t)
		if head, err := db.Head(t.Context()); err != nil || head != 0 {
			t.Errorf("head %d, %v; want 0", head, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if appended := <-second; len(appended.Recorded) != 1 || appended.Recorded[0].Position != 1 {
		t.Errorf("appended %+v; want one event at position 1", appended)
	}
}

func TestNothingIsLostWhileTheServer(t *testing.T) {
	t.Parallel()
	for name, signals := range map[string][]string{
		"terminates connections":             {"pg_terminate_backend"},
		"cancels statements and connections": {"pg_cancel_backend", "pg_terminate_backend"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			line := eventstoretest.NewLine(t)
			var stores []eventstoretest.Store
			for seed := range uint64(3) {
				store := eventstore.New(connect(t, db.address, 1, victim(line)))
				random := rand.New(rand.NewPCG(5, seed))
				stores = append(stores, harassed{store, func() {
					if random.IntN(3) == 0 {
						db.signal(t, signals[random.IntN(len(signals))])
					}
				}})
			}
			if err := eventstoretest.NothingLost(t.Context(), db.Log, line.Settle, stores...); err != nil {
				t.Error(err)
			}
		})
	}
}

// A harassed store has something happen beside each append.
type harassed struct {
	eventstoretest.Store
	beside func()
}

func (h harassed) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	var harassing sync.WaitGroup
	harassing.Go(h.beside)
	defer harassing.Wait()
	return h.Store.Append(ctx, appends)
}

// victim has a pool's connections be known to signal and awaitBlocked, and run over the line if there is one.
func victim(line *eventstoretest.Line) func(*pgxpool.Config) {
	return func(config *pgxpool.Config) {
		config.ConnConfig.RuntimeParams["application_name"] = "victim"
		if line != nil {
			config.ConnConfig.DialFunc = line.Dial
		}
	}
}

const victims = "select pid from pg_stat_activity where datname = current_database() and application_name = 'victim'"

// signal calls a function such as pg_cancel_backend for every victim.
func (db database) signal(t *testing.T, function string) {
	t.Helper()
	if _, err := db.pool.Exec(t.Context(), "select "+function+"(pid) from ("+victims+") v"); err != nil {
		t.Error(err)
	}
}

// awaitBlocked returns when a victim waits for an append that is under way.
func (db database) awaitBlocked(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for blocked := false; !blocked; {
		err := db.pool.QueryRow(ctx, "select exists ("+victims+" and wait_event_type = 'Lock')").Scan(&blocked)
		if err != nil {
			t.Error(err)
			return
		}
	}
}
