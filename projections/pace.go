package projections

import (
	"context"
	"time"
)

// pace lets the log grow for a moment before the next page is read: the more is in a page, the less an event costs. Who waits for
// the tables does not wait for this, and what another projection has read already is taken at once.
func (r *Runner) pace(ctx context.Context, p Projection, position int64) {
	enough := time.NewTimer(p.Pace)
	defer enough.Stop()
	for {
		awaited, called := r.progress.awaited(p.Name)
		if awaited || r.feed.find(position) != nil {
			return
		}
		select {
		case <-called:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
