package projections_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"onsale/command/sale"
	"onsale/projections"
)

// restore takes the log back to a position, and nothing else.
func (w *world) restore(position int64) {
	w.Helper()
	w.sql("delete from events where position > $1", position)
	before := w.sales
	w.head, w.sales = position, nil
	for _, ghost := range before {
		s := &sale.Sale{ID: ghost.ID}
		for e, err := range w.store.Load(w.Context(), s.ID, 0) {
			if err != nil {
				w.Fatal(err)
			}
			event, err := sale.Decode(e.Type, e.Schema, e.Data)
			if err != nil {
				w.Fatal(err)
			}
			s.Evolve(event)
		}
		if s.Exists() {
			w.sales = append(w.sales, s)
			w.claims[s] = w.claims[ghost]
		}
	}
}

// awaitGenerations waits until there are just these.
func (w *world) awaitGenerations(want ...string) {
	w.Helper()
	for ctx := soon(w); !slices.Equal(w.generations(), want); {
		if ctx.Err() != nil {
			w.Fatalf("there are %q; want %q", w.generations(), want)
		}
	}
}

const madeAnew = "read tables are made anew"

// awaitRemade waits until tables that the runner found to be of another log are of just these generations. Should it believe them as
// they are, that is told at once.
func (w *world) awaitRemade(r *running, want ...string) {
	w.Helper()
	for ctx := soon(w); ; {
		believed := r.Position() // before one looks: it becomes known after they were made
		got := w.generations()
		switch {
		case slices.Equal(got, want):
			return
		case believed > 0:
			w.Fatalf("tables of another log are believed, up to %d: there are %q; want %q", believed, got, want)
		case ctx.Err() != nil:
			w.Fatalf("there are %q; want %q", got, want)
		}
	}
}

func TestTablesOfALogThatWentBack(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(w *world, before int64){
		"are made anew": func(*world, int64) {},
		"are made anew when it has gone on a little":        func(w *world, _ int64) { w.run(5) },
		"are made anew when it has gone on far beyond":      func(w *world, before int64) { w.run(400); w.beyond(before) },
		"are made anew when it has gone on to where it was": func(w *world, before int64) { w.until(before) },
		"are made anew when all of it is gone":              func(w *world, _ int64) { w.restore(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 70)
			w.run(200)
			r := w.start(projections.Options{}, projections.All()...)
			r.catchUp(t, w.head)
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			before := w.head
			w.restore(before / 2)
			then(w, before)
			r = w.start(projections.Options{}, projections.All()...)
			w.awaitRemade(r, "bookings 2 live", "listings 2 live", "sales_timeline 2 live")
			w.run(20)
			r.catchUp(t, w.head)
			w.wantTables()
			r.log.await(t, madeAnew, "listings")
		})
	}
	t.Run("are made anew under a runner that has nothing to do", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 71)
		w.run(200)
		r := w.start(projections.Options{}, projections.All()...)
		r.catchUp(t, w.head)
		w.restore(w.head / 2)
		w.awaitGenerations("bookings 2 live", "listings 2 live", "sales_timeline 2 live")
		w.run(20)
		for ctx := soon(t); w.checkpoint("listings") != w.head || w.checkpoint("bookings") != w.head; {
			if ctx.Err() != nil {
				t.Fatalf("at %d of %d", w.checkpoint("listings"), w.head)
			}
		}
		w.wantTables()
	})
	t.Run("are made anew once, whoever notices", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 72)
		w.run(200)
		nodes := []*running{w.node(projections.Options{}, counter("")), w.node(projections.Options{}, counter("")), w.node(projections.Options{}, counter(""))}
		for _, r := range nodes {
			r.catchUp(t, w.head)
		}
		w.restore(w.head / 2)
		w.awaitGenerations("counter 2 live")
		w.run(300)
		for _, r := range nodes {
			r.catchUp(t, w.head)
		}
		if sum := w.counted(); sum != w.head {
			t.Errorf("counted %d of %d events", sum, w.head)
		}
		w.wantGenerations("counter 2 live")
	})
	t.Run("are replaced by a rebuild, though they know more", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 73)
		w.run(200)
		r := w.start(projections.Options{}, counter(""))
		r.catchUp(t, w.head)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		w.restore(w.head / 2)
		w.mustRebuild(projections.RebuildOptions{PageSize: 10}, counter(""))
		if sum := w.counted(); sum != w.head || w.checkpoint("counter") != w.head {
			t.Errorf("counted %d of %d events, checkpoint %d", sum, w.head, w.checkpoint("counter"))
		}
	})
}

