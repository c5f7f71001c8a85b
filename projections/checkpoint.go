package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Prepare makes the tables of the projections that have none yet, or have those of another version. The database must
// have been migrated. Any number of nodes may call it at once. A node that still runs another version of a projection
// applies nothing more to it.
func Prepare(ctx context.Context, conn *pgx.Conn, projections ...Projection) error {
	for _, p := range projections {
		if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return p.prepare(ctx, tx) }); err != nil {
			return fmt.Errorf("prepare projection %s: %w", p.Name, err)
		}
	}
	return nil
}

// lockSQL makes nodes that start together take turns; the lock goes with the transaction.
const lockSQL = `select pg_advisory_xact_lock(hashtextextended('onsale.projections', 0))`

// registerSQL changes nothing when the projection is live in this version. It comes before the tables are made because that
// is the order in which runners lock both.
const registerSQL = `
insert into projections as p (name, generation, version, state, position)
values ($1, coalesce((select max(generation) from projections where name = $1), 0) + 1, $2, 'live', 0)
on conflict (name) where state = 'live' do update set version = excluded.version, position = 0, last_command = null, halted = null
 where p.version <> excluded.version`

const schemaSQL = `
drop schema if exists %[1]s cascade;
create schema %[1]s;
set local search_path = %[1]s;
`

func (p Projection) prepare(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, lockSQL); err != nil {
		return err
	}
	registered, err := tx.Exec(ctx, registerSQL, p.Name, p.Version)
	if err != nil || registered.RowsAffected() == 0 {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(schemaSQL, pgx.Identifier{p.Name}.Sanitize())+p.Tables+p.Indexes)
	return err
}

// standsSQL reports of a checkpoint p whether it stands on the log: the event that it remembers is where it remembers it.
const standsSQL = `
(p.position = 0
 or exists (select from events e where e.position = p.position and e.command_id = coalesce(p.last_command, e.command_id)))`

const checkpointSQL = `
select p.position, ` + standsSQL + `
  from projections p
 where p.name = $1 and p.state = 'live' and p.version = $2`

var (
	errReplaced = errors.New("there are no tables of this version: it was not prepared, or another one took its place")
	// errAnotherLog says that the log was restored to an older state, and may have gone on differently since, under tables
	// that know what it had. They are to be made anew.
	errAnotherLog = errors.New("the tables know a log that is no more")
)

func (p Projection) checkpoint(ctx context.Context, pool *pgxpool.Pool) (position int64, err error) {
	var stands bool
	err = pool.QueryRow(ctx, checkpointSQL, p.Name, p.Version).Scan(&position, &stands)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		err = errReplaced
	case err == nil && !stands:
		err = fmt.Errorf("%w: up to %d", errAnotherLog, position)
	}
	if err != nil {
		return 0, fmt.Errorf("checkpoint of %s version %d: %w", p.Name, p.Version, err)
	}
	return position, nil
}

// advanceSQL fails when the checkpoint is not where it was, or does not stand on the log, see moved.
const advanceSQL = `select advance_projection($1, $2, $3, $4, $5)`

// moved reports whether another node has moved the checkpoint, or the log under it.
func moved(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "OS001"
}
