package projections

import (
	"context"
	"time"
)

// awaitedPace is the pace while somebody waits for the tables: in a storm there is always somebody.
const awaitedPace = 5 * time.Millisecond

// pace lets the log grow for a moment before the next page is read: the more is in a page, the less an event costs. Who waits for
// the tables hardly waits for this, and what another projection has read already is taken at once.
func (r *Runner) pace(ctx context.Context, p Projection, position int64) {
	hurried, enough := time.NewTimer(min(awaitedPace, p.Pace)), time.NewTimer(p.Pace)
	defer hurried.Stop()
	defer enough.Stop()
	soonest := hurried.C
	for r.feed.find(position) == nil {
		awaited, called := r.progress.awaited(p.Name)
		if awaited && soonest == nil {
			return
		}
		select {
		case <-soonest:
			soonest = nil
		case <-called:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
