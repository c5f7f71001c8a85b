package projections_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/projections"
)

func (w *world) rebuild(o projections.RebuildOptions, these ...projections.Projection) error {
	return projections.Rebuild(soon(w), w.pool, w.store, o, these...)
}

func (w *world) mustRebuild(o projections.RebuildOptions, these ...projections.Projection) {
	w.Helper()
	if err := w.rebuild(o, these...); err != nil {
		w.Fatal(err)
	}
}

// generations tells of each one what it is, such as "listings 1 live".
func (w *world) generations() (all []string) {
	w.Helper()
	list, err := projections.Generations(soon(w), w.pool)
	if err != nil {
		w.Fatal(err)
	}
	for _, g := range list {
		all = append(all, fmt.Sprintf("%s %d %s", g.Name, g.Generation, g.State))
	}
	return all
}

func (w *world) wantGenerations(want ...string) {
	w.Helper()
	if got := w.generations(); !slices.Equal(got, want) {
		w.Errorf("there are %q; want %q", got, want)
	}
}

// schemas are those that projections of the name have.
func (w *world) schemas(name string) []string {
	w.Helper()
	rows, _ := w.pool.Query(w.Context(), "select nspname::text from pg_namespace where nspname ~ ('^' || $1 || '(_[0-9]+)?$') order by 1", name)
	schemas, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.Fatal(err)
	}
	return schemas
}

func (w *world) wantSchemas(name string, want ...string) {
	w.Helper()
	if got := w.schemas(name); !slices.Equal(got, want) {
		w.Errorf("there are the schemas %q; want %q", got, want)
	}
}

func TestRebuiltTablesAreTheReplayOfTheLog(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 7, 300, 0} {
		t.Run(fmt.Sprintf("in pages of %d, with all their indexes", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, uint64(40+pageSize))
			w.run(300)
			r := w.start(projections.Options{}, projections.All()...)
			r.catchUp(t, w.head)
			indexes := read[string1](w, indexesQuery)
			w.sql("truncate listings.events, listings.sections, bookings.bookings")
			if w.differences() == "" {
				t.Fatal("empty tables do not differ from the log")
			}
			var at, head int64
			w.mustRebuild(projections.RebuildOptions{PageSize: pageSize, Progress: func(a, h int64) { at, head = a, h }}, projections.All()...)
			w.wantTables()
			if at != w.head || head != w.head {
				t.Errorf("progress ends with %d of %d; want %d", at, head, w.head)
			}
			if after := read[string1](w, indexesQuery); !slices.Equal(after, indexes) || len(indexes) < 9 {
				t.Errorf("the indexes were %q and are %q", indexes, after)
			}
			w.wantGenerations("bookings 2 live", "listings 2 live", "sales_timeline 2 live")
			w.run(100)
			r.catchUp(t, w.head)
			w.wantTables()
		})
	}
	t.Run("of an empty log, and of what was never made", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 44)
		w.mustRebuild(projections.RebuildOptions{}, projections.All()...)
		w.wantTables()
		w.run(50)
		w.mustRebuild(projections.RebuildOptions{}, projections.All()...)
		w.wantTables()
	})
}

type string1 struct{ Text string }

const indexesQuery = "select indexdef from pg_indexes where schemaname in ('listings', 'bookings', 'sales_timeline') order by 1"

func TestRebuildMends(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"a table that was emptied":  "truncate listings.events",
		"a table that was dropped":  "drop table listings.events",
		"a schema that was dropped": "drop schema listings cascade",
		"a row that is wrong":       "update listings.events set remaining = remaining + 1",
		"a checkpoint that is gone": "delete from projections where name = 'listings'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 50)
			w.run(100)
			r := w.start(projections.Options{}, projections.All()...)
			r.catchUp(t, w.head)
			w.sql(damage)
			w.mustRebuild(projections.RebuildOptions{}, projections.Listings())
			w.wantTables()
			w.wantSchemas("listings", "listings")
			w.run(50)
			r.catchUp(t, w.head)
			w.wantTables()
		})
	}
	t.Run("a projection that halted over spoiled tables, whose mark goes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 51)
		w.run(100)
		r := w.start(projections.Options{}, projections.All()...)
		r.catchUp(t, w.head)
		w.sql("alter table listings.events add constraint never check (version < 0) not valid")
		w.run(50)
		r.log.await(t, projections.ErrHalted.Error(), "listings")
		if reason := w.awaitHalted("listings", true); !strings.Contains(reason, "never") {
			t.Errorf("halted for %q", reason)
		}
		w.mustRebuild(projections.RebuildOptions{}, projections.Listings())
		r.catchUp(t, w.head)
		w.wantTables()
		w.awaitHalted("listings", false)
	})
}

// awaitHalted waits until the live generation is marked as halted, or is not, and returns the reason.
func (w *world) awaitHalted(name string, want bool) string {
	w.Helper()
	for ctx := soon(w); ctx.Err() == nil; {
		generations, err := projections.Generations(ctx, w.pool)
		if err != nil {
			w.Fatal(err)
		}
		for _, g := range generations {
			if g.Name == name && g.State == "live" && (g.Halted != "") == want {
				return g.Halted
			}
		}
	}
	w.Fatalf("%s: halted is never %t", name, want)
	return ""
}

