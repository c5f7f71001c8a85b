package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/cmd/internal/telemetry"
	"onsale/query"
)

// replicaPoll is how soon it is noticed that a replica has moved on; replicaTimeout bounds one look.
const (
	replicaPoll    = 10 * time.Millisecond
	replicaTimeout = 2 * time.Second
)

// A replica is a copy of the database that answers queries, and is a little behind.
type replica struct {
	*query.Reader
	pool *pgxpool.Pool
	log  *slog.Logger

	mu    sync.Mutex
	at    map[string]int64 // the position that each view has reached; empty while the replica is away
	err   error            // why it is away
	moved chan struct{}    // closed and replaced when any of this changes
}

// openReplica returns a replica that answers; run follows it.
func openReplica(ctx context.Context, url string, log *slog.Logger, tell *telemetry.Telemetry) (*replica, error) {
	pool, err := connect(ctx, url, otherConnections(), tell.Queries())
	if err != nil {
		return nil, fmt.Errorf("QUERY_DATABASE_URL: %w", err)
	}
	tell.Pool("replica", pool)
	r := &replica{Reader: query.New(pool), pool: pool, log: log, moved: make(chan struct{})}
	if err := r.look(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("QUERY_DATABASE_URL: %w", err)
	}
	return r, nil
}

// run follows the replica until ctx ends.
func (r *replica) run(ctx context.Context) {
	ticker := time.NewTicker(replicaPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		away := r.away() != nil
		err := r.look(ctx)
		switch {
		case err != nil && !away && ctx.Err() == nil:
			r.log.Error("the replica is away: reads wait for it", "error", err)
		case err == nil && away:
			r.log.Info("the replica is back")
		}
	}
}

// look asks how far the views are.
func (r *replica) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, replicaTimeout)
	defer cancel()
	at, err := r.Positions(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.err = at, err
	close(r.moved)
	r.moved = make(chan struct{})
	return err
}

// away is why the replica does not answer, nil when it does.
func (r *replica) away() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// reached is up to where the views are known to be, 0 while that is not known, and a channel that is closed when that may
// have changed.
func (r *replica) reached(views []string) (int64, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	least := int64(math.MaxInt64)
	for _, view := range views {
		least = min(least, r.at[view])
	}
	return least, r.moved
}

// catchUp waits until the replica's views have everything up to the position. One that is away has nothing.
func (r *replica) catchUp(ctx context.Context, position int64, views []string) error {
	for {
		at, moved := r.reached(views)
		away := r.away()
		if at >= position && away == nil {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the replica is at %d, wanted %d: %w", at, position, ctx.Err()), away)
		}
	}
}
