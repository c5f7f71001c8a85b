package main

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPercentileIsTheSmallestValueThatSoManyDoNotExceed(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		sorted []int
		p      float64
		want   int
	}{
		{hundred, 0.50, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1},
		{[]int{7}, 0.99, 7}, {[]int{1, 2, 3}, 0.5, 2}, {nil, 0.5, 0},
	} {
		if got := percentile(c.sorted, c.p); got != c.want {
			t.Errorf("percentile %g of %d values: %d, want %d", c.p, len(c.sorted), got, c.want)
		}
	}
}

func TestTheMedianIsInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{9, 1, 5}, 5}, {[]float64{4, 2}, 3}, {[]float64{8}, 8}, {nil, 0}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: %g, want %g", c.values, got, c.want)
		}
	}
}

func rounds(name string, rates ...float64) result {
	r := result{Name: name, Group: "write"}
	for _, rate := range rates {
		r.Rounds = append(r.Rounds, measure{Rate: rate, P99: time.Duration(1e9 / rate)})
	}
	return r
}

// The machine was slow in the second round, for both.
func TestRatiosAreOfTheSameRound(t *testing.T) {
	fast, slow := rounds("fast", 1000, 100, 1200), rounds("slow", 100, 10, 100)
	if got, known := ratio(&fast, &slow, ofRate); got != 10 || !known {
		t.Errorf("%g, %v, want 10", got, known)
	}
	if got, known := ratio(&fast, &slow, ofP99); got < 0.0999 || got > 0.1001 || !known {
		t.Errorf("of p99: %g, %v, want 0.1", got, known)
	}
	none := rounds("none")
	for _, against := range []*result{&none, nil} {
		if got, known := ratio(&fast, against, ofRate); known {
			t.Errorf("against nothing: %g", got)
		}
	}
	if got, known := ratio(&fast, &slow, "something else"); known {
		t.Errorf("of what nobody measured: %g", got)
	}
}

func TestASpreadIsAPartOfTheMedian(t *testing.T) {
	r := result{Rounds: []measure{
		{Rate: 90, P99: 2 * time.Second, Values: map[string]float64{"same": 7, "zero": 0, "once": 3}},
		{Rate: 100, P99: 4 * time.Second, Values: map[string]float64{"same": 7, "zero": 0}},
		{Rate: 130, P99: 5 * time.Second, Values: map[string]float64{"same": 7, "zero": 100}},
	}}
	for of, want := range map[string]float64{ofRate: 0.4, ofP99: 0.75, "same": 0, "zero": math.Inf(1)} {
		if got, known := r.spread(of); got != want || !known {
			t.Errorf("of %s: %g, %v, want %g", of, got, known, want)
		}
	}
	for _, of := range []string{"once", "never"} {
		if got, known := r.spread(of); known {
			t.Errorf("of what was measured %s: %g", of, got)
		}
	}
}

func TestTheMedianOfARowIsValueByValue(t *testing.T) {
	r := result{Rounds: []measure{
		{Rate: 1, P50: 30, P99: 5, Max: 7, Values: map[string]float64{"conflicts": 3}},
		{Rate: 2, P50: 10, P99: 6, Max: 9, Values: map[string]float64{"conflicts": 1}},
		{Rate: 3, P50: 20, P99: 4, Max: 8, Values: map[string]float64{"conflicts": 2}},
	}}
	want := measure{Rate: 2, P50: 20, P99: 5, Max: 8, Values: map[string]float64{"conflicts": 2}}
	if diff := cmp.Diff(want, r.median()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatOneRoundDidNotMeasureHasNoMedian(t *testing.T) {
	r := result{Name: "row", Rounds: []measure{
		{Rate: 1, Values: map[string]float64{"ms": 300, "MB": 5}}, {Rate: 1, Values: map[string]float64{"MB": 5}},
	}}
	if diff := cmp.Diff(map[string]float64{"MB": 5}, r.median().Values); diff != "" {
		t.Error(diff)
	}
	got := judge(&report{Rows: []result{r}}, []target{{row: "row", of: "ms", atMost: true, must: 200, aim: 200}})[0]
	if got.Verdict != notMeasured || got.Number != 0 {
		t.Errorf("%+v", got)
	}
}

func TestARowOfTheSameGroupIsFoundFirst(t *testing.T) {
	r := report{Rows: []result{{Name: "no-op", Group: "write"}, {Name: "no-op", Group: "read"}}}
	for _, group := range []string{"write", "read"} {
		if found := r.find(group, "no-op"); found == nil || found.Group != group {
			t.Errorf("%s: found %v", group, found)
		}
	}
	if found := r.find("live", "no-op"); found == nil {
		t.Error("that of another group was not found")
	}
	if found := r.find("write", "elsewhere"); found != nil {
		t.Errorf("found %v", found)
	}
}

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	r := &report{
		Date: time.Date(2031, 3, 15, 10, 0, 0, 0, time.UTC), Version: "v1", Machine: machine{CPU: "a fast one", Cores: 2},
		Settings: settings{Clients: 256, Cell: time.Second, Rounds: 3, Log: []int{0}},
		Rows:     []result{rounds("row", 1, 2, 3)}, Verdicts: []verdict{{Row: "row", Verdict: met}},
	}
	if err := r.write(file); err != nil {
		t.Fatal(err)
	}
	read, err := readReport(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, read); diff != "" {
		t.Error(diff)
	}
}
