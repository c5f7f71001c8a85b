package projections

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
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

	waiting map[string]int // how many wait for it
	called  chan struct{}  // closed and replaced whenever somebody begins to wait

	others map[string]int // above 0: other nodes apply pages too, as far as one can tell
}

func newProgress(projections []Projection) *progress {
	p := &progress{at: make(map[string]int64, len(projections)), moved: make(chan struct{}), waiting: make(map[string]int), called: make(chan struct{}), others: make(map[string]int)}
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

// behind returns the position of the one of the named projections that is furthest behind, of all if none is named, and a
// channel that is closed when that may have changed.
func (p *progress) behind(names ...string) (int64, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	least := int64(math.MaxInt64)
	for name, position := range p.at {
		if len(names) == 0 || slices.Contains(names, name) {
			least = min(least, position)
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

// wait returns when the named projections, or all, have reached the position, or with ErrNotCaughtUp when ctx ends before.
func (p *progress) wait(ctx context.Context, position int64, names ...string) error {
	behind, moved := p.behind(names...)
	if behind >= position {
		return nil
	}
	p.call(+1, names)
	defer p.call(-1, names)
	for ; ; behind, moved = p.behind(names...) {
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

// call counts who waits for the named projections, or all.
func (p *progress) call(more int, names []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.at {
		if len(names) == 0 || slices.Contains(names, name) {
			p.waiting[name] += more
		}
	}
	if more > 0 {
		close(p.called)
		p.called = make(chan struct{})
	}
}

// awaited reports whether somebody waits for a projection, and returns a channel that is closed when somebody begins to.
func (p *progress) awaited(name string) (bool, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting[name] > 0, p.called
}

// undisturbedPages is how many pages must be applied undisturbed until it is believed that no other node applies any.
const undisturbedPages = 8

// shared takes note of whether another node was first with a page of a projection.
func (p *progress) shared(name string, beaten bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if beaten {
		p.others[name] = undisturbedPages
	} else {
		p.others[name] = max(p.others[name]-1, 0)
	}
}

func (p *progress) isShared(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.others[name] > 0
}
