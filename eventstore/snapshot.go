package eventstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const loadSnapshotSQL = `
select stream, version, position, schema, state
  from snapshots
 where stream = $1`

// LoadSnapshot returns the newest snapshot of a stream; ok is false when there is none.
func (s *Store) LoadSnapshot(ctx context.Context, stream uuid.UUID) (snapshot Snapshot, ok bool, err error) {
	err = s.pool.QueryRow(ctx, loadSnapshotSQL, freshPlan, stream).
		Scan(&snapshot.Stream, &snapshot.Version, &snapshot.Position, &snapshot.Schema, &snapshot.State)
	if errors.Is(err, pgx.ErrNoRows) {
		return Snapshot{}, false, nil
	}
	if err != nil {
		return Snapshot{}, false, fmt.Errorf("load snapshot of %s: %w", stream, err)
	}
	return snapshot, true, nil
}

const saveSnapshotSQL = `
insert into snapshots (stream, version, position, schema, state)
values ($1, $2, $3, $4, $5)
on conflict (stream) do update
   set version = excluded.version, position = excluded.position, schema = excluded.schema,
       state = excluded.state, taken_at = now()
 where (snapshots.schema, snapshots.version) < (excluded.schema, excluded.version)`

// SaveSnapshot keeps a snapshot unless the store has one that is as new: of a later schema, or of the same and a version
// that is not lower.
func (s *Store) SaveSnapshot(ctx context.Context, snapshot Snapshot) error {
	_, err := s.pool.Exec(ctx, saveSnapshotSQL,
		snapshot.Stream, snapshot.Version, snapshot.Position, snapshot.Schema, snapshot.State)
	if err != nil {
		return fmt.Errorf("save snapshot of %s at %d: %w", snapshot.Stream, snapshot.Version, err)
	}
	return nil
}
