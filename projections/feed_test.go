package projections

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"onsale/command/sale"
	"onsale/eventstore"
)

// pages is a log in memory, which counts how often it is read.
type pages struct {
	events []eventstore.RecordedEvent
	recent int // how many of the last of them are at hand
	reads  int
	took   time.Duration // for each read
}

func (p *pages) Appended() <-chan struct{} { return nil }
func (p *pages) Forget()                   { p.recent = 0 }

func (p *pages) Recent(position int64, limit int) (eventstore.Page, bool) {
	if int(position) < len(p.events)-p.recent || p.recent == 0 {
		return eventstore.Page{After: position}, false
	}
	events := p.events[position:]
	return eventstore.Page{After: position, Events: events[:min(limit, len(events))]}, true
}

func (p *pages) ReadAfter(ctx context.Context, position int64, limit int) (eventstore.Page, error) {
	p.reads++
	time.Sleep(p.took) // the bubble's time
	rest := p.events[position:]
	return eventstore.Page{After: position, Events: rest[:min(limit, len(rest))]}, ctx.Err()
}

func newPages(n int) *pages {
	p := &pages{took: time.Millisecond}
	for i := range n {
		p.events = append(p.events, eventstore.RecordedEvent{
			Position:  int64(i + 1),
			EventData: eventstore.EventData{Type: sale.HoldExpired{}.EventType(), Schema: sale.EventSchema, Data: []byte(`{}`)},
		})
	}
	return p
}

func TestFeed(t *testing.T) {
	t.Parallel()
	const size = 10
	for name, rule := range map[string]func(t *testing.T, f *feed, log *pages, read func(position int64) eventstore.Page){
		"a page is read once for all who are at its place": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			for range 5 {
				go read(0)
			}
			synctest.Wait()
			time.Sleep(time.Second)
			if log.reads != 1 {
				t.Errorf("read %d times", log.reads)
			}
		},
		"who is in the middle of a page gets the rest of it": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			read(0)
			if page := read(7); page.After != 7 || len(page.Events) != 3 || log.reads != 1 {
				t.Errorf("got %d events after %d, read %d times", len(page.Events), page.After, log.reads)
			}
		},
		"an event is decoded once for all": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			whole, err := f.changes(read(0))
			part, err2 := f.changes(read(7))
			if err != nil || err2 != nil || len(whole) != size || len(part) != 3 || &part[0] != &whole[7] {
				t.Errorf("got %d and %d changes; %v, %v", len(whole), len(part), err, err2)
			}
		},
		"what is read up to an unreadable event is told with the reason": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			log.events[4].Type = "unknown"
			for after, want := range map[int64]int{0: 4, 3: 1, 4: 0} {
				changes, err := f.changes(read(after))
				if len(changes) != want || !errors.Is(err, ErrHalted) || !errors.Is(err, sale.ErrUnknownEvent) {
					t.Errorf("after %d: %d changes, %v; want %d", after, len(changes), err, want)
				}
			}
		},
		"what was forgotten is read again": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			page := read(0)
			f.forget()
			read(0)
			if log.reads != 2 {
				t.Errorf("read %d times", log.reads)
			}
			if changes, err := f.changes(page); len(changes) != size || err != nil {
				t.Errorf("of a forgotten page: %d changes, %v", len(changes), err)
			}
		},
		"what this process has just appended is not fetched": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			log.recent = 25
			for position, reads := range map[int64]int{980: 0, 975: 0, 974: 1} {
				log.reads = 0
				f.mu.Lock()
				f.recent = nil
				f.mu.Unlock()
				if page := read(position); len(page.Events) != size || log.reads != reads {
					t.Errorf("after %d: %d events, fetched %d times", position, len(page.Events), log.reads)
				}
			}
		},
		"after trouble it is fetched": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			log.recent = 25
			f.forget()
			if page := read(980); len(page.Events) != size || log.reads != 1 {
				t.Errorf("%d events, fetched %d times", len(page.Events), log.reads)
			}
		},
		"what comes with its value is not decoded": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			log.events[4].Value = sale.SaleClosed{Reason: "in memory"}
			changes, err := f.changes(read(0))
			if err != nil || changes[4].Event != log.events[4].Value || changes[5].Event != (sale.HoldExpired{}) {
				t.Errorf("got %v, %v", changes[4:6], err)
			}
		},
		"the end of the log is not kept": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			end := int64(len(log.events))
			read(end)
			log.events = append(log.events, log.events[0])
			if page := read(end); len(page.Events) != 1 {
				t.Errorf("got %d events", len(page.Events))
			}
		},
		"who leads waits for who is about to be left behind": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			f.progress.set("slow", 3)
			for i := range int64(keptPages) {
				read(i * size)
			}
			start := time.Now()
			time.AfterFunc(slowerWait/2, func() { f.progress.set("slow", size) })
			read(keptPages * size)
			if waited := time.Since(start); waited != slowerWait/2+log.took {
				t.Errorf("waited %s", waited)
			}
		},
		"but only for a moment, and once": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			f.progress.set("slow", 3)
			for i := range int64(keptPages) {
				read(i * size)
			}
			start := time.Now()
			for i := range int64(keptPages) {
				read((keptPages + i) * size)
			}
			if waited := time.Since(start); waited != slowerWait+keptPages*log.took {
				t.Errorf("waited %s", waited)
			}
			if reads := log.reads; len(read(3).Events) == 0 || log.reads != reads+1 {
				t.Error("who was left behind cannot read for itself")
			}
		},
		"who waits for another's reading stops when its context ends": func(t *testing.T, f *feed, log *pages, read func(int64) eventstore.Page) {
			log.took = time.Minute / 10
			go read(0)
			defer time.Sleep(time.Minute)
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := f.ReadAfter(ctx, 0, size); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log := newPages(1000)
				f := newFeed(log, newProgress([]Projection{{Name: "slow"}, {Name: "fast"}}))
				f.progress.set("slow", 1000)
				f.progress.set("fast", 1000)
				rule(t, f, log, func(position int64) eventstore.Page {
					page, err := f.ReadAfter(context.WithoutCancel(t.Context()), position, size)
					if err != nil {
						t.Error(err)
					}
					return page
				})
			})
		})
	}
}
