package projections_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
	"onsale/projections"
)

func newPool(t testing.TB, config *pgxpool.Config) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// node starts a runner as another process would: with connections and a store of its own.
func (w *world) node(options projections.Options, these ...projections.Projection) *running {
	w.Helper()
	pool := newPool(w, w.pool.Config())
	return start(w, pool, eventstore.New(pool), options, these...)
}

// race lets three nodes run the listings over a busy log, and reports how the tables differ from it.
func race(t *testing.T, fence bool) string {
	w := newWorld(t, 20)
	w.run(20)
	for range 5 {
		w.open(1000)
	}
	w.append()
	w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
	if !fence {
		w.sql(`create or replace function advance_projection(p_name text, p_version int, p_from bigint, p_to bigint, p_command uuid) returns void
		       language sql as $$
		         update projections p set position = e.position, last_command = e.command_id
		           from events e where e.position = greatest(p.position, p_to) and name = p_name $$`)
	}
	these := projections.All()
	if !fence {
		these = these[:1] // without it the bookings halt at once: their key notices
	}
	var nodes []*running
	for _, pageSize := range []int{3, 5, 0} {
		nodes = append(nodes, w.node(projections.Options{PageSize: pageSize}, these...))
	}
	for range 40 {
		// Sales that are opened now would be noticed too.
		for range 20 {
			s := w.sales[len(w.sales)-1-w.random.IntN(5)]
			_ = w.do(s, w.command(s))
		}
		if len(w.waits) > 0 {
			w.append()
		}
	}
	for _, n := range nodes {
		n.catchUp(t, w.head)
		if err := n.stop(); err != nil {
			t.Error(err)
		}
	}
	return w.differences()
}

func TestNodes(t *testing.T) {
	t.Parallel()
	t.Run("apply every event once between them", func(t *testing.T) {
		t.Parallel()
		if diff := race(t, true); diff != "" {
			t.Errorf("the tables differ from the log (-log +tables):\n%s", diff)
		}
	})
	t.Run("would not without the compare-and-swap", func(t *testing.T) {
		t.Parallel()
		if race(t, false) == "" {
			t.Error("nothing went wrong: the race above proves nothing")
		}
	})
}

// A slow projection is the counter, whose pages wait to be let through.
func slow() (p projections.Projection, arrived <-chan int, proceed chan<- struct{}) {
	came, goOn := make(chan int), make(chan struct{})
	p = counter("")
	apply := p.Apply
	p.Apply = func(changes []projections.Change, to *pgx.Batch) {
		came <- len(changes)
		<-goOn
		apply(changes, to)
	}
	return p, came, goOn
}

func TestANodeThatIsOvertaken(t *testing.T) {
	t.Parallel()
	t.Run("goes on behind the other", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 21)
		w.run(50)
		p, arrived, proceed := slow()
		behind := w.node(projections.Options{}, p)
		<-arrived
		ahead := w.node(projections.Options{PageSize: 7}, counter(""))
		ahead.catchUp(t, w.head)
		proceed <- struct{}{}
		behind.catchUp(t, w.head)
		if err := ahead.stop(); err != nil {
			t.Fatal(err)
		}
		before := w.head
		w.run(50)
		for done := before; done < w.head; {
			done += int64(<-arrived)
			proceed <- struct{}{}
		}
		behind.catchUp(t, w.head)
		if sum := w.counted(); sum != w.head {
			t.Errorf("counted %d of %d events", sum, w.head)
		}
		behind.log.none(t, "level=ERROR")
	})
	t.Run("in the middle of a page applies the rest of it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 22)
		w.run(50)
		p, arrived, proceed := slow()
		r := w.node(projections.Options{}, p)
		if n := <-arrived; int64(n) != w.head {
			t.Fatalf("a page of %d; want all %d", n, w.head)
		}
		w.sql("select advance_projection('counter', 1, 0, 10)")
		proceed <- struct{}{}
		if n := <-arrived; int64(n) != w.head-10 {
			t.Errorf("then it applied %d; want %d", n, w.head-10)
		}
		proceed <- struct{}{}
		r.catchUp(t, w.head)
		if sum := w.counted(); sum != w.head-10 {
			t.Errorf("counted %d; want %d", sum, w.head-10)
		}
	})
	t.Run("by a checkpoint that goes back reads again from there, which is no error", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 24)
		w.run(50)
		p, arrived, proceed := slow()
		const pageSize = 5
		r := w.node(projections.Options{PageSize: pageSize}, p)
		if w.head <= 2*pageSize {
			t.Fatalf("only %d events", w.head)
		}
		<-arrived
		proceed <- struct{}{}
		<-arrived // the second page
		w.sql("truncate counter.counts")
		w.sql("update projections set position = 0, last_command = null where name = 'counter'")
		proceed <- struct{}{}
		for done := int64(0); done < w.head; {
			select {
			case n := <-arrived:
				done += int64(n)
				proceed <- struct{}{}
			case <-soon(t).Done():
				t.Fatalf("after %d of %d:\n%s", done, w.head, r.log)
			}
		}
		r.catchUp(t, w.head)
		if sum := w.counted(); sum != w.head {
			t.Errorf("counted %d of %d events", sum, w.head)
		}
		r.log.await(t, "level=DEBUG", "reading the log again", fmt.Sprintf("to 0 from %d", pageSize))
		for _, level := range []string{"INFO", "WARN", "ERROR"} {
			r.log.none(t, "level="+level, "went back")
		}
		r.log.none(t, "level=ERROR")
	})
	t.Run("while it has nothing to do knows without reading", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 23)
		idle := w.node(projections.Options{}, counter(""))
		w.run(50)
		w.start(projections.Options{}, counter("")).catchUp(t, w.head)
		idle.catchUp(t, w.head)
	})
}

