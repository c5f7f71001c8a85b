package projections_test

import (
	"context"
	"errors"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/projections"
)

func TestCatchUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.run(50)
	r := w.start(projections.Options{}, projections.All()...)
	r.catchUp(t, w.head)
	over, cancel := context.WithCancel(t.Context())
	cancel()

	t.Run("returns at once when the tables are there", func(t *testing.T) {
		for _, position := range []int64{0, 1, w.head} {
			if err := r.CatchUp(over, position); err != nil {
				t.Errorf("%d: %v", position, err)
			}
		}
	})
	t.Run("does not wait longer than its context for a position from the future", func(t *testing.T) {
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err := r.CatchUp(short, w.head+1)
		if !errors.Is(err, projections.ErrNotCaughtUp) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("returns when the tables get there", func(t *testing.T) {
		const readers = 50
		then := w.head + 1
		caughtUp := make(chan error, readers)
		for range readers {
			go func() { caughtUp <- r.CatchUp(soon(t), then) }()
		}
		for w.head < then {
			w.run(10)
		}
		for range readers {
			if err := <-caughtUp; err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("waits for the slowest of the projections", func(t *testing.T) {
		w := newWorld(t, 41)
		w.run(10)
		p, arrived, proceed := slow()
		r := w.start(projections.Options{}, append(projections.All(), p)...)
		<-arrived
		for r.Position("bookings") < w.head {
			runtime.Gosched()
		}
		if err := r.CatchUp(over, w.head); !errors.Is(err, projections.ErrNotCaughtUp) {
			t.Errorf("got %v", err)
		}
		proceed <- struct{}{}
		r.catchUp(t, w.head)
	})
}

func TestAfterTheDatabaseWasLost(t *testing.T) {
	t.Parallel()
	believesNothing := func(t *testing.T, r *running) {
		t.Helper()
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.CatchUp(over, 1); !errors.Is(err, projections.ErrNotCaughtUp) {
			t.Errorf("got %v", err)
		}
	}
	t.Run("no position is believed until the checkpoint was read again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 42)
		w.run(100)
		pool := w.fragile("runner")
		r := start(t, pool.Pool, eventstore.New(pool.Pool), projections.Options{}, projections.All()...)
		r.catchUp(t, w.head)

		pool.lose()
		r.log.await(t, "reader=listings")
		r.log.await(t, "reader=bookings")
		believesNothing(t, r)
		w.crash() // nobody is connected: what has not reached the disk is gone
		pool.down.Store(false)
		r.catchUp(t, w.head)
		w.wantTables()
	})
	t.Run("no position is believed when the log cannot be read, though the checkpoint can", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 44)
		w.run(100)
		log := w.fragile("log")
		r := start(t, w.pool, eventstore.New(log.Pool), projections.Options{RetryInterval: time.Hour}, projections.Listings())
		r.catchUp(t, w.head)
		log.lose()
		r.log.await(t, "reading the log failed")
		believesNothing(t, r)
	})
	t.Run("no position is believed when a page cannot be applied and nobody can say how far the tables are", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 45)
		w.run(100)
		tables := w.fragile("tables")
		r := start(t, tables.Pool, w.store, projections.Options{PollInterval: time.Hour, RetryInterval: time.Hour}, projections.Listings())
		r.catchUp(t, w.head)
		tables.lose()
		w.run(1)
		r.log.await(t, "Error occurred, retrying")
		believesNothing(t, r)
	})
	t.Run("tables that came back older are brought up to date though nobody appends", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 43)
		w.run(100)
		w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
		listener, err := pgx.ConnectConfig(t.Context(), w.pool.Config().ConnConfig)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close(context.Background())
		if _, err := listener.Exec(t.Context(), "listen advanced"); err != nil {
			t.Fatal(err)
		}
		w.sql(`create function tell() returns trigger language plpgsql as $$
		       begin perform pg_notify('advanced', new.name || ' ' || new.position); return null; end $$`)
		w.sql(`create trigger tell after update on projections for each row execute function tell()`)
		w.crash()
		for missing := map[string]bool{"listings": true, "bookings": true}; len(missing) > 0; {
			n, err := listener.WaitForNotification(soon(t))
			if err != nil {
				t.Fatal(err)
			}
			name, position, _ := strings.Cut(n.Payload, " ")
			if position == strconv.FormatInt(w.head, 10) {
				delete(missing, name)
			}
		}
		w.wantTables()
	})
}

// A fragile pool can lose its database while others have it.
type fragile struct {
	*pgxpool.Pool
	lose func()
	down *atomic.Bool
}

func (w *world) fragile(name string) fragile {
	w.Helper()
	down := new(atomic.Bool)
	config := w.pool.Config()
	config.ConnConfig.RuntimeParams["application_name"] = name
	config.BeforeConnect = func(context.Context, *pgx.ConnConfig) error {
		if down.Load() {
			return errors.New("the database is down")
		}
		return nil
	}
	return fragile{newPool(w, config), func() {
		down.Store(true)
		w.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()", name)
	}, down}
}

// crash takes the tables and their checkpoints back together, as a crash may that loses the last transactions.
func (w *world) crash() {
	w.Helper()
	w.sql(`with a as (delete from listings.events), b as (delete from listings.sections), c as (delete from bookings.bookings)
	       update projections set position = 0`)
}

// Not parallel: it looks at all goroutines there are.
func TestStop(t *testing.T) {
	w := newWorld(t, 44)
	for range 3 {
		w.run(300)
		busy := w.start(projections.Options{PageSize: 1}, projections.All()...)
		busy.catchUp(t, min(w.head, busy.Position("listings")+5))
		if err := busy.stop(); err != nil {
			t.Fatal(err)
		}
		leaves(t)
	}
	idle := w.start(projections.Options{}, projections.All()...)
	idle.catchUp(t, w.head)
	if err := idle.stop(); err != nil {
		t.Fatal(err)
	}
	leaves(t)
	if err := idle.CatchUp(soon(t), w.head); err != nil {
		t.Errorf("it forgot what it knew: %v", err)
	}
	w.wantTables()

	p, arrived, proceed := slow()
	waiting := w.start(projections.Options{}, p)
	<-arrived
	ended := make(chan error)
	go func() { ended <- waiting.stop() }()
	proceed <- struct{}{}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	leaves(t)
}

var ours = regexp.MustCompile(`onsale/(projections|eventstore)\.\(\*|ThreeDotsLabs/watermill`)

// leaves fails the test if a goroutine of a runner stays. Those that are on their way out may finish.
func leaves(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		left := string(stacks[:runtime.Stack(stacks, true)])
		if !ours.MatchString(left) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines stay:\n%s", left)
		}
	}
}
