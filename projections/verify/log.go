package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
	"onsale/eventstore"
)

// An entry is one event of the log with all that is to be checked of it.
type entry struct {
	position     int64
	stream       uuid.UUID
	version      int64
	eventType    string
	schema       int16
	data         []byte
	metadata     []byte
	commandID    uuid.UUID
	commandIndex int16

	event sale.Event
	err   error // why there is no event
}

func (e *entry) decode() {
	if e.err = json.Unmarshal(e.metadata, new(eventstore.Metadata)); e.err == nil {
		e.event, e.err = sale.Decode(e.eventType, e.schema, e.data)
	}
	e.data, e.metadata = nil, nil
}

// inOrderSQL has what follows walk an index. Sorting would write the whole log to the server's disk once more.
const inOrderSQL = `
set local enable_seqscan = off;
set local enable_sort = off;
set local max_parallel_workers_per_gather = 0`

// ErrNoLog says that the database was never migrated.
var ErrNoLog = errors.New("there is no log: run 'onsale migrate' first")

const countSQL = `select count(*), coalesce(max(position), 0) from events`

const gapsSQL = `
select before, position
  from (select position, lag(position, 1, 0) over (order by position) as before from events) as e
 where position <> before + 1
 order by position`

// measure finds out how long the log is.
func (v *verification) measure(ctx context.Context, conn *pgx.Conn) error {
	if err := conn.QueryRow(ctx, countSQL).Scan(&v.count, &v.report.Position); missing(err) {
		return ErrNoLog
	} else if err != nil {
		return fmt.Errorf("count the events: %w", err)
	}
	return nil
}

// checkPositions finds where the log has gaps.
func (v *verification) checkPositions(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, inOrderSQL); err != nil {
		return fmt.Errorf("set up a connection: %w", err)
	}
	rows, _ := conn.Query(ctx, gapsSQL)
	var before, position int64
	_, err := pgx.ForEachRow(rows, []any{&before, &position}, func() error {
		v.report.violate(rulePositions, Violation{
			Position: position, Expected: fmt.Sprintf("position %d", before+1), Found: fmt.Sprintf("position %d", position),
		})
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for gaps in the log: %w", err)
	}
	return nil
}

const logSQL = `
select position, stream, version, type, schema, data, metadata, command_id, command_index
  from events
 order by stream, version`

// A page is a run of entries that are decoded together.
type page struct {
	entries []entry
	decoded chan struct{} // closed when they are
}

const pageSize = 512

// readLog has use take the log, sale by sale and each in the order of its versions, page by page. Pages are decoded ahead,
// on all processors; a page may be used until the next one is taken.
func readLog(ctx context.Context, conn *pgx.Conn, use func(iter.Seq[[]entry]) error) error {
	ctx, stop := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()

	pages := make(chan *page, runtime.GOMAXPROCS(0)+1)
	var failed error // read after pages is closed
	reading.Go(func() {
		defer close(pages)
		failed = decodeAhead(ctx, conn, pages, &reading)
	})
	err := use(func(yield func([]entry) bool) {
		for p := range pages {
			<-p.decoded
			if !yield(p.entries) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return failed
}

func decodeAhead(ctx context.Context, conn *pgx.Conn, pages chan<- *page, decoding *sync.WaitGroup) error {
	rows, err := conn.Query(ctx, logSQL)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer rows.Close()
	for more := true; more; {
		p := &page{entries: make([]entry, 0, pageSize), decoded: make(chan struct{})}
		for len(p.entries) < pageSize {
			if more = rows.Next(); !more {
				break
			}
			p.entries = append(p.entries, entry{})
			e := &p.entries[len(p.entries)-1]
			if err := rows.Scan(&e.position, (*[16]byte)(&e.stream), &e.version, &e.eventType, &e.schema, &e.data, &e.metadata,
				(*[16]byte)(&e.commandID), &e.commandIndex); err != nil {
				return fmt.Errorf("read the log: %w", err)
			}
		}
		decoding.Go(func() {
			defer close(p.decoded)
			for i := range p.entries {
				p.entries[i].decode()
			}
		})
		select {
		case pages <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return nil
}
