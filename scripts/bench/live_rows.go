package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// liveRows have many watch a hot event while all clients book it as fast as they can.
func liveRows() []row {
	return []row{
		{group: "live", name: "1,000 viewers of a hot sale", run: liveRow(1000)},
		{group: "live", name: rowViewers, run: liveRow(10_000)},
	}
}

// liveRow measures the bookings, and of the viewers
//
//   - how old the newest count is that they know, looked at every 10 ms of the cell: the time that it took to come, and the time
//     since. A count is made when its event is recorded, by the database's clock, which is ours;
//   - the node's memory for each, see [footprint].
func liveRow(n int) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		s, ids, err := l.onsaleWith(ctx, seats)
		if err != nil {
			return measure{}, err
		}
		var empty, middle, left footprint
		if empty, err = s.footprint(ctx); err != nil {
			return measure{}, err
		}
		viewers, err := l.watch(ctx, s, ids[0], n)
		if err != nil {
			return measure{}, err
		}
		began := time.Now()
		booked, err := l.loadBeside(ctx, book(s, ids...), func(ctx context.Context) error {
			if err := sleep(ctx, l.Warm+l.Cell/2); err != nil {
				return err
			}
			middle, err = s.footprint(ctx)
			return err
		})
		seen, leaving := viewers.leave()
		if err == nil {
			err = leaving
		}
		if err == nil {
			left, err = s.emptied(ctx)
		}
		if err != nil {
			return measure{}, err
		}
		made, err := madeAt(ctx, s.Database, ids[0])
		if err != nil {
			return measure{}, err
		}
		old := seen.ages(made, began.Add(l.Warm), began.Add(l.Warm+l.Cell))
		booked.Values = map[string]float64{
			"frames/viewer/s": float64(seen.Frames) / float64(n) / (l.Warm + l.Cell).Seconds(),
			ofViewerMemory:    middle.beyond(empty, left) / float64(n) / 1000,
		}
		booked.tell("newest count p50 ms", milliseconds(old.quantile(0.50)), len(old) > 0)
		booked.tell(ofNewestCount, milliseconds(old.quantile(0.99)), len(old) > 0)
		return booked.measure, nil
	}
}

// madeAt tells when each version of a sale was recorded.
func madeAt(ctx context.Context, database, event string) (map[int64]time.Time, error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, "select version, recorded_at from events where stream = $1", event)
	if err != nil {
		return nil, err
	}
	made := make(map[int64]time.Time)
	var version int64
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&version, &at}, func() error { made[version] = at; return nil })
	return made, err
}

// footprint is what a node needs at a moment: its heap and stacks in use after a collection. Buffers of sockets are the
// kernel's and are not in it; what a storm has under way is, so that few viewers seem to need more each than many.
type footprint struct{ bytes, bookings float64 }

// footprint has the node collect its garbage, and looks.
func (s *server) footprint(ctx context.Context) (footprint, error) {
	if err := get(ctx, strings.TrimSuffix(s.Metrics, "/metrics")+"/debug/pprof/heap?gc=1"); err != nil {
		return footprint{}, err
	}
	const heap, stacks, bookings = "go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes", "onsale_bookings_total"
	m, err := s.metrics(ctx)
	if err == nil {
		err = tells(m, heap, stacks, bookings)
	}
	return footprint{bytes: m[heap] + m[stacks], bookings: m[bookings]}, err
}

// beyond is what the node needs beyond what it would without viewers, who came after before and left before after. Bookings
// take memory too, which stays: their part at the moment goes by their number.
func (f footprint) beyond(before, after footprint) float64 {
	part := 0.0
	if after.bookings > before.bookings {
		part = (f.bookings - before.bookings) / (after.bookings - before.bookings)
	}
	return f.bytes - before.bytes - part*(after.bytes-before.bytes)
}

// emptied waits until the viewers have left and the read tables have everything, and looks.
func (s *server) emptied(ctx context.Context) (footprint, error) {
	if _, err := s.drained(ctx); err != nil {
		return footprint{}, err
	}
	for began := time.Now(); ; {
		const viewers = "onsale_live_viewers"
		m, err := s.metrics(ctx)
		if err == nil {
			err = tells(m, viewers)
		}
		if err != nil {
			return footprint{}, err
		}
		watching := m[viewers]
		if watching == 0 {
			return s.footprint(ctx)
		}
		if time.Since(began) > drainTimeout {
			return footprint{}, fmt.Errorf("%.0f viewers are still there", watching)
		}
		if err := sleep(ctx, drainPoll); err != nil {
			return footprint{}, err
		}
	}
}

func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return nil
}
