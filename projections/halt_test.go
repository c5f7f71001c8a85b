package projections_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
	"onsale/projections"
)

// counter is a third projection: it counts events by type.
func counter(tables string) projections.Projection {
	return projections.Projection{
		Name: "counter", Version: 1,
		Tables: "create table counts (type text primary key, count bigint not null);" + tables,
		Apply: func(changes []projections.Change, to *pgx.Batch) {
			for _, c := range changes {
				to.Queue(`insert into counter.counts as c values ($1, 1) on conflict (type) do update set count = c.count + 1`, c.Type)
			}
		},
	}
}

// counted is the sum of what the counter has.
func (w *world) counted() (sum int64) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), "select coalesce(sum(count), 0)::bigint from counter.counts").Scan(&sum); err != nil {
		w.Fatal(err)
	}
	return sum
}

func TestAnEventThatTheTablesRefuse(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 3, 0} {
		t.Run(fmt.Sprintf("halts its projection just before it, and no other, until it is mended, in pages of %d", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5)
			w.run(100)
			s := w.open(5)
			if err := w.do(s, sale.Book{Order: w.order(s)}); err != nil {
				t.Fatal(err)
			}
			w.append()
			poison := w.head - 1 // the second of two events of one append
			w.run(50)

			never := counter(fmt.Sprintf(`
				create function refuse() returns trigger language plpgsql as $$
				begin
					if (select sum(count) from counter.counts) >= %d then
						raise 'not this one' using errcode = 'check_violation';
					end if;
					return new;
				end $$;
				create trigger refuse before insert on counts for each row execute function refuse();`, poison-1))
			r := w.start(projections.Options{PageSize: pageSize}, append(projections.All(), never)...)
			line := r.log.await(t, projections.ErrHalted.Error(), fmt.Sprintf("at position %d ", poison), "not this one")
			for _, word := range []string{"counter", "sale.opened.v1", s.ID.String(), "request-"} {
				if !strings.Contains(line, word) {
					t.Errorf("it does not say %s: %s", word, line)
				}
			}
			if at, sum := w.checkpoint("counter"), w.counted(); at != poison-1 || sum != poison-1 {
				t.Errorf("checkpoint %d, tables at %d; want %d", at, sum, poison-1)
			}
			others := start(t, w.pool, w.store, projections.Options{}, projections.All()...)
			others.catchUp(t, w.head)
			w.wantTables()

			w.sql("drop trigger refuse on counter.counts")
			r.catchUp(t, w.head)
			if sum := w.counted(); sum != w.head {
				t.Errorf("counted %d of %d events", sum, w.head)
			}
		})
	}
}

func TestAnEventThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 3, 0} {
		t.Run(fmt.Sprintf("halts all who read it just before it, until it is mended, in pages of %d", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 6)
			w.run(100)
			poison := w.head - 10
			var was string
			if err := w.pool.QueryRow(t.Context(), "select type from events where position = $1", poison).Scan(&was); err != nil {
				t.Fatal(err)
			}
			w.sql("update events set type = 'seats.painted.v1' where position = $1", poison)

			r := w.start(projections.Options{PageSize: pageSize}, projections.All()...)
			for _, name := range []string{"listings", "bookings"} {
				r.log.await(t, projections.ErrHalted.Error(), name, fmt.Sprintf("at position %d ", poison), "seats.painted.v1")
				if at := w.checkpoint(name); at != poison-1 {
					t.Errorf("%s is at %d; want %d", name, at, poison-1)
				}
			}
			r.catchUp(t, poison-1)
			w.sql("update events set type = $1 where position = $2", was, poison)
			r.catchUp(t, w.head)
			w.wantTables()
		})
	}
}

