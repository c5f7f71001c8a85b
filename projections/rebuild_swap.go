package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A beginner begins transactions: a connection, or a transaction, within which it makes a savepoint.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

const buildSQL = `
update projections set position = $3, last_command = $4 where name = $1 and generation = $2 and state = 'building'`

// apply applies changes that follow the generation's position, and moves that, in one transaction. When the database refuses
// what is made of them, it applies everything before the event that it refuses, and the error names that.
func (g *making) apply(ctx context.Context, on beginner, changes []Change) error {
	err := g.commit(ctx, on, changes)
	if !unfit(err) {
		return err
	}
	if len(changes) == 1 {
		return halted(changes[0].RecordedEvent, err)
	}
	half := len(changes) / 2
	if err := g.apply(ctx, on, changes[:half]); err != nil {
		return err
	}
	return g.apply(ctx, on, changes[half:])
}

func (g *making) commit(ctx context.Context, on beginner, changes []Change) error {
	to := g.position + int64(len(changes))
	batch := &pgx.Batch{}
	g.Apply(changes, batch)
	for _, statement := range batch.QueuedQueries {
		statement.SQL = strings.ReplaceAll(statement.SQL, g.Name+".", g.schema(g.generation)+".")
	}
	batch.Queue(buildSQL, g.Name, g.generation, to, changes[len(changes)-1].Metadata.CommandID)
	err := pgx.BeginFunc(ctx, on, func(tx pgx.Tx) error { return tx.SendBatch(ctx, batch).Close() })
	if err != nil {
		return fmt.Errorf("apply %d to %d: %w", g.position+1, to, err)
	}
	g.position = to
	return nil
}

const searchSQL = `select set_config('search_path', $1, true)`

const analyzeSQL = `
select 'analyze ' || string_agg(quote_ident(relname), ', ') from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r'`

// finish makes the indexes of tables that are filled, and counts what is in them, so that readers get good plans at once.
func (g *making) finish(ctx context.Context) error {
	return pgx.BeginFunc(ctx, g.conn, func(tx pgx.Tx) error {
		schema := g.schema(g.generation)
		if _, err := tx.Exec(ctx, searchSQL, schema); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, g.Indexes); err != nil {
			return err
		}
		var analyze string
		if err := tx.QueryRow(ctx, analyzeSQL, schema).Scan(&analyze); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, analyze)
		return err
	})
}

// takeOver puts the generation in the live one's place.
func (g *making) takeOver(ctx context.Context, b *builder) error {
	for {
		// What is left after this comes while the live one's checkpoint is locked, so it has to be little.
		if err := b.read(ctx, g.position, func(changes []Change) error { return g.apply(ctx, g.conn, changes) }); err != nil {
			return err
		}
		replaced, err := g.swap(ctx, b)
		if errors.Is(err, errFarAhead) {
			continue
		}
		if err != nil || b.options.Keep {
			return err
		}
		_, err = g.conn.Exec(ctx, "drop schema if exists "+g.schema(replaced)+" cascade")
		return err
	}
}

const lockLiveSQL = `
select generation from projections where name = $1 and state = 'live' for update`

// livePositionSQL sees what was committed while lockLiveSQL waited. What the live one knows of a log that is no more is not
// worth following.
const livePositionSQL = `
select case when ` + standsSQL + ` then p.position else 0 end
  from projections p
 where p.name = $1 and p.state = 'live'`

const retireSQL = `update projections set state = 'retired', halted = null where name = $1 and generation = $2`

const forgetSQL = `delete from projections where name = $1 and generation = $2`

const enliveSQL = `update projections set state = 'live' where name = $1 and generation = $2`

// mostLeft is how many events nodes may wait for, which takes about 100 ms.
const mostLeft = 5000

// errFarAhead says that too much has been sold meanwhile to be applied while nodes wait.
var errFarAhead = errors.New("the live generation is far ahead")

// swap makes this generation the live one and returns which one it replaced, 0 for none. While it holds the live one's
// checkpoint, no node applies anything to it.
func (g *making) swap(ctx context.Context, b *builder) (replaced int, err error) {
	err = pgx.BeginFunc(ctx, g.conn, func(tx pgx.Tx) error {
		var position int64
		err := tx.QueryRow(ctx, lockLiveSQL, g.Name).Scan(&replaced)
		if err == nil {
			err = tx.QueryRow(ctx, livePositionSQL, g.Name).Scan(&position)
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		switch missing := int(position - g.position); {
		case missing > min(b.options.PageSize, mostLeft):
			return errFarAhead
		case missing > 0:
			if err := g.follow(ctx, tx, b, missing); err != nil {
				return err
			}
		}
		return g.replace(ctx, tx, replaced, b.options.Keep)
	})
	return replaced, err
}

// follow applies the events that the live generation has and this one has not.
func (g *making) follow(ctx context.Context, tx pgx.Tx, b *builder, missing int) error {
	page, err := b.store.ReadAfter(ctx, g.position, missing)
	if err != nil {
		return err
	}
	changes, err := decode(page)
	if err != nil {
		return err
	}
	return g.apply(ctx, tx, changes)
}

const hasSchemaSQL = `select to_regnamespace($1) is not null`

// replace renames schemas, which waits for no reader: a query that is running goes on with the old tables, and the next one
// finds the new ones.
func (g *making) replace(ctx context.Context, tx pgx.Tx, old int, keep bool) error {
	var hasOld bool
	if err := tx.QueryRow(ctx, hasSchemaSQL, g.Name).Scan(&hasOld); err != nil {
		return err
	}
	if hasOld {
		if _, err := tx.Exec(ctx, "alter schema "+g.Name+" rename to "+g.schema(old)); err != nil {
			return err
		}
	}
	leave := forgetSQL
	if keep {
		leave = retireSQL
	}
	if _, err := tx.Exec(ctx, leave, g.Name, old); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "alter schema "+g.schema(g.generation)+" rename to "+g.Name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, enliveSQL, g.Name, g.generation)
	return err
}