func TestAHaltIsRecordedAndCleared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 52)
	r := w.start(projections.Options{}, counter("alter table counts add constraint never check (count < 0) not valid"))
	w.run(20)
	if reason := w.awaitHalted("counter", true); !strings.Contains(reason, "at position 1 ") {
		t.Errorf("halted for %q", reason)
	}
	w.sql("alter table counter.counts drop constraint never")
	r.catchUp(t, w.head)
	w.awaitHalted("counter", false)
}

func TestRebuildKeepsWhatItReplacesOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 53)
	w.run(50)
	r := w.start(projections.Options{}, counter(""))
	r.catchUp(t, w.head)
	w.mustRebuild(projections.RebuildOptions{}, counter(""))
	w.wantGenerations("counter 2 live")
	w.wantSchemas("counter", "counter")
	w.mustRebuild(projections.RebuildOptions{Keep: true}, counter(""))
	w.mustRebuild(projections.RebuildOptions{}, counter(""))
	w.wantGenerations("counter 2 retired", "counter 4 live")
	w.wantSchemas("counter", "counter", "counter_2")
	w.sql("select from counter_2.counts")
}

func TestAnEventThatARebuildCannotApply(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 7, 0} {
		t.Run(fmt.Sprintf("is named, and the live generation stays, in pages of %d", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 54)
			w.run(100)
			w.start(projections.Options{}, projections.All()...).catchUp(t, w.head)
			w.start(projections.Options{}, counter("")).catchUp(t, w.head)
			before, refused, unreadable := w.generations(), w.head-9, w.head-5

			picky, calm := counter(""), counter("").Apply
			picky.Apply = func(changes []projections.Change, to *pgx.Batch) {
				calm(changes, to)
				for _, c := range changes {
					to.Queue("select 1 / ($1::bigint - $2)", c.Position, refused)
				}
			}
			err := w.rebuild(projections.RebuildOptions{PageSize: pageSize}, picky)
			if !errors.Is(err, projections.ErrHalted) || !strings.Contains(err.Error(), "rebuild counter: ") || !strings.Contains(err.Error(), fmt.Sprintf("at position %d ", refused)) {
				t.Errorf("refused by the database: %v", err)
			}
			w.sql("update events set type = 'seats.painted.v1' where position = $1", unreadable)
			err = w.rebuild(projections.RebuildOptions{PageSize: pageSize}, projections.All()...)
			if !errors.Is(err, projections.ErrHalted) || !strings.Contains(err.Error(), fmt.Sprintf("at position %d ", unreadable)) {
				t.Errorf("unreadable: %v", err)
			}
			live := slices.DeleteFunc(w.generations(), func(g string) bool { return strings.HasSuffix(g, "building") })
			if !slices.Equal(live, before) {
				t.Errorf("there were %q and are %q", before, live)
			}
			w.wantTables()
		})
	}
}

func TestTwoRebuildsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 55)
	w.run(50)
	p, arrived, proceed := slow()
	var first sync.WaitGroup
	defer first.Wait()
	first.Go(func() {
		if err := w.rebuild(projections.RebuildOptions{}, p); err != nil {
			t.Error(err)
		}
	})
	<-arrived
	if err := w.rebuild(projections.RebuildOptions{}, counter("")); !errors.Is(err, projections.ErrRebuilding) {
		t.Errorf("the second got %v; want ErrRebuilding", err)
	}
	if err := w.rebuild(projections.RebuildOptions{}, projections.All()...); err != nil {
		t.Errorf("others: %v", err)
	}
	proceed <- struct{}{}
	first.Wait()
	if sum := w.counted(); sum != w.head {
		t.Errorf("counted %d of %d events", sum, w.head)
	}
}

func TestRebuildInAnotherVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 56)
	w.run(50)
	old := w.node(projections.Options{}, counter(""))
	old.catchUp(t, w.head)
	next := counter("")
	next.Version = 2
	outdated := func(want int) {
		t.Helper()
		got, err := projections.Outdated(t.Context(), w.pool, append(projections.All(), next)...)
		if err != nil || len(got) != want {
			t.Errorf("%d are outdated, %v; want %d", len(got), err, want)
		}
	}
	outdated(1)
	w.mustRebuild(projections.RebuildOptions{}, next)
	outdated(0)
	old.log.await(t, "version 1", "another one took its place")
	r := w.node(projections.Options{}, next)
	w.run(50)
	r.catchUp(t, w.head)
	if sum := w.counted(); sum != w.head {
		t.Errorf("counted %d of %d events", sum, w.head)
	}
}

func TestGenerationsTellHowFarTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 57)
	w.run(50)
	if err := prepare(t.Context(), w.pool, counter("")); err != nil {
		t.Fatal(err)
	}
	w.sql("select advance_projection('counter', 1, 0, 10)")
	w.sql("update events set recorded_at = clock_timestamp() - interval '1 minute' where position = 11")
	list, err := projections.Generations(t.Context(), w.pool)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	g := list[0]
	if g.Position != 10 || g.Lag != w.head-10 || g.Behind.Minutes() < 1 || g.Behind.Minutes() > 2 || g.Halted != "" || g.Version != 1 {
		t.Errorf("%+v", g)
	}
	w.mustRebuild(projections.RebuildOptions{}, counter(""))
	if list, err = projections.Generations(t.Context(), w.pool); err != nil || list[0].Lag != 0 || list[0].Behind != 0 || list[0].Position != w.head {
		t.Errorf("%+v, %v", list, err)
	}
}