func TestAStatementThatFails(t *testing.T) {
	t.Parallel()
	t.Run("once is tried again at once, in a fresh transaction", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 7)
		w.run(100)
		r := w.start(projections.Options{RetryInterval: time.Hour}, counter(`
			create sequence tries; -- which no rollback winds back
			create function stumble() returns trigger language plpgsql as $$
			begin
				if nextval('counter.tries') = 2 then
					raise 'stumbled' using errcode = 'serialization_failure';
				end if;
				return new;
			end $$;
			create trigger stumble before insert on counts for each row execute function stumble();`))
		r.catchUp(t, w.head)
		if sum := w.counted(); sum != w.head {
			t.Errorf("counted %d of %d events", sum, w.head)
		}
		r.log.await(t, "stumbled")
		r.log.none(t, projections.ErrHalted.Error())
	})
	t.Run("changes neither the tables nor the checkpoint", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 8)
		w.run(50)
		r := w.start(projections.Options{}, projections.All()...)
		r.catchUp(t, w.head)
		before := w.head
		w.sql("alter table bookings.bookings rename to hidden")
		w.sql("alter table listings.sections rename to hidden") // the last that a page of listings changes
		w.run(50)
		for _, name := range []string{"listings", "bookings"} {
			r.log.await(t, name, "does not exist")
			if at := w.checkpoint(name); at != before {
				t.Errorf("%s is at %d; want %d", name, at, before)
			}
		}
		var versions int64
		if err := w.pool.QueryRow(t.Context(), "select sum(version)::bigint from listings.events").Scan(&versions); err != nil || versions != before {
			t.Errorf("the events' versions add up to %d, %v; want %d", versions, err, before)
		}
		w.sql("alter table bookings.hidden rename to bookings")
		w.sql("alter table listings.hidden rename to sections")
		r.catchUp(t, w.head)
		w.wantTables()
	})
	t.Run("with another one behind it is the one that is told of", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 9)
		w.run(5)
		failing := counter(`create function fail(why text) returns void language plpgsql as $$ begin raise '%', why; end $$;`)
		failing.Apply = func(_ []projections.Change, to *pgx.Batch) {
			to.Queue("select counter.fail('the first')")
			to.Queue("select counter.fail('the second')")
		}
		r := w.start(projections.Options{}, failing)
		r.log.await(t, "the first")
		r.log.none(t, "the second")
	})
}

func TestAPanicIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.run(20)
	var tries atomic.Int64
	jumpy := counter("")
	calm := jumpy.Apply
	jumpy.Apply = func(changes []projections.Change, to *pgx.Batch) {
		if tries.Add(1) == 1 {
			panic("at the disco")
		}
		calm(changes, to)
	}
	r := w.start(projections.Options{RetryInterval: time.Hour}, append(projections.All(), jumpy)...)
	r.catchUp(t, w.head)
	w.wantTables()
	if sum := w.counted(); sum != w.head {
		t.Errorf("counted %d of %d events", sum, w.head)
	}
	r.log.await(t, "at the disco")
}

// Else a crash of the server would take the tables back behind what the node knows them to have.
func TestAPageIsOneTransactionThatWaitsForTheDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 11)
	w.run(5)
	probe := projections.Projection{
		Name: "probe", Version: 1, Tables: "create table probes (id xid8, setting text)",
		Apply: func(_ []projections.Change, to *pgx.Batch) {
			for range 2 {
				to.Queue("insert into probe.probes select pg_current_xact_id(), current_setting('synchronous_commit')")
			}
		},
	}
	config := w.pool.Config()
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on" // which the test server is without
	one := newPool(t, config)
	r := start(t, one, w.store, projections.Options{}, probe)
	r.catchUp(t, w.head)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	var transactions, rows int
	var setting, after string
	err := w.pool.QueryRow(t.Context(), "select count(distinct id), count(*), min(setting) from probe.probes").
		Scan(&transactions, &rows, &setting)
	if err != nil || transactions != 1 || rows != 2 || setting != "on" {
		t.Errorf("%d rows in %d transactions, synchronous_commit %s, %v", rows, transactions, setting, err)
	}
	if err := one.QueryRow(t.Context(), "show synchronous_commit").Scan(&after); err != nil || after != "on" {
		t.Errorf("afterwards synchronous_commit is %s, %v", after, err)
	}
}
