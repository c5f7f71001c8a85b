package projections_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/projections"
)

// obstruct begins a transaction that holds what the statement locks, until it is let go.
func (w *world) obstruct(statement string) pgx.Tx {
	w.Helper()
	conn, err := pgx.ConnectConfig(w.Context(), w.pool.Config().ConnConfig)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { conn.Close(context.Background()) })
	tx, err := conn.Begin(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	if _, err := tx.Exec(w.Context(), statement); err != nil {
		w.Fatal(err)
	}
	return tx
}

const waitingSQL = `
select pid from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and query not like '%advance_projection%'`

// awaitWaiting returns the backends that wait for a lock, once there are any, other than those of runners.
func (w *world) awaitWaiting() []int {
	w.Helper()
	for ctx := soon(w); ctx.Err() == nil; {
		rows, _ := w.pool.Query(ctx, waitingSQL)
		if pids, err := pgx.CollectRows(rows, pgx.RowTo[int]); err != nil {
			w.Fatal(err)
		} else if len(pids) > 0 {
			return pids
		}
	}
	w.Fatal("nobody waits for a lock")
	return nil
}

func TestARebuildThatIsKilled(t *testing.T) {
	t.Parallel()
	const lock = "select pg_advisory_xact_lock(42);"
	for name, stage := range map[string]struct {
		obstacle string
		rebuilt  func(*projections.Projection)
		live     string // afterwards
	}{
		"while it makes tables": {lock, func(p *projections.Projection) { p.Tables += lock }, "counter 1 live"},
		"while it applies the log": {lock, func(p *projections.Projection) {
			apply := p.Apply
			p.Apply = func(changes []projections.Change, to *pgx.Batch) { apply(changes, to); to.Queue(lock) }
		}, "counter 1 live"},
		"while it makes indexes": {lock, func(p *projections.Projection) { p.Indexes += lock }, "counter 1 live"},
		"before it swaps":        {"select from projections where state = 'live' for update", nil, "counter 1 live"},
		"after it swapped":       {"lock table counter.counts in access share mode", nil, "counter 2 live"},
	} {
		for how, kill := range map[string]func(w *world, cancel context.CancelFunc, waiting []int){
			"by its owner": func(_ *world, cancel context.CancelFunc, _ []int) { cancel() },
			"by the database": func(w *world, _ context.CancelFunc, waiting []int) {
				w.sql("select pg_terminate_backend(pid) from unnest($1::int[]) pid", waiting)
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 60)
				w.run(50)
				r := w.start(projections.Options{}, counter(""))
				r.catchUp(t, w.head)
				p := counter("")
				if stage.rebuilt != nil {
					stage.rebuilt(&p)
				}
				obstacle := w.obstruct(stage.obstacle)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- projections.Rebuild(ctx, w.pool, w.store, projections.RebuildOptions{}, p) }()
				kill(w, cancel, w.awaitWaiting())
				if err := <-ended; err == nil {
					t.Error("it says that it was done")
				}
				if err := obstacle.Rollback(t.Context()); err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(w.generations(), stage.live) {
					t.Errorf("there are %q; want %s", w.generations(), stage.live)
				}
				w.run(20)
				r.catchUp(t, w.head)
				if sum := w.counted(); sum != w.head {
					t.Errorf("counted %d of %d events", sum, w.head)
				}

				w.mustRebuild(projections.RebuildOptions{}, counter(""))
				if sum := w.counted(); sum != w.head {
					t.Errorf("rebuilt, it counted %d of %d events", sum, w.head)
				}
				if all := w.generations(); len(all) != 1 || !strings.HasSuffix(all[0], "live") {
					t.Errorf("there are %q", all)
				}
				w.wantSchemas("counter", "counter")
			})
		}
	}
}

func TestTheLiveGenerationAtTheSwap(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{10, 0} {
		t.Run(fmt.Sprintf("is ahead: the new one catches up first, in pages of %d", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 61)
			w.run(50)
			w.start(projections.Options{}, counter("")).catchUp(t, w.head)
			live := w.obstruct("select from projections where state = 'live' for update")
			ended := make(chan error, 1)
			go func() { ended <- w.rebuild(projections.RebuildOptions{PageSize: pageSize}, counter("")) }()
			w.awaitWaiting()
			w.run(100)
			if _, err := live.Exec(t.Context(), `
				update projections p set position = e.position, last_command = e.command_id
				  from events e where e.position = $1 and p.state = 'live'`, w.head); err != nil {
				t.Fatal(err)
			}
			if err := live.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if at, sum := w.checkpoint("counter"), w.counted(); at != w.head || sum != w.head {
				t.Errorf("checkpoint %d, counted %d; want %d", at, sum, w.head)
			}
		})
	}
	t.Run("is behind: its runner goes on from where the new one is", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 62)
		w.run(50)
		p, arrived, proceed := slow()
		r := w.node(projections.Options{}, p)
		<-arrived
		w.mustRebuild(projections.RebuildOptions{}, counter(""))
		before := w.head
		proceed <- struct{}{}
		r.catchUp(t, w.head)
		w.run(20)
		for done := before; done < w.head; {
			done += int64(<-arrived)
			proceed <- struct{}{}
		}
		r.catchUp(t, w.head)
		if sum := w.counted(); sum != w.head {
			t.Errorf("counted %d of %d events", sum, w.head)
		}
	})
}
