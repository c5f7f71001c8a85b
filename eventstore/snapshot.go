package eventstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const loadSnapshotSQL = `
select stream, version, position, coalesce(last_command, '00000000-0000-0000-0000-000000000000'), schema, state
  from snapshots
 where stream = $1`

// LoadSnapshot returns the newest snapshot of a stream; ok is false when there is none.
func (s *Store) LoadSnapshot(ctx context.Context, stream uuid.UUID) (snapshot Snapshot, ok bool, err error) {
	err = s.pool.QueryRow(ctx, loadSnapshotSQL, freshPlan, stream).
		Scan(&snapshot.Stream, &snapshot.Version, &snapshot.Position, &snapshot.Last, &snapshot.Schema, &snapshot.State)
	if errors.Is(err, pgx.ErrNoRows) {
		return Snapshot{}, false, nil
	}
	if err != nil {
		return Snapshot{}, false, fmt.Errorf("load snapshot of %s: %w", stream, err)
	}
	return snapshot, true, nil
}

const saveSnapshotSQL = `
insert into snapshots (stream, version, position, last_command, schema, state)
values ($1, $2, $3, $4, $5, $6)
on conflict (stream) do update
   set version = excluded.version, position = excluded.position, last_command = excluded.last_command,
       schema = excluded.schema, state = excluded.state, taken_at = now()
 where (snapshots.schema, snapshots.version) < (excluded.schema, excluded.version)
    or not exists (select from events e
                    where e.stream = snapshots.stream and e.version = snapshots.version and e.command_id = snapshots.last_command)`

// SaveSnapshot keeps a snapshot unless the store has one that is as new: of a later schema, or of the same and a version
// that is not lower. One that stands on an event that the log does not have is as good as none.
func (s *Store) SaveSnapshot(ctx context.Context, snapshot Snapshot) error {
	_, err := s.pool.Exec(ctx, saveSnapshotSQL,
		snapshot.Stream, snapshot.Version, snapshot.Position, snapshot.Last, snapshot.Schema, snapshot.State)
	if err != nil {
		return fmt.Errorf("save snapshot of %s at %d: %w", snapshot.Stream, snapshot.Version, err)
	}
	return nil
}

const forgetSnapshotsSQL = `
delete from snapshots s
 where not exists (select from events e where e.stream = s.stream and e.version = s.version and e.command_id = s.last_command)`

// ForgetSnapshots deletes the snapshots that stand on an event that the log does not have, and returns how many these were.
func (s *Store) ForgetSnapshots(ctx context.Context) (int64, error) {
	deleted, err := s.pool.Exec(ctx, forgetSnapshotsSQL)
	if err != nil {
		return 0, fmt.Errorf("forget snapshots: %w", err)
	}
	return deleted.RowsAffected(), nil
}
