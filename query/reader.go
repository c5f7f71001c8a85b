// Package query is the read side: SQL in, views out.
//
// A view is as old as the read tables are. Whoever must read what they have written waits before asking; nothing here
// waits.
package query

import (
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrNotFound says that there is no such thing, or none that the filter lets one see.
var ErrNotFound = errors.New("not found")

// The views that queries read: the names of the projections that make them. Whoever waits for fresh answers waits for these.
const (
	ListingsView      = "listings"
	BookingsView      = "bookings"
	SalesTimelineView = "sales_timeline"
)

// A Reader answers queries from the read tables. It is safe for concurrent use.
type Reader struct {
	pool *pgxpool.Pool
}

// New returns a reader of the tables behind the pool, which stays the caller's to close. A replica will do.
func New(pool *pgxpool.Pool) *Reader { return &Reader{pool: pool} }

// Paging picks a page of a list: Page counts from 1, Limit is its size.
type Paging struct {
	Page  int
	Limit int
}

func (p Paging) offset() int { return (p.Page - 1) * p.Limit }

// freshPlan has the server plan a query each time it runs: for the filters that are given, and for the bookings that there are
// by now. A plan kept from when they were few would read all of them when they are many. There are few events.
const freshPlan = pgx.QueryExecModeCacheDescribe

// one returns the only row there is, or [ErrNotFound]. The error of the query itself, if there was one, comes with its rows.
func one[T any](rows pgx.Rows, scan pgx.RowToFunc[T]) (T, error) {
	row, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return row, err
}

// utc scans a time into what it points to, in UTC; null is the zero time.
type utc struct{ *time.Time }

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (u utc) ScanTimestamptz(v pgtype.Timestamptz) error {
	*u.Time = time.Time{}
	if v.Valid {
		*u.Time = v.Time.UTC()
	}
	return nil
}
