package query_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/query"
)

// sold puts a row of the timeline there.
func (t *tables) sold(table string, event uuid.UUID, at time.Time, s query.Sales) {
	t.Helper()
	t.sql(`insert into sales_timeline.`+table+` values ($1, $2, $3, $4, $5, $6)`, event, at, s.Held, s.Booked, s.Cancelled, s.Revenue)
}

// aSale is an event with sales in three minutes of two days, seconds of the first, and the end of its rush.
func (t *tables) aSale() uuid.UUID {
	t.Helper()
	event, another := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{event, another} {
		t.sold("minutes", id, noon, query.Sales{Held: 5, Booked: 2, Revenue: 200})
		t.sold("minutes", id, noon.Add(30*time.Minute), query.Sales{Booked: 4, Revenue: 400})
		t.sold("minutes", id, noon.Add(12*time.Hour), query.Sales{Booked: 1, Cancelled: 6, Revenue: -500})
		t.sold("seconds", id, noon.Add(2*time.Second), query.Sales{Held: 5})
		t.sold("seconds", id, noon.Add(3*time.Second), query.Sales{Booked: 2, Revenue: 200})
		t.sold("seconds", id, noon.Add(30*time.Minute), query.Sales{Booked: 4, Revenue: 400})
		t.sql(`insert into sales_timeline.rushes values ($1, $2)`, id, rushEnd)
	}
	return event
}

var rushEnd = noon.Add(time.Hour + 3*time.Second)

