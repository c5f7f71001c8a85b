package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// A witness holds reads against what they promise, which is less than linearizability: each shows a sale as it was at some
// version, which is not before
//
//   - the Onsale-Position that it sent,
//   - what its node had acknowledged when it began,
//   - what that node had shown before it began to whoever asked the same,
//
// and not after anything that was asked for when it had ended.
type witness struct {
	event  *event
	log    []record
	sums   *ledger
	clocks []offsets // of the nodes
	began  time.Time // when the run did

	caused  []effect
	belongs map[int][]standing // by buyer
	shown   map[shelf][]showing
	found   []finding
}

// A shelf is what has to be asked for to be shown the same: of one node, one call, and one buyer where it is the buyer's own.
type shelf struct {
	node  int
	what  string
	buyer int
}

// A showing is the least version that a read can have shown, and when it had.
type showing struct {
	version  int64
	returned time.Duration
}

// An effect is the versions of the events that a call caused.
type effect struct {
	call        *call
	first, last int64
}

func newWitness(e *event, calls []*call, log []record, sums *ledger, clocks []offsets, began time.Time) *witness {
	w := &witness{event: e, log: log, sums: sums, clocks: clocks, began: began, shown: make(map[shelf][]showing)}
	versions := make(map[string]effect)
	for i := range log {
		v := versions[log[i].request]
		versions[log[i].request] = effect{first: cmp.Or(v.first, log[i].version), last: log[i].version}
	}
	for _, c := range calls {
		if v, caused := versions[c.Request]; caused {
			w.caused = append(w.caused, effect{c, v.first, v.last})
		}
	}
	w.belongs = standings(e, log)
	return w
}

// check judges what reads showed of the sale. Those of all events are among them.
func (w *witness) check(reads []*call) []finding {
	reads = slices.Clone(reads)
	slices.SortStableFunc(reads, func(a, b *call) int { return cmp.Compare(a.Returned, b.Returned) })
	for _, c := range reads {
		if c.Answer.Verdict == refused {
			w.wrong(c, "nothing may refuse it")
		}
		if c.Answer.Verdict != acknowledged {
			continue
		}
		if version := w.versionOf(c); version > 0 {
			w.shown[shelfOf(c)] = append(w.shown[shelfOf(c)], showing{version, c.Returned})
		}
	}
	return w.found
}

func (w *witness) wrong(c *call, why string) {
	w.found = append(w.found, finding{byRead, w.event.index, why + ": " + c.String()})
}

func shelfOf(c *call) shelf {
	s := shelf{node: c.Node, what: c.What}
	if c.What == listBookings || c.What == listHolds {
		s.buyer = c.Buyer
	}
	return s
}

// versionOf is the least version that a read can have shown; 0: none.
func (w *witness) versionOf(c *call) int64 {
	if c.What == listBookings || c.What == listHolds {
		return w.versionOfClaims(c)
	}
	i := slices.IndexFunc(c.Answer.Events, func(r listing) bool { return r.ID == w.event.id })
	if i < 0 {
		w.wrong(c, fmt.Sprintf("it does not show event %d", w.event.index))
		return 0
	}
	r := c.Answer.Events[i]
	if r.Version < 1 || r.Version > int64(len(w.sums.free)) {
		w.wrong(c, "the log has no such version")
		return 0
	}
	free := w.sums.free[r.Version-1]
	if !slices.Equal(r.Sections, free) || r.Left != sum(free) {
		w.wrong(c, fmt.Sprintf("%v, %d in all, left at a version at which there were %v", r.Sections, r.Left, free))
	}
	if least, why := w.floor(c); r.Version < least {
		w.wrong(c, fmt.Sprintf("older than version %d, which %s", least, why))
	}
	if r.Version > w.ceiling(c) {
		w.wrong(c, fmt.Sprintf("it has version %d, which was asked for later", r.Version))
	}
	return r.Version
}

// floor is the version that a read has to show at least, and why.
func (w *witness) floor(c *call) (version int64, why string) {
	version, why = 1, "there was from the beginning"
	if v := versionAt(w.log, c.After); v > version {
		version, why = v, "was there at the position that it sent"
	}
	for _, e := range w.caused {
		if e.call.Node == c.Node && e.call.Answer.Verdict == acknowledged && e.call.Returned < c.Called && e.last > version {
			version, why = e.last, "this node had acknowledged"
		}
	}
	for _, s := range w.shown[shelfOf(c)] {
		if s.returned < c.Called && s.version > version {
			version, why = s.version, "this node had shown"
		}
	}
	return version, why
}

// ceiling is the version that a read may show at most.
func (w *witness) ceiling(c *call) int64 {
	version := int64(len(w.sums.free))
	for _, e := range w.caused {
		if e.call.Called > c.Returned {
			version = min(version, e.first-1)
		}
	}
	return version
}

// versionAt is the sale's version at a position of the log.
func versionAt(log []record, position int64) int64 {
	version := int64(0)
	for i := range log {
		if log[i].position <= position {
			version = max(version, log[i].version)
		}
	}
	return version
}

func sum(numbers []int) (all int) {
	for _, n := range numbers {
		all += n
	}
	return all
}

// checkLists wants that each list of events shows all of them, and as they were at one position of the log.
func checkLists(reads []*call, events []*event, logs [][]record) (found []finding) {
	for _, c := range reads {
		if c.What != listEvents || c.Answer.Verdict != acknowledged {
			continue
		}
		if c.Answer.Total != len(events) {
			found = append(found, finding{byRead, noEvent, fmt.Sprintf("it counts %d events, and there are %d: %s", c.Answer.Total, len(events), c)})
		}
		from, until := int64(0), int64(math.MaxInt64) // positions
		for i, e := range events {
			for _, r := range c.Answer.Events {
				if v := r.Version; r.ID == e.id && v > 0 && v <= int64(len(logs[i])) {
					from = max(from, logs[i][v-1].position)
					if v < int64(len(logs[i])) {
						until = min(until, logs[i][v].position)
					}
				}
			}
		}
		if from >= until {
			found = append(found, finding{byRead, noEvent, fmt.Sprintf("one event as it was at position %d, and another as before %d: %s", from, until, c)})
		}
	}
	return found
}
