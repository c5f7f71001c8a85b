package query

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// An Overview is an event as its operator sees it: what became of the seats that were put on sale.
type Overview struct {
	ID       uuid.UUID
	Title    string
	StartsAt time.Time // zero: no date
	Closed   bool

	OnSale, Remaining, Held, Booked int // seats of all sections
}

const overviewSQL = `
select e.id, e.title, e.starts_at, e.closed, sum(s.on_sale)::int, sum(s.remaining)::int, sum(s.held)::int, sum(s.booked)::int
  from listings.events e
  join listings.sections s on s.event_id = e.id
 group by e.id
 order by e.starts_at nulls last, e.id`

// Overview returns every event there is, those that start first first.
func (r *Reader) Overview(ctx context.Context) ([]Overview, error) {
	rows, _ := r.pool.Query(ctx, overviewSQL)
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o Overview, err error) {
		err = row.Scan(&o.ID, &o.Title, utc{&o.StartsAt}, &o.Closed, &o.OnSale, &o.Remaining, &o.Held, &o.Booked)
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("overview of the events: %w", err)
	}
	return events, nil
}
