package sale

import (
	"fmt"
	"testing"
)

func TestForksOfOneSaleDoNotMeet(t *testing.T) {
	t.Parallel()
	s := lively()
	untouched := view(s)
	left, right := s.Fork(), s.Fork()
	fork := left.Fork()
	for _, e := range []Event{
		confirmed(order("held", id("h"), 5).in(floor), now), expired(order("direct", id("d"), 1), soon), held(order("a", alice, 1), later),
	} {
		fork.Evolve(e)
	}
	for name, other := range map[string]*Sale{"the sale": s, "its fork": left, "its other fork": right} {
		if diff := untouched.diff(view(other)); diff != "" {
			t.Errorf("%s changed (-before +after):\n%s", name, diff)
		}
	}
}

func TestAForkOfASaleThatWasNotOpenedOpensAlone(t *testing.T) {
	t.Parallel()
	s := saleOf()
	fork := s.Fork()
	for _, e := range []Event{opened, held(order("a", alice, 1), later)} {
		fork.Evolve(e)
	}
	if s.Exists() || !fork.Exists() || s.deadlines.tree != nil {
		t.Error("the sale was opened with its fork")
	}
}

// Not parallel: it counts allocations.
func TestAForkCostsTheSameWhateverTheSize(t *testing.T) {
	cost := func(claims int) float64 {
		s := saleOf(openedWith(section(floor, 1_000_000)))
		for i, hold := range newIDs("hold", claims) {
			o := order(fmt.Sprint(i), hold, 1).in(floor)
			s.Evolve(held(o, later))
		}
		return testing.AllocsPerRun(100, func() { s.Fork() })
	}
	if few, many := cost(10), cost(10_000); few != many {
		t.Errorf("%v allocations for 10 claims, %v for 10,000", few, many)
	}
}

// A decision looks at no more holds than it has seats to find, however many are due in other sections or have ended.
func TestOnlyHoldsThatAreDueAreLookedAt(t *testing.T) {
	t.Parallel()
	s := saleOf(openedWith(section(vip, 1000), section(floor, 1000)))
	for i := range 1000 {
		inVIP, onFloor := order(fmt.Sprint("v", i), id(fmt.Sprint("v", i)), 1), order(fmt.Sprint("f", i), id(fmt.Sprint("f", i)), 1).in(floor)
		s.Evolve(held(inVIP, before))
		s.Evolve(held(onFloor, before))
		if i != 500 {
			s.Evolve(confirmed(inVIP, before))
		}
	}
	fork := s.Fork()
	for i := range 100 {
		fork.Evolve(expired(order(fmt.Sprint("f", i), id(fmt.Sprint("f", i)), 1).in(floor), now))
	}
	for name, row := range map[string]struct {
		sale *Sale
		in   map[string]int
	}{
		"the sale": {s, map[string]int{"VIP": 1, "floor": 1000}},
		"its fork": {fork, map[string]int{"VIP": 1, "floor": 900}},
	} {
		for section, want := range row.in {
			got := 0
			for range row.sale.deadlines.until(id(section), now) {
				got++
			}
			if got != want {
				t.Errorf("%s, %s: %d holds are looked at, want %d", name, section, got, want)
			}
		}
	}
}