// until runs until the log has just that position.
func (w *world) until(position int64) {
	w.Helper()
	for w.head < position {
		w.open(20)
		w.append()
	}
}

func (w *world) beyond(position int64) {
	w.Helper()
	if w.head <= position {
		w.Fatalf("the log is at %d, and was at %d", w.head, position)
	}
}

func TestTablesThatWentBackWithTheLogAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 74)
	w.run(100)
	r := w.start(projections.Options{}, projections.All()...)
	r.catchUp(t, w.head)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	w.run(100)
	w.restore(w.checkpoint("listings"))
	r = w.start(projections.Options{}, projections.All()...)
	w.run(20)
	r.catchUp(t, w.head)
	w.wantTables()
	w.wantGenerations("bookings 1 live", "listings 1 live", "sales_timeline 1 live")
	r.log.none(t, madeAnew)
}

func TestACheckpointThatDoesNotStandOnTheLog(t *testing.T) {
	t.Parallel()
	const advance = "select advance_projection('counter', 1, $1, $2, $3)"
	at := func(w *world) int64 {
		w.run(50)
		r := w.start(projections.Options{}, counter(""))
		r.catchUp(w, w.head)
		if err := r.stop(); err != nil {
			w.Fatal(err)
		}
		return w.head
	}
	t.Run("cannot be moved", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 75)
		was := at(w)
		w.restore(was - 10)
		w.until(was + 1)
		_, err := w.pool.Exec(t.Context(), advance, was, was+1, uuid.New())
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "OS001" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("is believed when an older program left it, as far as the log goes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 76)
		was := at(w)
		w.sql("update projections set last_command = null")
		w.run(20)
		r := w.start(projections.Options{}, counter(""))
		r.catchUp(t, w.head)
		w.wantGenerations("counter 1 live")
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		w.sql("update projections set last_command = null")
		w.restore(was)
		w.awaitRemade(w.start(projections.Options{}, counter("")), "counter 2 live")
	})
	t.Run("is moved by an older program with what the log has", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 77)
		was := at(w)
		w.until(was + 1)
		w.sql("select advance_projection('counter', 1, $1, $2)", was, was+1)
		var right bool
		err := w.pool.QueryRow(t.Context(), `select p.last_command = e.command_id from projections p join events e on e.position = p.position
			where p.name = 'counter'`).Scan(&right)
		if err != nil || !right {
			t.Errorf("it remembers the event there: %t, %v", right, err)
		}
	})
	t.Run("cannot be moved to what the log has not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 78)
		was := at(w)
		w.until(was + 1)
		for _, to := range []int64{was + 1, was + 2} {
			_, err := w.pool.Exec(t.Context(), advance, was, to, uuid.New())
			if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "OS001" {
				t.Errorf("to %d: %v", to, err)
			}
		}
	})
}

// awaitBlocked waits until so many wait for the transaction to let go of the checkpoints.
func awaitBlocked(t *testing.T, tx pgx.Tx, n int) {
	t.Helper()
	const blockedSQL = "select count(*) from pg_locks where relation = 'projections'::regclass and not granted"
	for ctx, blocked := soon(t), 0; blocked < n; {
		if err := tx.QueryRow(ctx, blockedSQL).Scan(&blocked); err != nil {
			t.Fatal(err)
		}
	}
}

// Pages are read, and wait to be applied, when the log goes back.
func TestAPageOfALogThatIsNoMoreIsNotApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 79)
	w.run(60)
	r := w.start(projections.Options{}, projections.All()...)
	r.catchUp(t, w.head)
	before := w.head
	tx := w.obstruct("lock table projections in exclusive mode")
	w.run(40)
	awaitBlocked(t, tx, len(projections.All()))
	if _, err := tx.Exec(t.Context(), "delete from events where position > $1", before); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.restore(before)
	w.run(20)
	r.catchUp(t, w.head)
	w.wantTables()
	w.wantGenerations("bookings 1 live", "listings 1 live", "sales_timeline 1 live")
}

// While a runner finds out where the tables are, something is remembered: by then the database may be another.
func TestWhatWasRememberedBeforeACheckpointWasReadIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 80)
	w.run(20)
	if err := prepare(t.Context(), w.pool, projections.All()...); err != nil {
		t.Fatal(err)
	}
	tx := w.obstruct("lock table projections")
	r := startPrepared(t, w.pool, w.store, projections.Options{PollInterval: time.Hour}, projections.All()...)
	awaitBlocked(t, tx, len(projections.All()))
	before := w.head
	w.run(20)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.catchUp(t, w.head)
	if page, known := w.store.Recent(before, 1); known {
		t.Errorf("%d events are still remembered", len(page.Events))
	}
}
