package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

var (
	// ErrDuplicateCommand says that an event of the same command and index is in the log already. Nothing was appended.
	ErrDuplicateCommand = errors.New("command is recorded already")

	// ErrConflict says that a stream moved although the append had found it where it was expected: somebody appends
	// without the lane, and the key (stream, version) said no. Nothing was appended.
	ErrConflict = errors.New("a stream was not where it was expected")

	// ErrRejected says that the database cannot store one of the events as it is. Nothing was appended.
	ErrRejected = errors.New("an event cannot be stored")

	// ErrUnknownOutcome says that the append may or may not have taken place: it had reached the server, or may have,
	// before the reply was lost. It may even take place later, while the server is still at it. Ask [Store.ByCommand]
	// before deciding again, and decide again only under the same command id.
	//
	// Any other error of [Store.Append] means that nothing was appended, such as a database that cannot be reached.
	ErrUnknownOutcome = errors.New("outcome of the append is unknown")
)

// A StreamAppend is what one append has for one stream.
type StreamAppend struct {
	Stream uuid.UUID
	// Expected is the version the stream must be at: the version of its last event, 0 for a stream that does not exist.
	Expected int64
	// Last is the command of the event at Expected; the nil UUID when anybody's will do. A version alone cannot tell that the
	// log was restored to an older state and has gone on differently.
	Last uuid.UUID
	// Events are to follow Expected. Without events the stream is only checked.
	Events []EventData
}

// A Conflict names a stream that was not where it was expected.
type Conflict struct {
	Stream  uuid.UUID
	Version int64 // where the stream really is
}

// Appended is what became of an append.
type Appended struct {
	// Recorded are the events as they stand in the log, stream by stream in the order given, without those of the
	// streams that conflicted.
	Recorded []RecordedEvent
	// Conflicts are the streams of which nothing was appended, because they were not where they were expected.
	Conflicts []Conflict
}

// Append appends to any number of streams, each named once, in one durable statement. The streams that conflict are told
// in the answer and are no error; the others are appended. Where no stream has events, nothing is written and no lane
// is taken: the store only tells which streams are not where they were expected.
//
// Errors: [ErrDuplicateCommand], [ErrConflict], [ErrRejected], [ErrUnknownOutcome]; any other error means that nothing was
// appended.
func (s *Store) Append(ctx context.Context, appends []StreamAppend) (Appended, error) {
	b := newBatch(appends)
	// The connection is acquired apart from the statement: when there is none to be had, the outcome is known.
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return Appended{}, fmt.Errorf("append %d events to %d streams: %w", b.events, len(b.streams), err)
	}
	defer conn.Release()
	era := s.tail.now()
	a, err := b.write(ctx, conn.Conn())
	switch {
	case err != nil && b.events == 0:
		return Appended{}, fmt.Errorf("check %d streams: %w", len(b.streams), err)
	case err != nil:
		return Appended{}, fmt.Errorf("append %d events to %d streams: %w", b.events, len(b.streams), outcome(err))
	case len(a.Recorded) > 0:
		s.tail.add(era, a.Recorded)
		s.wake()
	}
	return a, nil
}

// outcome sorts an error of the append statement by what it says of its outcome. A statement that the server answered
// with ERROR was rolled back. FATAL and PANIC end the connection, which may happen after the commit; so may everything
// that is not an answer at all, unless pgx knows that nothing was sent.
func outcome(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.SeverityUnlocalized != "ERROR" {
		if pgconn.SafeToRetry(err) {
			return err
		}
		return fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
	}
	switch {
	case pg.ConstraintName == "events_command_key":
		return fmt.Errorf("%w: %w", ErrDuplicateCommand, err)
	case pg.ConstraintName == "events_stream_version_key", pg.ConstraintName == "events_pkey",
		strings.HasPrefix(pg.Code, "40"): // serialization failure, deadlock: somebody else was first
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case strings.HasPrefix(pg.Code, "22"), strings.HasPrefix(pg.Code, "23"): // data exception, integrity violation
		return fmt.Errorf("%w: %w", ErrRejected, err)
	default:
		return err
	}
}
