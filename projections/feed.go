package projections

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"onsale/command/sale"
	"onsale/eventstore"
)

const (
	// keptPages is how many pages a feed keeps: the slower of two projections may be so far behind and still share them.
	keptPages = 8
	// slowerWait is how long the faster one then waits for the slower. It would be the first to profit: those who wait for
	// the tables wait for the slowest.
	slowerWait = 100 * time.Millisecond
)

// A feed reads the log for projections. Those that are at about the same place share what was read: each page is fetched
// once, and each event decoded once.
type feed struct {
	source
	progress *progress
	reading  chan struct{} // full while somebody reads: whoever waits may find what they want afterwards

	mu     sync.Mutex
	recent []*decodedPage // in the order in which they were read
}

// A source is the log as a feed reads it; see [eventstore.Store].
type source interface {
	eventstore.Log
	Recent(position int64, limit int) (page eventstore.Page, known bool)
	Forget()
}

// A decodedPage is a page with what its events say, decoded when that is first asked for.
type decodedPage struct {
	eventstore.Page
	changes func() ([]Change, error)
}

func newFeed(source source, progress *progress) *feed {
	return &feed{source: source, progress: progress, reading: make(chan struct{}, 1)}
}

// ReadAfter returns the page that follows the position, or a part of it. What this process has just appended is at hand, and
// decoded.
func (f *feed) ReadAfter(ctx context.Context, position int64, limit int) (eventstore.Page, error) {
	if page, known := f.source.Recent(position, limit); known {
		return page, nil
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	f.waitForSlower(ctx, position)
	select {
	case f.reading <- struct{}{}:
		defer func() { <-f.reading }()
	case <-ctx.Done():
		return eventstore.Page{}, fmt.Errorf("read after %d: %w", position, ctx.Err())
	}
	if c := f.find(position); c != nil {
		return c.Beyond(position), nil
	}
	page, err := f.source.ReadAfter(ctx, position, limit)
	if err == nil && len(page.Events) > 0 {
		f.keep(page)
	}
	return page, err
}

// waitForSlower lets projections pass the page that is about to be dropped, for a moment: one that is left behind reads for
// itself from there on.
func (f *feed) waitForSlower(ctx context.Context, position int64) {
	ctx, cancel := context.WithTimeout(ctx, slowerWait)
	defer cancel()
	for {
		oldest := f.oldest()
		if oldest == nil || f.find(position) != nil {
			return
		}
		needed, moved := f.progress.anyAt(oldest.Page)
		if !needed {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

// changes returns what the events of a page say, up to the first that cannot be read, with the reason why that one cannot.
func (f *feed) changes(page eventstore.Page) ([]Change, error) {
	c := f.find(page.After)
	if c == nil || &c.Beyond(page.After).Events[0] != &page.Events[0] {
		return decode(page)
	}
	changes, err := c.changes()
	return changes[min(int(page.After-c.After), len(changes)):], err
}

// forget drops what was read or is remembered: the log, or an event in it, may not be what it was.
func (f *feed) forget() {
	f.source.Forget()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.recent = nil
}

func (f *feed) keep(page eventstore.Page) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.recent) == keptPages {
		f.recent = slices.Delete(f.recent, 0, 1)
	}
	f.recent = append(f.recent, &decodedPage{page, sync.OnceValues(func() ([]Change, error) { return decode(page) })})
}

// find returns a page with the event that follows the position, or nil.
func (f *feed) find(position int64) *decodedPage {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.recent {
		if c.After <= position && position < c.Through() {
			return c
		}
	}
	return nil
}

// oldest returns the page that the next one replaces, or nil.
func (f *feed) oldest() *decodedPage {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.recent) < keptPages {
		return nil
	}
	return f.recent[0]
}

func decode(page eventstore.Page) ([]Change, error) {
	changes := make([]Change, 0, len(page.Events))
	for i := range page.Events {
		e := &page.Events[i]
		event, known := e.Value.(sale.Event)
		if !known {
			var err error
			if event, err = sale.Decode(e.Type, e.Schema, e.Data); err != nil {
				return changes, halted(e, err)
			}
		}
		changes = append(changes, Change{RecordedEvent: e, Event: event})
	}
	return changes, nil
}
