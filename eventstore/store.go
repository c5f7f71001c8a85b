// Package eventstore keeps the log: every fact of every sale, in one order, in PostgreSQL.
//
// It promises:
//
//   - An append names, per stream, the version that its events follow. A stream that is elsewhere conflicts, and nothing
//     of it is appended. The unique key (stream, version) judges; no lock and no cache stands above it.
//   - An append is durable when it returns.
//   - Positions run 1, 2, 3, … without gaps and become visible in order: whoever has read position N never finds a later
//     arrival at or below N. Reading a log by its sequence number without such a fence skips what commits late.
//   - A command is recorded once: see [Metadata].CommandID.
//
// It does not promise that a failed append failed: see [ErrUnknownOutcome].
//
// The shape follows what Greg Young's Event Store and Marten call optimistic concurrency on streams; the ordered
// visibility comes from one advisory lock, the lane, that is held for one statement and its commit.
package eventstore

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Store reads and writes the log of one database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool

	mu       sync.Mutex
	appended chan struct{} // closed and replaced after each append of this process, and when it has learnt of others
	tail     tail
}

// New returns the store of the database behind the pool, which must have been migrated and stays the caller's to close.
func New(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, appended: make(chan struct{})}
}

// Appended returns a channel that is closed when this process next appends something, or learns of it. It only wakes: other
// processes append too, so whoever waits must also poll.
func (s *Store) Appended() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appended
}

func (s *Store) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.appended)
	s.appended = make(chan struct{})
}

// freshPlan has the server plan a query each time it runs, which costs some 20 µs. A plan that was kept from when the log
// was small, and scanning it cheap, scans the whole of a large one until the table's statistics are next renewed.
const freshPlan = pgx.QueryExecModeCacheDescribe

const columns = `position, stream, version, type, schema, data, metadata, command_id, recorded_at`

const loadSQL = `
select ` + columns + `
  from events
 where stream = $1 and version > $2
 order by version`

// Load yields the events of one stream that follow version after, in order. It stops at the first error, which it yields
// with a zero event. An unknown stream has no events. A connection is held until the loop over them ends.
func (s *Store) Load(ctx context.Context, stream uuid.UUID, after int64) iter.Seq2[RecordedEvent, error] {
	return func(yield func(RecordedEvent, error) bool) {
		rows, err := s.pool.Query(ctx, loadSQL, freshPlan, stream, after)
		if err != nil {
			yield(RecordedEvent{}, fmt.Errorf("load %s after %d: %w", stream, after, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanEvent(rows)
			if err != nil {
				yield(RecordedEvent{}, fmt.Errorf("load %s after %d: %w", stream, after, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(RecordedEvent{}, fmt.Errorf("load %s after %d: %w", stream, after, err))
		}
	}
}

const readAfterSQL = `
select ` + columns + `
  from events
 where position > $1
 order by position
 limit $2`

// ReadAfter returns the next page of the log: at most limit events that follow the given position. An empty page means
// that nothing has been appended beyond it yet. A log with a gap was damaged, or written by something that does not take
// the lane; reading across the gap is refused.
func (s *Store) ReadAfter(ctx context.Context, position int64, limit int) (Page, error) {
	rows, err := s.pool.Query(ctx, readAfterSQL, freshPlan, position, limit)
	if err != nil {
		return Page{}, fmt.Errorf("read after %d: %w", position, err)
	}
	events, err := pgx.CollectRows(rows, scanEvent)
	if err != nil {
		return Page{}, fmt.Errorf("read after %d: %w", position, err)
	}
	page := Page{After: position, Events: events}
	if n := len(events); n > 0 && events[n-1].Position != page.Through() {
		return Page{}, fmt.Errorf("read after %d: the log has a gap: the next %d events end at %d", position, n, events[n-1].Position)
	}
	return page, nil
}

// Recent returns the next page of the log as far as this process has itself just appended it, or was told of it by
// [Store.Learning]: it is taken from memory, and its events have their values. When known is false the position is beyond or before
// all that it knows, and [Store.ReadAfter] has to tell; an empty page with known means that nothing has been appended or learnt
// here since.
func (s *Store) Recent(position int64, limit int) (page Page, known bool) {
	return s.tail.after(position, limit)
}

// Learning returns what adds to what Recent knows: events that others appended, which this process reads and decodes for another
// reason, in the order of their positions and with their values. It is called before they are read: see [Store.Forget].
func (s *Store) Learning() (learn func(events []RecordedEvent)) {
	era := s.tail.now()
	return func(events []RecordedEvent) {
		s.tail.learn(era, events)
		s.wake()
	}
}

// Forget makes Recent empty. It is for when the database may not be what it was: it may have been put back to an older state. What is
// being appended or read meanwhile is not remembered either, for it may be of the log that is no more.
func (s *Store) Forget() { s.tail.forget() }

const byCommandSQL = `
select ` + columns + `
  from events
 where command_id = any ($1)
 order by position`

// ByCommand returns the events that the given commands recorded, in the log's order. It is how one finds out what became
// of an append whose reply was lost, and which stream a thing named by its command is in. A command that recorded nothing
// may yet do so while its append is still under way; only a conflict on its stream, or its own second append, rules
// that out.
func (s *Store) ByCommand(ctx context.Context, commands ...uuid.UUID) ([]RecordedEvent, error) {
	rows, err := s.pool.Query(ctx, byCommandSQL, freshPlan, commands)
	if err != nil {
		return nil, fmt.Errorf("look up %d commands: %w", len(commands), err)
	}
	events, err := pgx.CollectRows(rows, scanEvent)
	if err != nil {
		return nil, fmt.Errorf("look up %d commands: %w", len(commands), err)
	}
	return events, nil
}

const headSQL = `select coalesce(max(position), 0) from events`

// Head returns the position of the last event in the log, 0 for an empty log.
func (s *Store) Head(ctx context.Context) (int64, error) {
	var head int64
	if err := s.pool.QueryRow(ctx, headSQL, freshPlan).Scan(&head); err != nil {
		return 0, fmt.Errorf("head of the log: %w", err)
	}
	return head, nil
}

func scanEvent(row pgx.CollectableRow) (RecordedEvent, error) {
	var e RecordedEvent
	err := row.Scan(&e.Position, (*[16]byte)(&e.Stream), &e.Version, &e.Type, &e.Schema, (*[]byte)(&e.Data), &e.Metadata,
		(*[16]byte)(&e.Metadata.CommandID), &e.RecordedAt)
	return e, err
}
