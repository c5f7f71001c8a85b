package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Generation is one making of a projection's tables.
type Generation struct {
	Name       string
	Generation int
	Version    int
	// State is "live" for the one that is read, "building" for one that is being made beside it, "retired" for one that
	// was kept when another took its place.
	State    string
	Position int64 // the last event that its tables know
	Lag      int64 // how many events there are beyond; nobody waits for one that is retired
	// Behind is how long the first of these has been waiting.
	Behind time.Duration
	Halted string // why it cannot go on; empty: it can
}

const generationsSQL = `
select p.name, p.generation, p.version, p.state, p.position,
       case p.state when 'retired' then 0 else greatest(head.position - p.position, 0) end,
       coalesce((select clock_timestamp() - e.recorded_at from events e where e.position = p.position + 1 and p.state <> 'retired'), interval '0'),
       coalesce(p.halted, '')
  from projections p
 cross join (select coalesce(max(position), 0) as position from events) head
 order by p.name, p.generation`

// Generations lists what there is of every projection.
func Generations(ctx context.Context, pool *pgxpool.Pool) ([]Generation, error) {
	rows, err := pool.Query(ctx, generationsSQL)
	if err != nil {
		return nil, fmt.Errorf("list projections: %w", err)
	}
	generations, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g Generation, err error) {
		err = row.Scan(&g.Name, &g.Generation, &g.Version, &g.State, &g.Position, &g.Lag, &g.Behind, &g.Halted)
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("list projections: %w", err)
	}
	return generations, nil
}

const forgetRetiredSQL = `delete from projections where state = 'retired' returning name, generation`

// DropRetired drops the tables that rebuilds were told to keep, and returns how many generations that were.
func DropRetired(ctx context.Context, conn *pgx.Conn) (dropped int, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, forgetRetiredSQL)
		if err != nil {
			return err
		}
		schemas, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			var p Projection
			var generation int
			err := row.Scan(&p.Name, &generation)
			return p.schema(generation), err
		})
		if err != nil {
			return err
		}
		for _, schema := range schemas {
			if _, err := tx.Exec(ctx, "drop schema if exists "+schema+" cascade"); err != nil {
				return err
			}
		}
		dropped = len(schemas)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("drop retired projections: %w", err)
	}
	return dropped, nil
}

const haltSQL = `
update projections
   set halted = nullif($3, '')
 where name = $1 and version = $2 and state = 'live' and halted is distinct from nullif($3, '')`

// report makes it known to all that the live generation cannot go on, or, with no reason, that it can. It is told to the
// log anyway: a report that cannot be written is made again with the next try.
func (r *Runner) report(ctx context.Context, p Projection, reason error) {
	text := ""
	if reason != nil {
		text = reason.Error()
	}
	if _, err := r.pool.Exec(ctx, haltSQL, p.Name, p.Version, text); err != nil && ctx.Err() == nil {
		r.options.Log.Warn("the state of a projection could not be recorded", "projection", p.Name, "error", err)
	}
}
