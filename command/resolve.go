package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// resolvePause is how long a loop waits before it looks up what became of an append: the server may still be at it.
const resolvePause = 50 * time.Millisecond

// doubt is called when a round's append may have taken place: none of its jobs that would append something is answered or
// decided again before the log was asked for its command id.
//
// Should the append arrive later still, after it was looked up in vain, it cannot make a lie of the answer. If the sale has
// moved, the append conflicts. If it has not, deciding again leads to the same events, for time is part of a command; under
// the same command id, one of the two appends fails.
func (l *loop) doubt(round []*stream, err error) (again []*job) {
	again = jobsOf(round)
	for _, j := range again {
		if !j.uncertain && len(j.events) > 0 {
			j.uncertain, j.since = true, time.Now()
			l.writer.metrics.unknown.Inc()
		}
	}
	l.writer.options.Log.Warn("looking up what became of an append", "commands", len(again), "error", err)
	return again
}

// resolve asks the log for the uncertain jobs and finishes those that it has. The streams of these have moved, so their
// other jobs come back in the next round.
func (l *loop) resolve(ctx context.Context, round []*stream, uncertain, again []*job) ([]*stream, []*job) {
	ids := make([]uuid.UUID, len(uncertain))
	for i, j := range uncertain {
		ids[i] = j.metadata.CommandID
	}
	found, err := l.store.ByCommand(ctx, ids...)
	if err != nil {
		for _, j := range jobsOf(round) {
			again = append(again, l.unavailable(j, err)...)
		}
		return nil, again
	}
	recorded := make(map[uuid.UUID]bool)
	for _, e := range found {
		recorded[e.Metadata.CommandID] = true
	}
	return slices.DeleteFunc(round, func(s *stream) bool {
		moved := slices.ContainsFunc(s.jobs, func(j *job) bool { return recorded[j.metadata.CommandID] })
		if moved {
			again = append(again, l.finishRecorded(ctx, s, recorded)...)
		}
		return moved
	}), again
}

// finishRecorded answers the jobs of a stream that the log has, and returns the others.
func (l *loop) finishRecorded(ctx context.Context, s *stream, recorded map[uuid.UUID]bool) (again []*job) {
	s.stale = true
	held, err := l.shelf.get(ctx, s.sale.ID)
	for _, j := range s.jobs {
		switch {
		case !recorded[j.metadata.CommandID]:
			again = append(again, j)
		case err != nil:
			again = append(again, l.unavailable(j, err)...)
		default:
			j.outcome = Outcome{
				Position: held.position, Changed: true,
				Claim: sale.Subject(held.sale, j.command), Sale: held.sale.Summary(),
			}
			j.err, j.found = nil, true
			l.writer.acknowledge(held.position)
			j.finish()
		}
	}
	return again
}

// closingTimeout is how long a writer that is being closed still tries to find out an outcome.
const closingTimeout = 2 * time.Second

// resolveTimeout is how long a caller waits for an unknown outcome to be found out.
func (l *loop) resolveTimeout() time.Duration {
	if l.closing() {
		return min(closingTimeout, l.writer.options.ResolveTimeout)
	}
	return l.writer.options.ResolveTimeout
}

// unavailable is called when the log could not be read. A job that has not been appended fails; one that may have been is
// kept until the log answers, or its caller has waited long enough.
func (l *loop) unavailable(j *job, err error) (again []*job) {
	switch {
	case !j.uncertain:
		j.fail(fmt.Errorf("%w: %w", ErrUnavailable, err))
	case time.Since(j.since) > l.resolveTimeout():
		j.fail(errors.Join(ErrOutcomeUnknown, err))
	default:
		again = append(again, j)
	}
	return again
}
