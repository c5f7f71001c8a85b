package projections

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"onsale/eventstore"
)

// ErrNotCaughtUp says that the read tables did not reach the position in time.
var ErrNotCaughtUp = errors.New("the read tables have not caught up")

// progress knows how far each projection's tables are, as far as this process can tell, and wakes who waits for them.
type progress struct {
	mu    sync.Mutex
	at    map[string]int64
	moved chan struct{} // closed and replaced whenever a position changes
}

func newProgress(projections []Projection) *progress {
	p := &progress{at: make(map[string]int64, len(projections)), moved: make(chan struct{})}
	for _, projection := range projections {
		p.at[projection.Name] = 0
	}
	return p
}

func (p *progress) get(name string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[name]
}

func (p *progress) set(name string, position int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at[name] == position {
		return
	}
	p.at[name] = position
	close(p.moved)
	p.moved = make(chan struct{})
}

// behind returns the position of the projection that is furthest behind, and a channel that is closed when that may have
// changed.
func (p *progress) behind() (int64, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, least := true, int64(0)
	for _, position := range p.at {
		if first || position < least {
			first, least = false, position
		}
	}
	return least, p.moved
}

// anyAt reports whether the next event of some projection is in the page, and returns a channel that is closed when that
// may have changed.
func (p *progress) anyAt(page eventstore.Page) (bool, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, position := range p.at {
		if page.After <= position && position < page.Through() {
			return true, p.moved
		}
	}
	return false, p.moved
}

// wait returns when all projections have reached the position, or with ErrNotCaughtUp when ctx ends before.
func (p *progress) wait(ctx context.Context, position int64) error {
	for {
		behind, moved := p.behind()
		if behind >= position {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%w: at %d, wanted %d: %w", ErrNotCaughtUp, behind, position, ctx.Err())
		}
	}
}

func (p *progress) all() map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.at)
}
