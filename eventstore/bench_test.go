package eventstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/eventstore"
)

// The benchmarks measure durable appends, which the shared test server does not do. They run on the database that
// ONSALE_BENCH_DATABASE_URL names, which must have been migrated, be empty and have fsync on; they leave it empty.
func benchStore(b *testing.B) *eventstore.Store {
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
		if _, err := pool.Exec(context.Background(), "truncate events, snapshots"); err != nil {
			b.Error(err)
		}
	})
	return eventstore.New(pool)
}

// benchEvent is about as large as a confirmed booking.
func benchEvent() eventstore.EventData {
	return eventstore.EventData{
		Type:   "booking.confirmed.v1",
		Schema: 1,
		Data: json.RawMessage(`{"booking":"0197a1de-7d0f-7c55-a0b3-0f9f5ac7b8de","section":"0197a1de-7d0f-7c55-a0b3-0f9f5ac7b8df",` +
			`"buyer":"0197a1de-7d0f-7c55-a0b3-0f9f5ac7b8e0","quantity":2,"price":12500,"at":"2026-01-02T03:04:05.678Z"}`),
		Metadata: eventstore.Metadata{
			CommandID:     uuid.Must(uuid.NewV7()),
			UserID:        uuid.New(),
			CorrelationID: "0197a1de7d0f7c55a0b30f9f5ac7b8de",
		},
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, streams := range []int{1, 1000} {
		for _, size := range []int{1, 10, 100, 1000} {
			b.Run(fmt.Sprintf("streams=%d/events=%d", streams, size), func(b *testing.B) {
				store := benchStore(b)
				appends := make([]eventstore.StreamAppend, streams)
				for i := range appends {
					appends[i].Stream = uuid.New()
				}
				next := 0 // the stream whose turn it is
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					batch := make([]eventstore.StreamAppend, 0, min(streams, size))
					for range min(streams, size) {
						a := &appends[next%streams]
						next++
						a.Events = a.Events[:0]
						for range max(1, size/streams) {
							a.Events = append(a.Events, benchEvent())
						}
						batch = append(batch, *a)
						a.Expected += int64(len(a.Events))
					}
					b.StartTimer()
					appended, err := store.Append(b.Context(), batch)
					if err != nil || len(appended.Recorded) != size {
						b.Fatal(len(appended.Recorded), len(appended.Conflicts), err)
					}
				}
				b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}

func BenchmarkReadAfter(b *testing.B) {
	const events = 10_000
	store := benchStore(b)
	stream := eventstore.StreamAppend{Stream: uuid.New()}
	for range events {
		stream.Events = append(stream.Events, benchEvent())
	}
	if _, err := store.Append(b.Context(), []eventstore.StreamAppend{stream}); err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("page=%d", size), func(b *testing.B) {
			position := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				page, err := store.ReadAfter(b.Context(), position, size)
				if err != nil || len(page.Events) != size {
					b.Fatal(len(page.Events), err)
				}
				position = page.Through() % events
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
