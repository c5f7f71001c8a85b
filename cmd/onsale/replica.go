package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/query"
)

// replicaPoll is how soon it is noticed that a replica has moved on.
const replicaPoll = 5 * time.Millisecond

// A replica is a copy of the database that answers queries, and is a little behind.
type replica struct {
	*query.Reader
	pool *pgxpool.Pool
	at   atomic.Int64 // the position that its views are known to have reached
}

func openReplica(ctx context.Context, url string) (*replica, error) {
	pool, err := connect(ctx, url, otherConnections())
	if err != nil {
		return nil, fmt.Errorf("QUERY_DATABASE_URL: %w", err)
	}
	return &replica{Reader: query.New(pool), pool: pool}, nil
}

// catchUp waits until the replica's views have everything up to the position.
func (r *replica) catchUp(ctx context.Context, position int64) error {
	for r.at.Load() < position {
		at, err := r.Position(ctx)
		if err != nil {
			return err
		}
		r.at.Store(at)
		if at >= position {
			return nil
		}
		timer := time.NewTimer(replicaPoll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("the replica is at %d, wanted %d: %w", at, position, ctx.Err())
		}
	}
	return nil
}