func TestSalesTimeline(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	event := tables.aSale()
	at := func(after time.Duration, held, booked, cancelled, revenue int64) query.SalesBucket {
		return query.SalesBucket{At: noon.Add(after), Sales: query.Sales{Held: held, Booked: booked, Cancelled: cancelled, Revenue: revenue}}
	}
	const s, m, h = time.Second, time.Minute, time.Hour
	one, two, three := at(0, 5, 2, 0, 200), at(30*m, 0, 4, 0, 400), at(12*h, 0, 1, 6, -500)
	berlin := time.FixedZone("", 2*60*60)
	for name, test := range map[string]struct {
		filter   query.SalesFilter
		from, to time.Time
		want     []query.SalesBucket
	}{
		"is all of it in minutes when nothing is asked for": {
			query.SalesFilter{}, noon, noon.Add(12*h + m), []query.SalesBucket{one, two, three}},
		"adds minutes up to hours": {
			query.SalesFilter{Bucket: "hour"}, noon, noon.Add(13 * h), []query.SalesBucket{at(0, 5, 6, 0, 600), three}},
		"adds hours up to days in UTC, whoever asks": {
			query.SalesFilter{Bucket: "day", From: noon.In(berlin)}, noon.Add(-12 * h), noon.Add(36 * h),
			[]query.SalesBucket{at(-12*h, 5, 6, 0, 600), three}},
		"is in seconds as far as there are any": {
			query.SalesFilter{Bucket: "second"}, noon.Add(2 * s), noon.Add(30*m + s),
			[]query.SalesBucket{at(2*s, 5, 0, 0, 0), at(3*s, 0, 2, 0, 200), two}},
		"begins with from and ends before to": {
			query.SalesFilter{From: noon.Add(30 * m), To: noon.Add(12 * h)}, noon.Add(30 * m), noon.Add(12 * h), []query.SalesBucket{two}},
		"widens the range to whole buckets": {
			query.SalesFilter{From: noon.Add(30*m + 59*s), To: noon.Add(12*h + 1)}, noon.Add(30 * m), noon.Add(12*h + m),
			[]query.SalesBucket{two, three}},
		"tells the range that was asked for where there is nothing": {
			query.SalesFilter{From: noon.Add(h), To: noon.Add(2 * h)}, noon.Add(h), noon.Add(2 * h), nil},
		"may ask for every second there is": {
			query.SalesFilter{Bucket: "second", From: noon.Add(30*m - s/2), To: rushEnd}, noon.Add(30*m - s), rushEnd, []query.SalesBucket{two}},
	} {
		t.Run(name, func(t *testing.T) {
			test.filter.EventID = event
			got, err := tables.SalesTimeline(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			want := query.SalesTimeline{From: test.from, To: test.to, SecondsUntil: rushEnd, Buckets: test.want}
			for _, b := range test.want {
				want.Total.Held += b.Held
				want.Total.Booked += b.Booked
				want.Total.Cancelled += b.Cancelled
				want.Total.Revenue += b.Revenue
			}
			got.Buckets = append([]query.SalesBucket(nil), got.Buckets...) // none, however it is written
			if diff := cmp.Diff(want, got, cmp.Comparer(sameTime)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("of an unknown event is empty", func(t *testing.T) {
		got, err := tables.SalesTimeline(t.Context(), query.SalesFilter{EventID: uuid.New()})
		if err != nil || len(got.Buckets) > 0 || !got.From.IsZero() || !got.To.IsZero() || !got.SecondsUntil.IsZero() {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("has seconds of a sale without bookings, whenever", func(t *testing.T) {
		held := uuid.New()
		tables.sold("seconds", held, noon.Add(100*h), query.Sales{Held: 1})
		got, err := tables.SalesTimeline(t.Context(), query.SalesFilter{EventID: held, Bucket: "second", To: noon.Add(1000 * h)})
		if err != nil || len(got.Buckets) != 1 || !got.SecondsUntil.IsZero() {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("leaves out what a clock ahead left beyond the rush", func(t *testing.T) {
		tables.sold("seconds", event, rushEnd, query.Sales{Held: 1})
		got, err := tables.SalesTimeline(t.Context(), query.SalesFilter{EventID: event, Bucket: "second"})
		if err != nil || len(got.Buckets) != 3 || !got.To.Before(rushEnd) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSalesTimelineRefuses(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	event := tables.aSale()
	for name, test := range map[string]struct {
		filter      query.SalesFilter
		field, says string
	}{
		"a range that ends before it begins": {query.SalesFilter{From: noon, To: noon.Add(-1)}, "to", "after from"},
		"a range without length":             {query.SalesFilter{From: noon, To: noon}, "to", "after from"},
		"seconds that are not kept":          {query.SalesFilter{Bucket: "second", To: rushEnd.Add(1)}, "to", "2030-06-01T13:00:03Z"},
		"seconds after the last that is":     {query.SalesFilter{Bucket: "second", From: rushEnd}, "from", "2030-06-01T13:00:03Z"},
	} {
		t.Run(name, func(t *testing.T) {
			test.filter.EventID = event
			got, err := tables.SalesTimeline(t.Context(), test.filter)
			var wrong *query.FieldError
			if !errors.As(err, &wrong) || wrong.InvalidField() != test.field || !strings.Contains(wrong.Problem, test.says) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	t.Run("a bucket there is none of", func(t *testing.T) {
		if got, err := tables.SalesTimeline(t.Context(), query.SalesFilter{EventID: event, Bucket: "week"}); err == nil {
			t.Errorf("%+v", got)
		}
	})
}

func TestATimelineHasAtMostSoManyBuckets(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	event := uuid.New()
	tables.sql(`insert into sales_timeline.minutes
	            select $1, $2::timestamptz + n * interval '1 minute', 0, 1, 0, 100 from generate_series(1, $3) n`, event, noon, query.MaxBuckets)
	whole := query.SalesFilter{EventID: event}
	got, err := tables.SalesTimeline(t.Context(), whole)
	if err != nil || len(got.Buckets) != query.MaxBuckets || got.Total.Booked != query.MaxBuckets {
		t.Fatalf("%d buckets, %v", len(got.Buckets), err)
	}
	tables.sold("minutes", event, noon, query.Sales{Booked: 1})
	var wrong *query.FieldError
	if _, err := tables.SalesTimeline(t.Context(), whole); !errors.As(err, &wrong) || wrong.Field != "bucket" {
		t.Errorf("one more: %v", err)
	}
	for name, f := range map[string]query.SalesFilter{
		"a longer bucket": {EventID: event, Bucket: "hour"}, "a shorter range": {EventID: event, From: noon.Add(time.Minute)},
	} {
		if _, err := tables.SalesTimeline(t.Context(), f); err != nil {
			t.Error(fmt.Sprint(name, ": ", err))
		}
	}
}
