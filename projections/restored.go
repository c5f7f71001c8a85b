package projections

import (
	"context"
	"errors"
)

// resume tells where a projection's tables are. When these know a log that is no more, it makes them anew first, beside the
// old ones; until then the projection is nowhere, and who reads its tables waits in vain. Nobody uses the snapshots of such
// a log, and they go too.
func (r *Runner) resume(ctx context.Context, p Projection) (int64, error) {
	position, err := r.position(ctx, p)
	if !errors.Is(err, errAnotherLog) {
		return position, err
	}
	if _, err := r.store.ForgetSnapshots(ctx); err != nil {
		return 0, err
	}
	r.options.Log.Warn("the log was restored to an older state: read tables are made anew", "projection", p.Name, "reason", err)
	if err := Rebuild(ctx, r.pool, r.store, RebuildOptions{IfNeeded: true}, p); err != nil && !errors.Is(err, ErrRebuilding) {
		return 0, err
	}
	return r.position(ctx, p)
}
