package projections_test

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/projections"
)

// benchPool connects to the database that ONSALE_BENCH_DATABASE_URL names, which must have been migrated, be empty and
// have fsync on; it is left empty. The shared test server does not do what production does.
func benchPool(b *testing.B) *pgxpool.Pool {
	address := os.Getenv("ONSALE_BENCH_DATABASE_URL")
	if address == "" {
		b.Skip("ONSALE_BENCH_DATABASE_URL is not set")
	}
	pool, err := pgxpool.New(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	var durable, empty bool
	err = pool.QueryRow(b.Context(), `
		select current_setting('fsync')::bool and current_setting('synchronous_commit') = 'on',
		       not exists (select from events)`).Scan(&durable, &empty)
	if err != nil {
		b.Fatal(err)
	}
	if !durable || !empty {
		b.Fatalf("the database must be durable and its log empty; durable %t, empty %t", durable, empty)
	}
	b.Cleanup(func() {
		statements := "truncate events; delete from projections;"
		for _, p := range projections.All() {
			statements += "drop schema if exists " + p.Name + " cascade;"
		}
		if _, err := pool.Exec(context.Background(), statements); err != nil {
			b.Error(err)
		}
	})
	return pool
}

// A busyLog is the log of sales in which buyers hold seats, pay, and one in ten cancels, while 500 others pay.
type busyLog struct {
	rows     [][]any
	versions map[uuid.UUID]int64
}

func (l *busyLog) add(stream uuid.UUID, e sale.Event) {
	l.versions[stream]++
	data, err := sale.Encode(e)
	if err != nil {
		panic(err)
	}
	metadata := fmt.Sprintf(`{"user":"%s","correlation":"0197a1de7d0f7c55a0b30f9f5ac7b8de"}`, stream)
	l.rows = append(l.rows, []any{
		len(l.rows) + 1, [16]byte(stream), l.versions[stream], e.EventType(), sale.EventSchema, data, metadata,
		[16]byte(uuid.Must(uuid.NewV7())), int16(0), noon,
	})
}

func fillLog(b *testing.B, pool *pgxpool.Pool, sales, events int) {
	type paying struct {
		stream, hold, buyer uuid.UUID
		sale.Seats
	}
	l := busyLog{versions: make(map[uuid.UUID]int64)}
	streams, seats := make([]uuid.UUID, sales), make([]sale.Seats, sales)
	for i := range sales {
		streams[i], seats[i] = uuid.New(), sale.Seats{Section: uuid.New(), Quantity: 2, Amount: 2000}
		l.add(streams[i], sale.Opened{
			Organizer: uuid.New(), Title: fmt.Sprintf("Event %d", i), Currency: "EUR", At: noon,
			Sections: []sale.OpenedSection{{ID: seats[i].Section, Name: "Floor", Price: 1000, Capacity: 1e6, OnSale: 1e6}},
		})
	}
	var queue []paying
	for n := 0; len(l.rows) < events; n++ {
		at := noon.Add(time.Duration(n) * time.Millisecond)
		p := paying{streams[n%sales], uuid.Must(uuid.NewV7()), uuid.New(), seats[n%sales]}
		l.add(p.stream, sale.SeatsHeld{Hold: p.hold, Buyer: p.buyer, Seats: p.Seats, Paying: true, ExpiresAt: at.Add(time.Minute), At: at})
		if queue = append(queue, p); len(queue) < 500 {
			continue
		}
		p, queue = queue[0], queue[1:]
		l.add(p.stream, sale.BookingConfirmed{Booking: p.hold, Buyer: p.buyer, Seats: p.Seats, FromHold: true, At: at})
		if n%10 == 0 {
			l.add(p.stream, sale.BookingCancelled{Booking: p.hold, Buyer: p.buyer, Seats: p.Seats, By: p.buyer, At: at})
		}
	}
	columns := []string{"position", "stream", "version", "type", "schema", "data", "metadata", "command_id", "command_index", "recorded_at"}
	if _, err := pool.CopyFrom(b.Context(), pgx.Identifier{"events"}, columns, pgx.CopyFromRows(l.rows[:events])); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), "vacuum analyze events"); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCatchUp makes all read tables from the beginning of a log.
func BenchmarkCatchUp(b *testing.B) {
	for _, sales := range []int{1, 1000} {
		for _, page := range []struct{ size, events int }{{1, 5_000}, {100, 50_000}, {2000, 200_000}} {
			b.Run(fmt.Sprintf("sales=%d/page=%d", sales, page.size), func(b *testing.B) {
				pool := benchPool(b)
				fillLog(b, pool, sales, page.events)
				cpu := time.Duration(0)
				for b.Loop() {
					b.StopTimer()
					if _, err := pool.Exec(b.Context(), "delete from projections"); err != nil {
						b.Fatal(err)
					}
					before := cpuTime()
					b.StartTimer()
					r := start(b, pool, eventstore.New(pool), projections.Options{PageSize: page.size}, projections.All()...)
					if err := r.CatchUp(b.Context(), int64(page.events)); err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
					cpu += cpuTime() - before
					if err := r.stop(); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				events := float64(page.events * b.N)
				b.ReportMetric(events/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(cpu.Microseconds())/events, "cpu-µs/event") // of this process alone
			})
		}
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
