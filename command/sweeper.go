package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// A Sweeper returns the seats of holds whose time is over, so that counts come back when nobody asks. It only tidies: an
// expired hold is free for whoever wants its seats, swept or not. Any number of sweepers may run.
type Sweeper struct {
	// Writer decides.
	Writer *Writer
	// Due tells which events have holds that ran out before now. It may be wrong or late: the writer decides.
	Due func(ctx context.Context, now time.Time) ([]uuid.UUID, error)
	// Interval is the pause between two sweeps; 0 means 1 s.
	Interval time.Duration
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
	// Log hears of sweeps that failed and are tried again; nil means slog.Default.
	Log *slog.Logger
}

// sweepLimit is the most holds that expire in one command.
const sweepLimit = 500

// Run sweeps until ctx ends.
func (s Sweeper) Run(ctx context.Context) {
	s.Interval = cmp.Or(s.Interval, time.Second)
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	ticker := time.NewTicker(s.Interval)
	defer ticker.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("sweeping expired holds failed, trying again", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s Sweeper) sweep(ctx context.Context) error {
	now := s.Clock().UTC().Truncate(time.Microsecond)
	events, err := s.Due(ctx, now)
	if err != nil {
		return fmt.Errorf("find events with expired holds: %w", err)
	}
	var failed []error
	for _, event := range events {
		failed = append(failed, s.expire(ctx, event, now)) // one that cannot be swept must not keep the others' seats
	}
	return errors.Join(failed...)
}

// expire returns the seats of one event's holds, limit by limit, so that buyers have their turns in between.
func (s Sweeper) expire(ctx context.Context, event uuid.UUID, now time.Time) error {
	for ctx.Err() == nil {
		o, err := s.Writer.Do(event, sale.ExpireHolds{At: now, Limit: sweepLimit}, by(newID(), uuid.Nil, "sweeper"))
		if err != nil {
			return fmt.Errorf("expire holds of event %s: %w", event, err)
		}
		if !o.Changed {
			return nil
		}
	}
	return nil
}
