package query_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/eventstore"
	"onsale/query"
)

// record appends events to a sale, of one request each, the first of them by the system.
func (t *tables) record(sale uuid.UUID, events int) []eventstore.RecordedEvent {
	t.Helper()
	a := eventstore.StreamAppend{Stream: sale}
	for i := range events {
		command, err := uuid.NewV7()
		if err != nil {
			t.Fatal(err)
		}
		e := eventstore.EventData{
			Type: "seats.held.v1", Schema: 1, Data: json.RawMessage(fmt.Sprintf(`{"n": %d}`, i)),
			Metadata: eventstore.Metadata{CommandID: command, CorrelationID: "request"},
		}
		if i > 0 {
			e.Metadata.UserID = uuid.New()
		}
		a.Events = append(a.Events, e)
	}
	appended, err := eventstore.New(t.pool).Append(t.Context(), []eventstore.StreamAppend{a})
	if err != nil || len(appended.Conflicts) > 0 {
		t.Fatal(appended.Conflicts, err)
	}
	return appended.Recorded
}

// shown is what a recorded event is shown as.
func shown(recorded []eventstore.RecordedEvent) []query.RecordedEvent {
	var out []query.RecordedEvent
	for _, r := range recorded {
		out = append(out, query.RecordedEvent{
			Version: r.Version, Position: r.Position, Type: r.Type, Schema: r.Schema, Data: r.Data, By: r.Metadata.UserID,
			RecordedAt: r.RecordedAt.UTC(),
		})
	}
	return out
}

func TestHistory(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	sale := uuid.New()
	tables.record(uuid.New(), 3)
	want := shown(tables.record(sale, 5))
	tables.record(uuid.New(), 3)
	slices.Reverse(want)
	for name, test := range map[string]struct {
		filter query.HistoryFilter
		want   []query.RecordedEvent
	}{
		"is whole and the newest first":         {query.HistoryFilter{Limit: 50}, want},
		"stops at the limit":                    {query.HistoryFilter{Limit: 2}, want[:2]},
		"goes on below the version it is given": {query.HistoryFilter{Limit: 2, Before: 4}, want[2:4]},
		"ends with the first version":           {query.HistoryFilter{Limit: 2, Before: 2}, want[4:]},
		"has nothing before the first version":  {query.HistoryFilter{Limit: 2, Before: 1}, nil},
		"is whole below versions yet to come":   {query.HistoryFilter{Limit: 50, Before: 100}, want},
	} {
		t.Run(name, func(t *testing.T) {
			test.filter.EventID = sale
			got, err := tables.History(t.Context(), test.filter)
			if diff := cmp.Diff(test.want, slices.Clip(append([]query.RecordedEvent(nil), got...)), cmp.Comparer(sameTime)); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("of an unknown event is empty", func(t *testing.T) {
		if got, err := tables.History(t.Context(), query.HistoryFilter{EventID: uuid.New(), Limit: 1}); err != nil || len(got) > 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	sale := uuid.New()
	want := shown(tables.record(sale, 5))
	replay := func(t *testing.T, sale uuid.UUID, through int64) (got []query.RecordedEvent) {
		t.Helper()
		for e, err := range tables.Replay(t.Context(), sale, through) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e)
		}
		return got
	}
	for name, test := range map[string]struct {
		sale    uuid.UUID
		through int64
		want    []query.RecordedEvent
	}{
		"is in order up to the version":              {sale, 3, want[:3]},
		"is whole up to the newest":                  {sale, 5, want},
		"is empty where the sale has not got so far": {sale, 6, nil},
		"is empty for an unknown event":              {uuid.New(), 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, replay(t, test.sale, test.through), cmp.Comparer(sameTime)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("may be left halfway", func(t *testing.T) {
		for e, err := range tables.Replay(t.Context(), sale, 5) {
			if err != nil || e.Version > 2 {
				t.Fatal(e.Version, err)
			}
			if e.Version == 2 {
				break
			}
		}
	})
	t.Run("says what went wrong", func(t *testing.T) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		n := 0
		for _, err := range tables.Replay(gone, sale, 5) {
			if n++; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		if n != 1 {
			t.Errorf("%d errors", n)
		}
	})
}

// fillLog puts a sale of so many events there, and as many events of others.
func (t *tables) fillLog(events int) (sale uuid.UUID) {
	t.Helper()
	sale = uuid.New()
	t.sql(`insert into events
	       select n, case when n > $2 then gen_random_uuid() else $1::uuid end, case when n > $2 then 1 else n end, 'seats.held.v1', 1,
	              '{"quantity": 1}', '{}', gen_random_uuid(), 0, now()
	         from generate_series(1, 2 * $2::int) n`, sale, events)
	t.sql(`analyze events`)
	return sale
}

func TestALongHistoryIsReadByTheIndex(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	const events = 20 * query.ReplayPage
	sale := tables.fillLog(events)
	whole := func(plan string) bool { return strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Sort") }
	for name, plan := range map[string]string{
		"the newest page":         tables.explain(query.HistorySQL, sale, events+1, 200),
		"the first of a replay":   tables.explain(query.ReplaySQL, sale, 0, events, query.ReplayPage),
		"a page further on":       tables.explain(query.ReplaySQL, sale, events/2, events, query.ReplayPage),
		"the beginning of a sale": tables.explain(query.ReplaySQL, sale, 0, 10, query.ReplayPage),
	} {
		if whole(plan) {
			t.Errorf("%s is found by reading more:\n%s", name, plan)
		}
	}
	t.Run("and a query that does read more is noticed", func(t *testing.T) {
		if plan := tables.explain("select * from events where type = $1", "sale.opened.v1"); !whole(plan) {
			t.Errorf("without an index:\n%s", plan)
		}
	})
	t.Run("and comes whole, page by page", func(t *testing.T) {
		const through = events - query.ReplayPage/2
		n := int64(0)
		for e, err := range tables.Replay(t.Context(), sale, through) {
			if n++; err != nil || e.Version != n {
				t.Fatal(n, e.Version, err)
			}
		}
		if n != through {
			t.Errorf("%d events", n)
		}
	})
}
