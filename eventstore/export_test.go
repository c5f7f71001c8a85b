package eventstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// AppendOn appends on a connection that may be in a transaction. Its errors are not sorted.
func AppendOn(ctx context.Context, conn *pgx.Conn, appends []StreamAppend) (Appended, error) {
	return newBatch(appends).write(ctx, conn)
}

type Tail struct{ tail }

func (t *Tail) Add(events []RecordedEvent)                   { t.add(t.now(), events) }
func (t *Tail) Learn(events []RecordedEvent)                 { t.learn(t.now(), events) }
func (t *Tail) After(position int64, limit int) (Page, bool) { return t.after(position, limit) }
