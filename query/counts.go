package query

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Counts tells how many tickets of an event are left. Its JSON is what viewers get and what nodes tell each other.
type Counts struct {
	EventID   uuid.UUID       `json:"id"`
	Version   int64           `json:"version"` // of its sale: counts with a higher one are newer
	Remaining int             `json:"remainingTickets"`
	Closed    bool            `json:"closed,omitempty"` // nothing is sold any more, whatever remains
	Sections  []SectionCounts `json:"sections"`
}

// SectionCounts tells how many seats of a section are left.
type SectionCounts struct {
	ID        uuid.UUID `json:"id"`
	Remaining int       `json:"remaining"`
}

const countsSQL = `
select e.id, e.version, e.remaining, e.closed,
       (select json_agg(json_build_object('id', s.id, 'remaining', s.remaining) order by s.ordinal)
          from listings.sections s
         where s.event_id = e.id)
  from listings.events e`

// Counts returns the counts of the given events, or of all when ids is nil. Events that do not exist are left out.
func (r *Reader) Counts(ctx context.Context, ids []uuid.UUID) ([]Counts, error) {
	sql, args := countsSQL, []any{}
	if ids != nil {
		sql, args = countsSQL+" where e.id = any ($1)", []any{ids}
	}
	rows, err := r.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("counts of %d events: %w", len(ids), err)
	}
	counts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Counts, err error) {
		err = row.Scan(&c.EventID, &c.Version, &c.Remaining, &c.Closed, &c.Sections)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("counts of %d events: %w", len(ids), err)
	}
	return counts, nil
}

// changedSQL trusts the checkpoint of the listings: what it says the tables know is in them.
const changedSQL = `
select p.position, array(select distinct e.stream
                           from events e
                          where $1 >= 0 and e.position > $1 and e.position <= p.position)
  from projections p
 where p.name = 'listings' and p.state = 'live'`

// Changed returns the events whose listing changed after a position of the log, and the position up to which that is all.
// A negative position asks for the latter only.
func (r *Reader) Changed(ctx context.Context, after int64) (ids []uuid.UUID, through int64, err error) {
	if err := r.pool.QueryRow(ctx, changedSQL, after).Scan(&through, &ids); err != nil {
		return nil, 0, fmt.Errorf("events changed after %d: %w", after, err)
	}
	return ids, through, nil
}

const positionsSQL = `select name, position from projections where state = 'live'`

// Positions returns the position of the log up to which each view has everything.
func (r *Reader) Positions(ctx context.Context) (map[string]int64, error) {
	rows, err := r.pool.Query(ctx, positionsSQL)
	if err != nil {
		return nil, fmt.Errorf("positions of the views: %w", err)
	}
	positions := make(map[string]int64)
	var view string
	var position int64
	if _, err := pgx.ForEachRow(rows, []any{&view, &position}, func() error { positions[view] = position; return nil }); err != nil {
		return nil, fmt.Errorf("positions of the views: %w", err)
	}
	return positions, nil
}
