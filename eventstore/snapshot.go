package eventstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// A state comes in pieces of 128 kB, which stay in the processor's caches on their way: in one message a large one takes twice
// as long, and twice the memory.
const loadSnapshotSQL = `
select s.stream, s.version, s.position, coalesce(s.last_command, '00000000-0000-0000-0000-000000000000'), s.schema,
       octet_length(s.state), first - 1, substring(s.state from first for 131072)
  from snapshots s, generate_series(1, greatest(octet_length(s.state), 1), 131072) as first
 where s.stream = $1`

// LoadSnapshot returns the newest snapshot of a stream; ok is false when there is none.
func (s *Store) LoadSnapshot(ctx context.Context, stream uuid.UUID) (snapshot Snapshot, ok bool, err error) {
	rows, _ := s.pool.Query(ctx, loadSnapshotSQL, freshPlan, stream)
	var size, at int
	var piece pgtype.DriverBytes // the connection's own bytes, for now
	_, err = pgx.ForEachRow(rows, []any{
		&snapshot.Stream, &snapshot.Version, &snapshot.Position, &snapshot.Last, &snapshot.Schema, &size, &at, &piece,
	}, func() error {
		if !ok {
			snapshot.State, ok = make([]byte, 0, size), true
		}
		if at != len(snapshot.State) {
			return fmt.Errorf("byte %d follows %d", at, len(snapshot.State))
		}
		snapshot.State = append(snapshot.State, piece...)
		return nil
	})
	if err != nil {
		return Snapshot{}, false, fmt.Errorf("load snapshot of %s: %w", stream, err)
	}
	return snapshot, ok, nil
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
