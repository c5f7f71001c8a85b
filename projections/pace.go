package projections

import (
	"context"
	"time"
)

// haste is the pace while somebody waits for the tables: in a storm there is always somebody.
const haste = 5 * time.Millisecond

// pace lets the log grow for a moment before the next page is read: the more is in a page, the less an event costs. Who waits for
// the tables hardly waits for this, and what another projection has read already is taken at once.
func (r *Runner) pace(ctx context.Context, p Projection, position int64) {
	hurried, enough := time.NewTimer(min(haste, p.Pace)), time.NewTimer(p.Pace)
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

// suspicion is how many pages must be applied undisturbed until it is believed that no other node applies any.
const suspicion = 8

// ahead returns from where to read on, which is beyond the position where other nodes apply pages too and have been first: to read
// and apply what they have applied would be for nothing.
func (r *Runner) ahead(ctx context.Context, p Projection, position int64) int64 {
	if !r.progress.isShared(p.Name) {
		return position
	}
	if at, err := r.position(ctx, p); err == nil {
		return at
	}
	return position
}
