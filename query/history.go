package query

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A RecordedEvent is one thing that happened to an event's sale, as the log has it.
type RecordedEvent struct {
	Version    int64 // its place in the sale: 1, 2, 3, … without gaps
	Position   int64 // its place in the whole log
	Type       string
	Schema     int16
	Data       json.RawMessage
	By         uuid.UUID // who gave the command; zero: the system did
	RecordedAt time.Time
}

// HistoryFilter picks a part of an event's history.
type HistoryFilter struct {
	EventID uuid.UUID
	Before  int64 // keeps the versions below; 0 keeps all
	Limit   int
}

const recordedColumns = `version, position, type, schema, data, (metadata->>'user')::uuid, recorded_at`

const historySQL = `
select ` + recordedColumns + `
  from events
 where stream = $1 and version < $2
 order by version desc
 limit $3`

// History returns what happened to an event's sale, the newest first. It reads the log itself: it is never behind.
func (r *Reader) History(ctx context.Context, f HistoryFilter) ([]RecordedEvent, error) {
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	rows, _ := r.pool.Query(ctx, historySQL, freshPlan, f.EventID, before, f.Limit)
	history, err := pgx.CollectRows(rows, scanRecorded)
	if err != nil {
		return nil, fmt.Errorf("history of %s before %d: %w", f.EventID, before, err)
	}
	return history, nil
}

const hasVersionSQL = `select exists (select from events where stream = $1 and version = $2)`

// A page at a time: without the limit, the server reads the whole log and sorts a large sale on disk.
const replaySQL = `
select ` + recordedColumns + `
  from events
 where stream = $1 and version > $2 and version <= $3
 order by version
 limit $4`

// replayPage is how many events are in memory at once.
const replayPage = 1000

// Replay yields what happened to an event's sale up to a version, the oldest first, and nothing where there is no such
// version. It stops at the first error, which it yields.
func (r *Reader) Replay(ctx context.Context, event uuid.UUID, through int64) iter.Seq2[RecordedEvent, error] {
	return func(yield func(RecordedEvent, error) bool) {
		failed := func(err error) {
			yield(RecordedEvent{}, fmt.Errorf("replay %s through %d: %w", event, through, err))
		}
		var reached bool
		if err := r.pool.QueryRow(ctx, hasVersionSQL, freshPlan, event, through).Scan(&reached); err != nil {
			failed(err)
			return
		}
		for after := int64(0); reached && after < through; {
			rows, _ := r.pool.Query(ctx, replaySQL, freshPlan, event, after, through, replayPage)
			page, err := pgx.CollectRows(rows, scanRecorded)
			if err != nil {
				failed(err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				after = e.Version
			}
		}
	}
}

func scanRecorded(row pgx.CollectableRow) (e RecordedEvent, err error) {
	err = row.Scan(&e.Version, &e.Position, &e.Type, &e.Schema, (*[]byte)(&e.Data), &e.By, utc{&e.RecordedAt})
	return e, err
}
