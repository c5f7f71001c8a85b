package command

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"github.com/google/uuid"

	"onsale/eventstore"
)

// A loop is one of a writer's: a goroutine with a queue and the sales that belong to it.
type loop struct {
	writer  *Writer
	store   Store
	shelf   *shelf
	queue   chan *job
	closing func() bool   // whether the writer is being closed
	stopped chan struct{} // closed when the loop has ended: what is in the queue then will not be decided
}

func newLoop(w *Writer, store Store) *loop {
	return &loop{
		writer: w, store: store, shelf: newShelf(store, w.options.Sales),
		queue: make(chan *job, w.options.Queue), stopped: make(chan struct{}),
	}
}

// do has the job decided and returns what became of it.
func (l *loop) do(j *job) (Outcome, error) {
	select {
	case l.queue <- j:
	default:
		return Outcome{}, ErrOverloaded
	}
	select {
	case <-j.done:
	case <-l.stopped:
		select {
		case <-j.done:
		default:
			return Outcome{}, ErrStopped
		}
	}
	return j.outcome, j.err
}

// run works until ctx ends, and then on what is still in the queue. What must be decided again goes before everything
// that has arrived since, so that a command that loses to other nodes does not lose to its neighbours too.
func (l *loop) run(ctx context.Context) {
	defer close(l.stopped)
	l.closing = func() bool { return ctx.Err() != nil }
	var pending []*job
	for {
		if len(pending) == 0 {
			select {
			case j := <-l.queue:
				pending = append(pending, j)
			case <-ctx.Done():
				if len(l.queue) == 0 {
					return
				}
			}
		}
		if slices.ContainsFunc(pending, func(j *job) bool { return j.uncertain }) {
			time.Sleep(resolvePause)
		}
		runtime.Gosched() // whoever is about to come, comes: a busy node groups more, an idle one loses nothing
		pending = l.settle(l.fill(pending))
	}
}

// fill adds what has arrived, up to a group.
func (l *loop) fill(pending []*job) []*job {
	for len(pending) < l.writer.options.Group {
		select {
		case j := <-l.queue:
			pending = append(pending, j)
		default:
			return pending
		}
	}
	return pending
}

// settle decides a group of jobs, appends what they cause in one statement, finishes those that are final, and returns
// those that must be decided again.
func (l *loop) settle(jobs []*job) (again []*job) {
	round, again := l.gather(jobs)
	if len(round) == 0 {
		return again
	}
	appends := make([]eventstore.StreamAppend, len(round))
	for i, s := range round {
		appends[i] = s.decide()
	}
	appended, err := l.append(round, appends)
	switch {
	case err == nil:
		return append(again, l.commit(round, appended)...)
	case errors.Is(err, eventstore.ErrUnknownOutcome), errors.Is(err, eventstore.ErrDuplicateCommand):
		return append(again, l.doubt(round, err)...)
	case errors.Is(err, eventstore.ErrConflict):
		for _, s := range round {
			again = append(again, l.retry(s)...)
		}
		return again
	case errors.Is(err, eventstore.ErrRejected):
		return append(again, l.single(jobsOf(round), err)...)
	default:
		l.writer.options.Log.Error("append failed", "commands", len(jobs), "error", err)
		for _, j := range jobsOf(round) {
			again = append(again, l.unavailable(j, err)...)
		}
		return again
	}
}

// append has the store append, and tells how long that took and what it was for.
func (l *loop) append(round []*stream, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	ctx, cancel := l.timeout()
	defer cancel()
	ctx, span := l.trace(ctx, round)
	defer span.End()
	commands, events := 0, 0
	for i, s := range round {
		commands, events = commands+len(s.jobs), events+len(appends[i].Events)
	}
	began := time.Now()
	appended, err := l.store.Append(ctx, appends)
	l.writer.metrics.appended(commands, events, time.Since(began))
	describeAppend(span, commands, events, len(appended.Conflicts), err)
	return appended, err
}

