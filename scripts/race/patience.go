package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// patience is how long one call waits, over all its tries, for a server
	// that is busy.
	patience = 2 * time.Minute

	// The pause where the server names none, and the shortest one.
	minPause = time.Second
)

// patiently makes a call again for as long as the server answers 429 or 503,
// after the pause it asks for. It serves what comes before and after the race;
// in the race itself every answer counts as it comes.
func patiently[T any](ctx context.Context, s *server, call func(context.Context) (T, error)) (T, error) {
	var waited time.Duration
	for {
		answer, err := call(ctx)
		var a *answerError
		if !errors.As(err, &a) || !a.busy() {
			return answer, err
		}
		pause := max(a.retryAfter, minPause)
		if waited+pause > patience {
			return answer, fmt.Errorf("waited %s and the server asks for %s more: %w", waited, pause, err)
		}
		if err := s.pause(ctx, pause); err != nil {
			return answer, err
		}
		waited += pause
	}
}

// pause waits, or returns the error of a context that ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
