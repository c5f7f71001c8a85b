package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"onsale/eventstore"
)

// OrderedVisibility has readers follow the log while writers append to it and take back some of what they appended. It
// returns an error when a reader finds a gap, or has not seen, by the end, what is in the log.
func OrderedVisibility(ctx context.Context, log Log) error {
	const writers, rounds = 6, 30
	var (
		writing, reading sync.WaitGroup
		written          atomic.Bool
		problems         problems
	)
	for w := range writers {
		writing.Go(func() { problems.add(appendAndUndo(ctx, log, w, rounds)) })
	}
	for _, pageSize := range []int{1, 7, 1000} {
		reading.Go(func() { problems.add(follow(ctx, log, pageSize, &written)) })
	}
	writing.Wait()
	written.Store(true)
	reading.Wait()
	return problems.all()
}

// appendAndUndo appends to a stream of its own, and takes back every third append.
func appendAndUndo(ctx context.Context, log Log, writer, rounds int) error {
	stream, version := uuid.New(), int64(0)
	for round := range rounds {
		a := []eventstore.StreamAppend{NewAppend(stream, version, 1+round%3), NewAppend(uuid.New(), 0, 1)}
		if (writer+round)%3 == 0 {
			if err := log.Undo(ctx, a, func() {}); err != nil {
				return err
			}
			continue
		}
		appended, err := log.Append(ctx, a)
		if err != nil {
			return err
		}
		if len(appended.Conflicts) > 0 {
			return fmt.Errorf("the only writer of a stream has a conflict: %v", appended.Conflicts)
		}
		version += int64(len(a[0].Events))
	}
	return nil
}

// follow reads the log until it is written and read to its end, and compares what it saw with what is there.
func follow(ctx context.Context, log Log, pageSize int, written *atomic.Bool) error {
	var seen []uuid.UUID
	for position := int64(0); ; {
		last := written.Load()
		page, err := log.ReadAfter(ctx, position, pageSize)
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			if e.Position != position+1 {
				return fmt.Errorf("a reader at %d next saw %d", position, e.Position)
			}
			position = e.Position
			seen = append(seen, e.Metadata.CommandID)
		}
		if last && len(page.Events) == 0 {
			break
		}
	}
	all, err := whole(ctx, log)
	if err != nil {
		return err
	}
	for i, e := range all {
		if i >= len(seen) || seen[i] != e.Metadata.CommandID {
			return fmt.Errorf("a reader has passed position %d and not seen its event", e.Position)
		}
	}
	return nil
}

// OneWinner releases racers together, all of which append to one stream at the version where it is, and to another stream
// of their own. It returns an error unless one of them gets into the common stream in each round, the others are told
// where it is, and all get into their own.
func OneWinner(ctx context.Context, log Log) error {
	const racers, rounds = 8, 20
	contested := uuid.New()
	for version := range int64(rounds) {
		var (
			racing   sync.WaitGroup
			winners  atomic.Int64
			problems problems
			start    = make(chan struct{})
			lost     = []eventstore.Conflict{{Stream: contested, Version: version + 1}}
		)
		for range racers {
			a := []eventstore.StreamAppend{NewAppend(contested, version, 1), NewAppend(uuid.New(), 0, 1)}
			racing.Go(func() {
				<-start
				switch appended, err := log.Append(ctx, a); {
				case err != nil:
					problems.add(err)
				case len(appended.Recorded) == 2 && len(appended.Conflicts) == 0:
					winners.Add(1)
				case len(appended.Recorded) != 1 || !slices.Equal(appended.Conflicts, lost):
					problems.add(fmt.Errorf("a loser at %d got %+v", version, appended))
				}
			})
		}
		close(start)
		racing.Wait()
		if n := winners.Load(); n != 1 {
			problems.add(fmt.Errorf("at version %d there are %d winners", version, n))
		}
		if err := problems.all(); err != nil {
			return err
		}
	}
	return nil
}

// problems gathers what several goroutines find.
type problems struct {
	mu    sync.Mutex
	found []error
}

func (p *problems) add(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = append(p.found, err)
}

func (p *problems) all() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.found...)
}
