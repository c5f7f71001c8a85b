package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// startOrStop is how long Running waits for a server that is between states.
const startOrStop = 30 * time.Second

// Running returns the address of the server that another process, or this one,
// runs in dir, and whether there is one. It starts nothing and makes nothing,
// and waits for a server that is just starting or stopping. So a tool calls
// Running, and Start when nobody is there.
func Running(ctx context.Context, dir string) (address string, ok bool, err error) {
	where, err := settle(dir, false)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil // it went while we looked
	}
	if err != nil {
		return "", false, fmt.Errorf("look for PostgreSQL in %s: %w", dir, err)
	}
	address = dsn(where.socketFolder())
	ctx, cancel := context.WithTimeout(ctx, startOrStop)
	defer cancel()
	for {
		busy, err := held(where.lockFile())
		if err != nil {
			return "", false, fmt.Errorf("look for PostgreSQL in %s: %w", where.dir, err)
		}
		if !busy {
			return "", false, nil
		}
		unanswered := ping(ctx, address)
		if unanswered == nil {
			return address, true, nil
		}
		if errors.Is(unanswered, fs.ErrPermission) {
			return "", false, fmt.Errorf("PostgreSQL in %s is another user's: %w", where.dir, unanswered)
		}
		select {
		case <-ctx.Done():
			return "", false, fmt.Errorf("PostgreSQL in %s (%s) does not answer: %w", where.dir, holder(where.lockFile()), unanswered)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
