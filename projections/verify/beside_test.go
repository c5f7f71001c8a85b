package verify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/projections"
	"onsale/projections/verify"
)

// Tables, checkpoints and log are seen at one instant: if they were not, some sale would have moved on in between.
func TestBesideNodesThatSellAndRebuildAllIsClean(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 31)
	w.run(50)
	ctx, stop := context.WithCancel(t.Context())
	var storm sync.WaitGroup
	defer storm.Wait()
	defer stop()

	runner := projections.NewRunner(w.pool, w.store, projections.Options{Log: slog.New(slog.DiscardHandler)}, projections.All()...)
	storm.Go(func() {
		if err := runner.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	for i := range uint64(3) {
		seller := *w
		seller.random, seller.sales, seller.claims = rand.New(rand.NewPCG(i, 99)), nil, make(map[*sale.Sale][]uuid.UUID)
		storm.Go(func() {
			for ctx.Err() == nil {
				seller.run(10)
			}
		})
	}
	var first, last int64
	for range 6 {
		rebuilt := make(chan error, 1)
		go func() {
			rebuilt <- projections.Rebuild(ctx, w.pool, w.store, projections.RebuildOptions{}, projections.All()...)
		}()
		report := w.wantClean()
		if err := <-rebuilt; err != nil {
			t.Error(err)
		}
		if first == 0 {
			first = report.Events
		}
		last = report.Events
	}
	if last == first {
		t.Error("nothing was sold meanwhile")
	}
}

func TestTablesThatAreReplacedBeforeTheyAreOpenedAreNotCompared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 35)
	w.run(50)
	w.apply()
	replaced, err := verify.OpenBehind(t.Context(), w.url, func() {})
	if replaced || err != nil {
		t.Errorf("nothing happened: replaced %v, %v", replaced, err)
	}
	replaced, err = verify.OpenBehind(t.Context(), w.url, func() {
		if err := projections.Rebuild(t.Context(), w.pool, w.store, projections.RebuildOptions{}, projections.Listings()); err != nil {
			t.Error(err)
		}
	})
	if !replaced || err != nil {
		t.Errorf("after a rebuild: replaced %v, %v", replaced, err)
	}
	w.wantClean()
}

func TestStoppedHalfwayItSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 32)
	w.fill(3000, 1)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := verify.Verify(ctx, w.url, verify.Options{Progress: func(int64, int64) { cancel() }})
	if err == nil || ctx.Err() == nil {
		t.Fatalf("got %v", err)
	}
	var left int
	w.row("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'", nil, &left)
	for deadline := time.Now().Add(10 * time.Second); left > 0 && time.Now().Before(deadline); {
		w.row("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'", nil, &left)
	}
	if left > 0 {
		t.Errorf("%d connections still work", left)
	}
}

func TestADatabaseWithoutALogIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 33)
	w.sql("drop table events cascade")
	if _, err := verify.Verify(t.Context(), w.url, verify.Options{}); !errors.Is(err, verify.ErrNoLog) {
		t.Errorf("got %v", err)
	}
}

// Not parallel: it looks at the memory of the process.
func TestMemoryIsBoundedByTheLargestSale(t *testing.T) {
	w := newWorld(t, 34)
	const sales, bookings = 500, 40
	w.fill(sales, bookings)
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	report, err := verify.Verify(t.Context(), w.url, verify.Options{Progress: func(done, total int64) {
		if done%(16*512) == 0 {
			runtime.GC()
			runtime.ReadMemStats(&during)
			most = max(most, during.HeapAlloc)
		}
	}})
	if err != nil || report.Events != sales*(bookings+1) {
		t.Fatalf("%d events, %v", report.Events, err)
	}
	// The log alone is some 12 MB in memory.
	if most == 0 || most > before.HeapAlloc+6<<20 {
		t.Errorf("%d KB more for %d events", (int64(most)-int64(before.HeapAlloc))>>10, report.Events)
	}
}

// fill appends many sales with as many bookings each, many at a time.
func (w *world) fill(sales, bookings int) {
	w.Helper()
	var batch []eventstore.StreamAppend
	for n := range sales {
		s := &sale.Sale{ID: w.id()}
		section := uuid.New()
		events := []sale.Event{sale.Opened{
			Organizer: w.id(), Title: fmt.Sprint("Event ", n), Currency: "EUR", At: w.now,
			Sections: []sale.OpenedSection{{ID: section, Name: "All", Price: 10, Capacity: bookings + 1, OnSale: bookings + 1}},
		}}
		for range bookings {
			events = append(events, sale.BookingConfirmed{
				Booking: w.id(), Buyer: w.id(), Seats: sale.Seats{Section: section, Quantity: 1, Amount: 10}, At: w.now,
				Idempotency: sale.Idempotency{Key: "0123456789abcdef", Fingerprint: "0123456789abcdef"},
			})
			w.now = w.now.Add(10 * time.Millisecond)
		}
		a := eventstore.StreamAppend{Stream: s.ID}
		for _, e := range events {
			data, err := sale.Encode(e)
			if err != nil {
				w.Fatal(err)
			}
			a.Events = append(a.Events, eventstore.EventData{
				Type: e.EventType(), Schema: sale.EventSchema, Data: data,
				Metadata: eventstore.Metadata{CommandID: w.id(), UserID: w.id(), CorrelationID: "0123456789abcdef"},
			})
		}
		if batch = append(batch, a); len(batch)*(bookings+1) < 2000 && n < sales-1 {
			continue
		}
		appended, err := w.store.Append(w.Context(), batch)
		if err != nil || len(appended.Conflicts) > 0 {
			w.Fatal(appended.Conflicts, err)
		}
		w.head = appended.Recorded[len(appended.Recorded)-1].Position
		batch = nil
	}
}