// single settles the jobs one by one: one command that the log cannot take must not take its neighbours with it.
func (l *loop) single(jobs []*job, err error) (again []*job) {
	if len(jobs) == 1 {
		jobs[0].fail(err)
		return nil
	}
	for _, j := range jobs {
		again = append(again, l.settle([]*job{j})...)
	}
	return again
}

func (l *loop) timeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), l.writer.options.AppendTimeout)
}

// gather brings the jobs' sales into memory and finds out what became of the jobs that are uncertain, in this order: what
// the lookup does not find cannot be part of the state that was loaded before it. Should such an append take place after
// all, the expected version gives it away.
func (l *loop) gather(jobs []*job) (round []*stream, again []*job) {
	ctx, cancel := l.timeout()
	defer cancel()
	streams := make(map[uuid.UUID]*stream)
	var uncertain []*job
	for _, j := range jobs {
		s := streams[j.stream]
		if s == nil {
			held, err := l.shelf.get(ctx, j.stream)
			if err != nil {
				again = append(again, l.unavailable(j, err)...)
				continue
			}
			s = &stream{shelved: held}
			streams[j.stream] = s
			round = append(round, s)
		}
		s.jobs = append(s.jobs, j)
		if j.uncertain {
			uncertain = append(uncertain, j)
		}
	}
	if len(uncertain) == 0 {
		return round, again
	}
	return l.resolve(ctx, round, uncertain, again)
}

// commit evolves the sales of the streams that were appended, or were where they were supposed to be, and answers.
func (l *loop) commit(round []*stream, appended eventstore.Appended) (again []*job) {
	conflicts := make(map[uuid.UUID]bool, len(appended.Conflicts))
	for _, c := range appended.Conflicts {
		conflicts[c.Stream] = true
	}
	recorded := appended.Recorded
	for _, s := range round {
		if conflicts[s.sale.ID] {
			again = append(again, l.retry(s)...)
			continue
		}
		recorded = s.commit(recorded)
		l.writer.acknowledge(s.position)
		l.shelf.keep(s.shelved)
		l.writer.snapshot(s.shelved)
		for _, j := range s.jobs {
			j.finish()
		}
	}
	return again
}

// retry gives the jobs of a stream that conflicted back to be decided again, but for those that have lost too often.
func (l *loop) retry(s *stream) (again []*job) {
	s.stale, s.shared = true, undisturbedUses
	l.writer.metrics.conflicts.Inc()
	for _, j := range s.jobs {
		if j.attempts++; j.attempts >= l.writer.options.Attempts {
			if j.uncertain {
				j.fail(ErrOutcomeUnknown)
			} else {
				j.fail(ErrContended)
			}
			continue
		}
		again = append(again, j)
	}
	l.writer.metrics.retries.Add(float64(len(again)))
	return again
}

// A stream is one sale's part of a round.
type stream struct {
	*shelved
	jobs []*job
}

func jobsOf(round []*stream) []*job {
	var jobs []*job
	for _, s := range round {
		jobs = append(jobs, s.jobs...)
	}
	return jobs
}

// decide decides the stream's jobs, each on what those before it lead to, and returns what is to be appended. It does not
// touch the sale itself.
func (s *stream) decide() eventstore.StreamAppend {
	fork := s.sale.Fork()
	a := eventstore.StreamAppend{Stream: s.sale.ID, Expected: s.sale.Version, Last: s.last}
	for _, j := range s.jobs {
		a.Events = append(a.Events, j.decide(fork)...)
	}
	return a
}

// commit evolves the sale with what its jobs decided and takes their positions from the front of recorded, whose rest it
// returns.
func (s *stream) commit(recorded []eventstore.RecordedEvent) []eventstore.RecordedEvent {
	for _, j := range s.jobs {
		for _, e := range j.events {
			s.sale.Evolve(e)
			s.position, s.last = recorded[0].Position, recorded[0].Metadata.CommandID
			recorded = recorded[1:]
		}
		j.outcome.Position = s.position
	}
	return recorded
}
