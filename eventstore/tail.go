package eventstore

import (
	"slices"
	"sync"
)

// tailLength is how many of the events that this process appended last it remembers at most, unless they are one run.
const tailLength = 8192

// runLength is how long a run is when nothing joins it any more. It is forgotten as a whole.
const runLength = 2048

// A tail remembers what this process appended last, and what it was told that others appended, so that who follows the log
// closely need not fetch it from the database and decode it again. The zero tail is empty.
type tail struct {
	mu     sync.Mutex
	runs   []Page // in the order of their positions; between two of them there may be what nobody told
	events int
	era    int // how often all was forgotten
}

// now is the era to be named with what is read or appended from here on: what is of an earlier one may be of a log that is no more, with
// which the log there is now may go on.
func (t *tail) now() (era int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.era
}

// add remembers the events of one append that began in an era. Appends may be told in another order than the database saw them in.
func (t *tail) add(era int, events []RecordedEvent) {
	if len(events) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if era != t.era {
		t.clear() // who is at its end is to ask the log
		return
	}
	if !t.insert(events) {
		t.clear() // no position is given twice, unless the database was put back to an older state
		t.insert(events)
	}
}

// learn remembers events that others appended and that were read in an era, of any positions in their order, but for what is remembered already.
func (t *tail) learn(era int, events []RecordedEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if era != t.era {
		return
	}
	for first, next := 0, 0; first < len(events); first = next {
		for next = first + 1; next < len(events) && events[next].Position == events[next-1].Position+1; next++ {
		}
		t.insert(events[first:next])
	}
}

// insert adds events that follow each other, unless one of them is there.
func (t *tail) insert(events []RecordedEvent) bool {
	run := Page{After: events[0].Position - 1, Events: events}
	i := len(t.runs)
	for i > 0 && t.runs[i-1].After > run.After {
		i--
	}
	if i > 0 && t.runs[i-1].Through() > run.After || i < len(t.runs) && run.Through() > t.runs[i].After {
		return false
	}
	if i > 0 && t.runs[i-1].Through() == run.After && len(t.runs[i-1].Events) < runLength {
		t.runs[i-1].Events = append(t.runs[i-1].Events, events...) // behind what pages have of it
	} else {
		run.Events = slices.Clip(events)
		t.runs = slices.Insert(t.runs, i, run)
	}
	for t.events += len(events); t.events > tailLength && len(t.runs) > 1; t.runs = slices.Delete(t.runs, 0, 1) {
		t.events -= len(t.runs[0].Events)
	}
	return true
}

// after returns the events that follow the position, at most limit of them and as far as they are remembered without a gap,
// and whether the position is in the tail at all, or at its end: if not, there may be events that are not remembered.
// Most pages are a part of one run and share its memory.
func (t *tail) after(position int64, limit int) (page Page, known bool) {
	page.After = position
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, run := range t.runs {
		if page.Through() < run.After || len(page.Events) >= limit {
			break
		}
		rest := run.Beyond(page.Through()).Events
		rest = slices.Clip(rest[:min(len(rest), limit-len(page.Events))])
		if len(page.Events) == 0 {
			page.Events = rest
		} else {
			page.Events = append(page.Events, rest...)
		}
	}
	return page, len(page.Events) > 0 || len(t.runs) > 0 && t.runs[len(t.runs)-1].Through() == position
}

func (t *tail) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.era++
	t.clear()
}

func (t *tail) clear() { t.runs, t.events = nil, 0 }
