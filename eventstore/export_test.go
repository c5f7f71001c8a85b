package eventstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// AppendOn appends on a connection that may be in a transaction. Its errors are not sorted.
func AppendOn(ctx context.Context, conn *pgx.Conn, appends []StreamAppend) (Appended, error) {
	return newBatch(appends).write(ctx, conn)
}
