package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"onsale/eventstore"
)

// NothingLost appends through stores whose connections fail, one writer for each, and then compares what the writers were
// told with what is in the log. An append that failed, or whose outcome is unknown, is repeated under its command id until
// it is acknowledged or found to have taken place. When all are, settle must wait until no append is under way any more.
//
// It returns an error when the log lacks what was acknowledged, has what was said not to have happened, or has a command
// twice or in part; and when no outcome was unknown, for then nothing was put to the test.
func NothingLost(ctx context.Context, log Log, settle func(context.Context) error, faulty ...Store) error {
	var (
		writing  sync.WaitGroup
		problems problems
		book     = ledger{told: make(map[string]verdict), sizes: make(map[uuid.UUID]int)}
	)
	for _, store := range faulty {
		writing.Go(func() { problems.add(book.keepAppending(ctx, store)) })
	}
	writing.Wait()
	if err := problems.all(); err != nil {
		return err
	}
	if err := settle(ctx); err != nil {
		return err
	}
	events, err := whole(ctx, log)
	if err != nil {
		return err
	}
	return book.compare(events)
}

// A verdict is what a writer was told of one try to append.
type verdict string

const (
	acknowledged verdict = "acknowledged"
	conflicted   verdict = "conflicted"
	failed       verdict = "failed"
	unknown      verdict = "unknown"
)

// A ledger has the verdict on every try, by its correlation id, and the number of events of every command.
type ledger struct {
	mu    sync.Mutex
	told  map[string]verdict
	sizes map[uuid.UUID]int
}

func (l *ledger) keepAppending(ctx context.Context, store Store) error {
	const commands, patience = 40, 200
	stream, version := uuid.New(), int64(0)
	for command := range commands {
		a := NewAppend(stream, version, 1+command%3)
		for i := range a.Events {
			a.Events[i].Metadata.CommandID = a.Events[0].Metadata.CommandID
		}
		version += int64(len(a.Events))
		for tries := 1; ; tries++ {
			told, err := l.try(ctx, store, a)
			if told == acknowledged || told == conflicted {
				break
			}
			if tries == patience {
				return fmt.Errorf("append given up after %d tries: %w", tries, err)
			}
		}
	}
	return nil
}

// try appends once, with a correlation id that tells this try from the others.
func (l *ledger) try(ctx context.Context, store Store, a eventstore.StreamAppend) (verdict, error) {
	id := uuid.NewString()
	for i := range a.Events {
		a.Events[i].Metadata.CorrelationID = id
	}
	appended, err := store.Append(ctx, []eventstore.StreamAppend{a})
	told := acknowledged
	switch {
	case errors.Is(err, eventstore.ErrUnknownOutcome):
		told = unknown
	case err != nil:
		told = failed
	case len(appended.Conflicts) > 0:
		told = conflicted
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told[id] = told
	l.sizes[a.Events[0].Metadata.CommandID] = len(a.Events)
	return told, err
}

func (l *ledger) compare(log []eventstore.RecordedEvent) error {
	var problems problems
	tries := make(map[string]bool)
	sizes := make(map[uuid.UUID]int)
	for _, e := range log {
		tries[e.Metadata.CorrelationID] = true
		sizes[e.Metadata.CommandID]++
	}
	doubts := 0
	for id, told := range l.told {
		switch {
		case told == acknowledged && !tries[id]:
			problems.add(fmt.Errorf("append %s was acknowledged and is lost", id))
		case (told == failed || told == conflicted) && tries[id]:
			problems.add(fmt.Errorf("append %s is in the log although it %s", id, told))
		case told == unknown:
			doubts++
		}
	}
	for command, want := range l.sizes {
		if sizes[command] != want {
			problems.add(fmt.Errorf("command %s has %d events in the log; want %d", command, sizes[command], want))
		}
	}
	if doubts == 0 {
		problems.add(errors.New("no outcome was unknown: nothing was put to the test"))
	}
	return problems.all()
}
