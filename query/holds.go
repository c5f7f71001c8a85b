package query

import (
	"context"
	"fmt"
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
       e.id, e.title, e.venue, e.starts_at, e.currency,
       s.id, s.name, s.price, s.capacity, s.remaining
  from bookings.bookings b
  join listings.events e on e.id = b.event_id
  join listings.sections s on s.id = b.section_id
 where b.buyer = $1
   and b.status in ('HELD', 'PAYING')
   and b.expires_at > $2
 order by b.created_at desc, b.id desc`

// Holds returns the holds of a buyer that have not run out at the given time, newest first.
func (r *Reader) Holds(ctx context.Context, buyer uuid.UUID, now time.Time) ([]Hold, error) {
	rows, err := r.pool.Query(ctx, holdsSQL, buyer, now)
	if err != nil {
		return nil, fmt.Errorf("holds of %s: %w", buyer, err)
	}
	holds, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Hold, error) {
		var h Hold
		var startsAt *time.Time
		err := row.Scan(&h.ID, &h.Status, &h.Quantity, &h.Amount, &h.CreatedAt, &h.ExpiresAt,
			&h.Event.ID, &h.Event.Title, &h.Event.Venue, &startsAt, &h.Event.Currency,
			&h.Section.ID, &h.Section.Name, &h.Section.Price, &h.Section.Capacity, &h.Section.Remaining)
		h.CreatedAt, h.ExpiresAt, h.Event.StartsAt = h.CreatedAt.UTC(), h.ExpiresAt.UTC(), orZero(startsAt)
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("holds of %s: %w", buyer, err)
	}
	return holds, nil
}

const dueSQL = `
select distinct event_id
  from bookings.bookings
 where status in ('HELD', 'PAYING') and expires_at <= $1`

// Due returns the events that seem to have holds which ran out before now.
func (r *Reader) Due(ctx context.Context, now time.Time) ([]uuid.UUID, error) {
	rows, err := r.pool.Query(ctx, dueSQL, now)
	if err != nil {
		return nil, fmt.Errorf("events with expired holds: %w", err)
	}
	events, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("events with expired holds: %w", err)
	}
	return events, nil
}
