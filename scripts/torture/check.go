package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// sequential is the model for porcupine, beginning with a sale that was just opened.
func sequential(first *state) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return first },
		Step: func(s, in, _ any) (bool, any) {
			return s.(*state).next(in.(*step))
		},
		Equal:             func(a, b any) bool { return a.(*state).equal(b.(*state)) },
		Hash:              func(s any) uint64 { return s.(*state).hash() },
		DescribeOperation: func(in, _ any) string { return in.(*step).String() },
		DescribeState:     func(s any) string { return s.(*state).String() },
	}
}

func operations(steps []*step) []porcupine.Operation {
	all := make([]porcupine.Operation, len(steps))
	for i, s := range steps {
		all[i] = porcupine.Operation{Input: s, Call: int64(s.from), Return: int64(s.until)}
		if s.call != nil {
			all[i].ClientId = s.call.Worker + 1
		}
	}
	return all
}

// linearizable looks for an order of the steps that the model allows, in which each has its moment between from and until.
func linearizable(first *state, steps []*step, limit time.Duration) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(sequential(first), operations(steps), limit)
}

// farthest returns the longest order that porcupine finds for the beginning of the steps, and writes its picture of it all, an HTML page.
func farthest(first *state, steps []*step, picture string) (order []*step, err error) {
	model := sequential(first)
	_, info := porcupine.CheckOperationsVerbose(model, operations(steps), shrinkLimit)
	for _, partial := range info.PartialLinearizationsOperations()[0] {
		if len(partial) > len(order) {
			order = nil
			for _, o := range partial {
				order = append(order, o.Input.(*step))
			}
		}
	}
	return order, porcupine.VisualizePath(model, info, picture)
}

// shrink returns as few of the steps as still cannot be ordered. It only leaves out what cannot be the reason: what came
// after a moment (what was under way then may have happened or not), and refusals, which changed nothing.
func shrink(first *state, steps []*step, limit time.Duration) []*step {
	fails := func(some []*step) bool { return linearizable(first, some, limit) == porcupine.Illegal }
	ends := make([]time.Duration, 0, len(steps))
	for _, s := range steps {
		if s.until != never {
			ends = append(ends, s.until)
		}
	}
	slices.Sort(ends)
	least, most := 0, len(ends)-1
	for least < most {
		middle := (least + most) / 2
		if fails(before(steps, ends[middle])) {
			most = middle
		} else {
			least = middle + 1
		}
	}
	if len(ends) > 0 {
		if cut := before(steps, ends[least]); fails(cut) {
			steps = cut
		}
	}
	for size := len(steps); size >= 1; size /= 2 {
		for at := 0; at < len(steps); {
			until := min(at+size, len(steps))
			without := append(slices.Clone(steps[:at]), slices.DeleteFunc(slices.Clone(steps[at:until]), isRefusal)...)
			without = append(without, steps[until:]...)
			if len(without) < len(steps) && fails(without) {
				steps = without
				continue
			}
			at = until
		}
	}
	return steps
}

// before is the history as it was known at a moment.
func before(steps []*step, moment time.Duration) []*step {
	var some []*step
	for _, s := range steps {
		switch {
		case s.from > moment:
			continue
		case s.until > moment && s.until != never && s.kind == theEnd:
			continue
		case s.until > moment && s.until != never:
			open := *s
			open.until, open.expect = never, answer{Verdict: unknown}
			s = &open
		}
		some = append(some, s)
	}
	return some
}

func isRefusal(s *step) bool { return s.call != nil && s.expect.Verdict == refused }

var kinds = map[stepKind]string{
	startPayment: "begins to pay", settle: "has paid", holdRunsOut: "hold may run out", payRunsOut: "payment may run out", theEnd: "the log in the end",
}

func (s *step) String() string {
	switch {
	case s.final != nil:
		return fmt.Sprintf("%s: version %d, left %v", kinds[s.kind], s.final.version, s.final.free)
	case s.call == nil:
		return fmt.Sprintf("%9.4f-           %s of buyer %d", s.from.Seconds(), kinds[s.kind], s.buyer)
	default:
		text := s.call.asked()
		if kind := kinds[s.kind]; kind != "" {
			text += ", " + kind
		} else if s.kind == takeSeats && s.call.What == book && s.call.paid && s.expect.Verdict != refused {
			text += ", takes the seats"
		}
		text += " → " + s.expect.String()
		if s.version > 0 {
			text += fmt.Sprintf(" (version %d in the log)", s.version)
		}
		return text
	}
}

func (s *state) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version %d, left %v", s.version, s.free)
	for i := range s.buyers {
		if c := s.newest(i); c != nil && c.live() {
			what := map[status]string{held: "holds", paying: "pays for", booked: "has"}[c.status]
			fmt.Fprintf(&b, ", buyer %d %s %d in section %d", i, what, c.qty, c.section)
		}
	}
	return b.String()
}
