package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// lockSQL makes nodes that start together take turns; the lock goes with the transaction.
const lockSQL = `select pg_advisory_xact_lock(hashtextextended('onsale.projections', 0))`

const versionSQL = `select version from projections where name = $1`

const registerSQL = `
insert into projections (name, version, position)
values ($1, $2, 0)
on conflict (name) do update set version = excluded.version, position = 0`

// Prepare makes the tables of the projections that have none yet, or have those of another version. The database must
// have been migrated. Any number of nodes may call it at once.
func Prepare(ctx context.Context, conn *pgx.Conn, projections ...Projection) error {
	for _, p := range projections {
		if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return p.prepare(ctx, tx) }); err != nil {
			return fmt.Errorf("prepare projection %s: %w", p.Name, err)
		}
	}
	return nil
}

func (p Projection) prepare(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, lockSQL); err != nil {
		return err
	}
	var version int
	err := tx.QueryRow(ctx, versionSQL, p.Name).Scan(&version)
	if err == nil && version == p.Version || err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	schema := pgx.Identifier{p.Name}.Sanitize()
	make := "drop schema if exists " + schema + " cascade; create schema " + schema + "; set local search_path = " + schema + ";"
	if _, err := tx.Exec(ctx, make+p.Tables); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "set local search_path = public"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, registerSQL, p.Name, p.Version)
	return err
}

const positionSQL = `select position from projections where name = $1`

func checkpoint(ctx context.Context, pool *pgxpool.Pool, name string) (int64, error) {
	var position int64
	if err := pool.QueryRow(ctx, positionSQL, name).Scan(&position); err != nil {
		return 0, fmt.Errorf("checkpoint of %s: %w", name, err)
	}
	return position, nil
}

const advanceSQL = `select advance_projection($1, $2, $3)`

// errMoved says that another node has moved the checkpoint.
var errMoved = errors.New("another node has moved the checkpoint")

func moved(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "OS001"
}
