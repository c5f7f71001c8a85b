package main

import (
	"context"
	"fmt"
	"math"
	"sync"
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

	mu sync.Mutex
	at map[string]int64 // the position that each view is known to have reached
}

func openReplica(ctx context.Context, url string) (*replica, error) {
	pool, err := connect(ctx, url, otherConnections())
	if err != nil {
		return nil, fmt.Errorf("QUERY_DATABASE_URL: %w", err)
	}
	return &replica{Reader: query.New(pool), pool: pool, at: make(map[string]int64)}, nil
}

// reached is up to where the views are known to be.
func (r *replica) reached(views []string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	least := int64(math.MaxInt64)
	for _, view := range views {
		least = min(least, r.at[view])
	}
	return least
}

// look asks how far the views are.
func (r *replica) look(ctx context.Context, views []string) error {
	for _, view := range views {
		position, err := r.Position(ctx, view)
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.at[view] = position
		r.mu.Unlock()
	}
	return nil
}

// catchUp waits until the replica's views have everything up to the position.
func (r *replica) catchUp(ctx context.Context, position int64, views []string) error {
	for r.reached(views) < position {
		if err := r.look(ctx, views); err != nil {
			return err
		}
		if r.reached(views) >= position {
			return nil
		}
		timer := time.NewTimer(replicaPoll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("the replica is at %d, wanted %d: %w", r.reached(views), position, ctx.Err())
		}
	}
	return nil
}
