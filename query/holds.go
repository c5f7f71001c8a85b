package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A Hold is seats kept for a buyer for a while.
type Hold struct {
	ID        uuid.UUID
	Status    string // HELD, or PAYING while its buyer pays
	Quantity  int
	Amount    int64 // for all seats, in minor units of the event's currency
	CreatedAt time.Time
	ExpiresAt time.Time
	Event     Event   // without its sections
	Section   Section // as it is now
}

const holdsSQL = `
select b.id, b.status, b.quantity, b.amount, b.created_at, b.expires_at,
       ` + eventColumns + `,
       ` + sectionColumns + `
  from bookings.bookings b
  join listings.events e on e.id = b.event_id
  join listings.sections s on s.id = b.section_id
 where b.buyer = $1
   and b.status in ('HELD', 'PAYING')
   and b.expires_at > $2
 order by b.created_at desc, b.id desc`

// Holds returns the holds of a buyer that have not run out at the given time, newest first.
func (r *Reader) Holds(ctx context.Context, buyer uuid.UUID, now time.Time) ([]Hold, error) {
	rows, _ := r.pool.Query(ctx, holdsSQL, freshPlan, buyer, now)
	holds, err := pgx.CollectRows(rows, scanHold)
	if err != nil {
		return nil, fmt.Errorf("holds of %s: %w", buyer, err)
	}
	return holds, nil
}

func scanHold(row pgx.CollectableRow) (h Hold, err error) {
	to := []any{&h.ID, &h.Status, &h.Quantity, &h.Amount, utc{&h.CreatedAt}, utc{&h.ExpiresAt}}
	err = row.Scan(slices.Concat(to, h.Event.columns(), h.Section.columns())...)
	return h, err
}

const dueSQL = `
select distinct event_id
  from bookings.bookings
 where status in ('HELD', 'PAYING')
   and expires_at <= $1`

// Due returns the events that seem to have holds which have run out at the given time.
func (r *Reader) Due(ctx context.Context, now time.Time) ([]uuid.UUID, error) {
	rows, _ := r.pool.Query(ctx, dueSQL, freshPlan, now)
	events, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("events with expired holds: %w", err)
	}
	return events, nil
}