func TestPrepare(t *testing.T) {
	t.Parallel()
	t.Run("twice changes nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 30)
		w.run(100)
		w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
		if err := prepare(t.Context(), w.pool, projections.All()...); err != nil {
			t.Fatal(err)
		}
		if at := w.checkpoint("listings"); at != w.head {
			t.Errorf("at %d; want %d", at, w.head)
		}
		w.wantTables()
	})
	t.Run("by many at once makes the tables once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 31)
		ready := make(chan struct{})
		var all sync.WaitGroup
		for range 8 {
			conn, err := pgx.ConnectConfig(t.Context(), w.pool.Config().ConnConfig)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			all.Go(func() {
				<-ready
				if err := projections.Prepare(t.Context(), conn, projections.All()...); err != nil {
					t.Error(err)
				}
			})
		}
		close(ready)
		all.Wait()
		w.run(50)
		w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
		w.wantTables()
	})
	t.Run("in another version starts from the beginning, and the old one applies nothing more", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 32)
		w.run(50)
		old := w.node(projections.Options{}, counter(""))
		old.catchUp(t, w.head)

		next := counter("create table other ();")
		next.Version = 2
		r := w.start(projections.Options{}, next)
		r.catchUp(t, w.head)
		old.log.await(t, "version 1", "another one took its place")
		w.run(50)
		r.catchUp(t, w.head)
		if sum := w.counted(); sum != w.head {
			t.Errorf("counted %d of %d events", sum, w.head)
		}
		if at := old.Position("counter"); at != 0 {
			t.Errorf("the old one believes to be at %d", at)
		}
		w.sql("select from counter.other")
	})
	t.Run("in another version keeps out what the old one is at", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 34)
		w.run(50)
		p, arrived, proceed := slow()
		old := w.node(projections.Options{}, p)
		<-arrived
		next := counter("")
		next.Version = 2
		if err := prepare(t.Context(), w.pool, next); err != nil {
			t.Fatal(err)
		}
		proceed <- struct{}{}
		old.log.await(t, "version 1", "another one took its place")
		if at, sum := w.checkpoint("counter"), w.counted(); at != 0 || sum != 0 {
			t.Errorf("checkpoint %d, counted %d", at, sum)
		}
	})
	t.Run("in the version that an older program left starts from the beginning", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 35)
		w.run(50)
		w.sql("create schema listings")
		w.sql("create table listings.events (id uuid, version bigint, starts_at timestamptz)")
		w.sql("insert into projections values ('listings', 1, 1, 'live', $1)", w.head)
		w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
		w.wantTables()
	})
	t.Run("leaves the other projections' tables", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 33)
		w.run(50)
		w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
		next := projections.Bookings()
		next.Version++
		r := w.start(projections.Options{}, next)
		if at := w.checkpoint("listings"); at != w.head {
			t.Errorf("listings at %d; want %d", at, w.head)
		}
		r.catchUp(t, w.head)
		w.wantTables()
	})
}
