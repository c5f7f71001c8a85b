package query

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// MaxBuckets is the most buckets that one timeline has. Empty ones do not count.
const MaxBuckets = 10_000

// SalesFilter picks a part of an event's timeline.
type SalesFilter struct {
	EventID uuid.UUID
	// From and To bound the buckets. Both are widened to whole buckets; the first is in, the second out. Zero is as far as
	// there is anything.
	From, To time.Time
	// Bucket is "second", "minute", "hour" or "day", in UTC; empty means minute.
	Bucket string
}

// A SalesTimeline is when seats of an event were held, booked and cancelled.
type SalesTimeline struct {
	// From and To are what it covers, in whole buckets; zero where the filter set no bound and there is nothing.
	From, To time.Time
	// SecondsUntil is the end of the first hour of bookings: until then there are seconds. Zero: nothing was booked yet.
	SecondsUntil time.Time
	Buckets      []SalesBucket // in order, the empty ones left out
	Total        Sales
}

// A SalesBucket is what happened in the time that begins at At.
type SalesBucket struct {
	At time.Time
	Sales
}

// Sales are seats and money that moved in some time.
type Sales struct {
	Held      int64 // seats that holds took, whatever became of them
	Booked    int64 // seats sold, held before or not
	Cancelled int64 // seats of cancelled bookings
	Revenue   int64 // of what was booked less what was cancelled, in minor units; may be negative
}

// A FieldError says what is wrong with one field of a filter, named as in the API.
type FieldError struct {
	Field   string // such as "bucket"
	Problem string // what would be right, such as "must be after from"
}

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// InvalidField returns the name of the field.
func (e *FieldError) InvalidField() string { return e.Field }

const rushEndSQL = `select ends_at from sales_timeline.rushes where event_id = $1`

// A clock that was ahead may have left seconds from the end of the rush on: they are not told.
const secondsSQL = `
select s.at, s.held, s.booked, s.cancelled, s.revenue
  from sales_timeline.seconds s
 where s.event_id = $1
   and s.at >= coalesce($2::timestamptz, '-infinity')
   and s.at < coalesce($3::timestamptz, 'infinity')
   and s.at < coalesce((select ends_at from sales_timeline.rushes where event_id = $1), 'infinity')
 order by s.at
 limit $4`

const minutesSQL = `
select date_trunc($5, m.at, 'UTC') as bucket, sum(m.held), sum(m.booked), sum(m.cancelled), sum(m.revenue)::bigint
  from sales_timeline.minutes m
 where m.event_id = $1
   and m.at >= coalesce($2::timestamptz, '-infinity')
   and m.at < coalesce($3::timestamptz, 'infinity')
 group by bucket
 order by bucket
 limit $4`

var bucketLengths = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour,
}

// SalesTimeline returns an event's timeline, which is empty for an unknown event. A [FieldError] says that the range is
// empty, that it asks for seconds that are not kept, or that it has more than [MaxBuckets].
func (r *Reader) SalesTimeline(ctx context.Context, f SalesFilter) (SalesTimeline, error) {
	if f.Bucket == "" {
		f.Bucket = "minute"
	}
	length, known := bucketLengths[f.Bucket]
	if !known {
		return SalesTimeline{}, fmt.Errorf("timeline of %s: no bucket %q", f.EventID, f.Bucket)
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.To.After(f.From) {
		return SalesTimeline{}, &FieldError{"to", "must be after from"}
	}
	t := SalesTimeline{From: floor(f.From, length), To: ceiling(f.To, length)}
	sql, args := secondsSQL, []any{freshPlan, f.EventID, given(t.From), given(t.To), MaxBuckets + 1}
	if f.Bucket != "second" {
		sql, args = minutesSQL, append(args, f.Bucket)
	}
	rows, _ := r.pool.Query(ctx, sql, args...)
	var err error
	if t.Buckets, err = pgx.CollectRows(rows, scanBucket); err != nil {
		return SalesTimeline{}, fmt.Errorf("timeline of %s: %w", f.EventID, err)
	}
	rows, _ = r.pool.Query(ctx, rushEndSQL, freshPlan, f.EventID)
	ends, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return SalesTimeline{}, fmt.Errorf("timeline of %s: %w", f.EventID, err)
	}
	for _, end := range ends {
		t.SecondsUntil = end.UTC()
	}
	if err := t.check(f.Bucket); err != nil {
		return SalesTimeline{}, err
	}
	t.finish(length)
	return t, nil
}

// check refuses what cannot be told whole.
func (t *SalesTimeline) check(bucket string) error {
	if len(t.Buckets) > MaxBuckets {
		return &FieldError{"bucket", fmt.Sprintf("must be longer, or the range shorter: there are more than %d", MaxBuckets)}
	}
	if bucket != "second" || t.SecondsUntil.IsZero() {
		return nil
	}
	kept := "seconds are kept until " + t.SecondsUntil.Format(time.RFC3339) + ", an hour after the first booking"
	switch {
	case t.To.After(t.SecondsUntil):
		return &FieldError{"to", "must not be later: " + kept}
	case !t.From.Before(t.SecondsUntil):
		return &FieldError{"from", "must be earlier: " + kept}
	}
	return nil
}

// finish adds up the buckets and tells what they cover.
func (t *SalesTimeline) finish(length time.Duration) {
	for _, b := range t.Buckets {
		t.Total.Held += b.Held
		t.Total.Booked += b.Booked
		t.Total.Cancelled += b.Cancelled
		t.Total.Revenue += b.Revenue
	}
	if n := len(t.Buckets); n > 0 {
		if t.From.IsZero() {
			t.From = t.Buckets[0].At
		}
		if t.To.IsZero() {
			t.To = t.Buckets[n-1].At.Add(length)
		}
	}
}

func scanBucket(row pgx.CollectableRow) (b SalesBucket, err error) {
	err = row.Scan(utc{&b.At}, &b.Held, &b.Booked, &b.Cancelled, &b.Revenue)
	return b, err
}

// floor and ceiling are the bounds of buckets around a time, in UTC; the zero time stays.

func floor(t time.Time, length time.Duration) time.Time { return t.UTC().Truncate(length) }

func ceiling(t time.Time, length time.Duration) time.Time {
	if down := floor(t, length); !down.Equal(t) {
		return down.Add(length)
	}
	return t.UTC()
}

// given is null for the zero time.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
