package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/eventstore"
)

// errRewound says that the page begins behind the checkpoint: it went back, or could not be read and counts as lost. It is to be
// read again from where the checkpoint is.
var errRewound = errors.New("the checkpoint went back")

// apply brings a projection to the end of the page, whatever part of it other nodes have applied already.
//
// It goes as far as it can: when an event cannot be read, or the database refuses what is made of it, everything before
// that event is applied, and the error names it.
func (r *Runner) apply(ctx context.Context, p Projection, page eventstore.Page) error {
	changes, unreadable := r.feed.changes(page)
	most := len(changes) // in one transaction
	unmoved := false     // the checkpoint is where it was, and cannot be moved from there
	for {
		at := r.progress.get(p.Name)
		if at >= page.Through() {
			return nil
		}
		if at < page.After {
			return fmt.Errorf("projection %s: %w to %d from %d", p.Name, errRewound, at, page.After)
		}
		rest := changes[min(int(at-page.After), len(changes)):]
		if len(rest) == 0 {
			return fmt.Errorf("projection %s: %w", p.Name, unreadable)
		}
		run := rest[:min(most, len(rest))]
		began := time.Now()
		err := r.commit(ctx, p, at, run)
		if err == nil {
			r.metrics.took.WithLabelValues(p.Name).Observe(time.Since(began).Seconds())
			r.metrics.applied.WithLabelValues(p.Name).Add(float64(len(run)))
			r.tell(p, at, run) // before those who wait read
			r.progress.set(p.Name, at+int64(len(run)))
			r.progress.shared(p.Name, false)
			continue
		}
		now, lost := r.position(ctx, p)
		switch {
		case lost != nil:
			return errors.Join(err, lost)
		case moved(err) && now == at && unmoved: // it is the page that is of a log that is no more
			return fmt.Errorf("projection %s: %w: the log has not what follows %d", p.Name, errRewound, at)
		case moved(err):
			unmoved = now == at // or it is now that of another generation, which is as far
			r.progress.shared(p.Name, true)
		case unfit(err) && len(run) > 1:
			most = len(run) / 2
		case unfit(err):
			return fmt.Errorf("projection %s: %w", p.Name, halted(run[0].RecordedEvent, err))
		default:
			return fmt.Errorf("projection %s: %w", p.Name, err)
		}
	}
}

// commit applies a run of changes that follows the checkpoint, and moves it, in one transaction and one round trip.
func (r *Runner) commit(ctx context.Context, p Projection, at int64, run []Change) error {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	to := at + int64(len(run))
	batch := &pgx.Batch{} // without a begin of its own, it is one transaction
	batch.Queue(advanceSQL, p.Name, p.Version, at, to, run[len(run)-1].Metadata.CommandID)
	p.Apply(run, batch)
	if err := r.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("apply %d to %d: %w", at+1, to, err)
	}
	return nil
}

func (r *Runner) tell(p Projection, after int64, run []Change) {
	if r.options.Applied == nil {
		return
	}
	a := Applied{Projection: p.Name, After: after, Through: after + int64(len(run))}
	seen := make(map[uuid.UUID]bool)
	for _, c := range run {
		if !seen[c.Stream] {
			seen[c.Stream] = true
			a.Streams = append(a.Streams, c.Stream)
		}
	}
	r.options.Applied(a)
}
