package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// A row is one line of the table.
type row struct {
	name, group string // group: the rows that are interleaved with each other
	against     string // its baseline, such as plain SQL for the same: the row that it is compared with; empty: none
	quick       bool   // part of --quick
	run         func(ctx context.Context, l *lab) (measure, error)
}

// measure is what one cell gave: one row in one round. What is zero was not measured, and is not shown.
type measure struct {
	Rate   float64            `json:"rate,omitempty"` // per second
	P50    time.Duration      `json:"p50,omitempty"`  // these three in nanoseconds
	P99    time.Duration      `json:"p99,omitempty"`
	Max    time.Duration      `json:"max,omitempty"`
	Values map[string]float64 `json:"values,omitempty"` // by name with unit, such as "drain ms"
}

// Of a measure, what targets and ratios look at; any other name is one of Values.
const (
	ofRate = "rate"
	ofP99  = "p99"
)

// value returns what the measure has under a name; durations are in seconds.
func (m measure) value(of string) (float64, bool) {
	v, known := 0.0, false
	switch of {
	case ofRate:
		v = m.Rate
	case ofP99:
		v = m.P99.Seconds()
	default:
		v, known = m.Values[of]
	}
	return v, known || v != 0
}

// tell puts a value among the others if it is known. What is not must not be taken for zero.
func (m measure) tell(name string, value float64, known bool) {
	if known {
		m.Values[name] = value
	}
}

// result is a row with what every round gave. A row that failed has an error, and the rounds before it.
type result struct {
	Name    string    `json:"name"`
	Group   string    `json:"group"`
	Against string    `json:"against,omitempty"`
	Rounds  []measure `json:"rounds"`
	Error   string    `json:"error,omitempty"`
}

// report is all that a run gave; --json writes it, and the plots are made from it.
type report struct {
	Date     time.Time `json:"date"`
	Version  string    `json:"version"` // of the program: a tag or a commit, "+changes" where it had some
	Machine  machine   `json:"machine"`
	Settings settings  `json:"settings"`
	Rows     []result  `json:"rows"`
	Verdicts []verdict `json:"verdicts"`
}

// find returns the row of this name, or nil: the one of the given group where there are several.
func (r *report) find(group, name string) *result {
	var found *result
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Name == name && (found == nil || row.Group == group) {
			found = row
		}
	}
	return found
}

// median is what the rounds gave, value by value, in their middle. What one of them did not measure is not in it.
func (r *result) median() measure {
	of := func(get func(measure) float64) float64 {
		var values []float64
		for _, m := range r.Rounds {
			values = append(values, get(m))
		}
		return median(values)
	}
	middle := measure{
		Rate: of(func(m measure) float64 { return m.Rate }),
		P50:  time.Duration(of(func(m measure) float64 { return float64(m.P50) })),
		P99:  time.Duration(of(func(m measure) float64 { return float64(m.P99) })),
		Max:  time.Duration(of(func(m measure) float64 { return float64(m.Max) })),
	}
	if len(r.Rounds) == 0 {
		return middle
	}
	for name := range r.Rounds[0].Values {
		if !slices.ContainsFunc(r.Rounds, func(m measure) bool { _, measured := m.Values[name]; return !measured }) {
			if middle.Values == nil {
				middle.Values = make(map[string]float64)
			}
			middle.Values[name] = of(func(m measure) float64 { return m.Values[name] })
		}
	}
	return middle
}

// ratio is the median of the rounds' ratios of one value of a row to that of another in the same round; false when they have
// no round in common.
func ratio(row, against *result, of string) (float64, bool) {
	if row == nil || against == nil {
		return 0, false
	}
	var ratios []float64
	for i := range min(len(row.Rounds), len(against.Rounds)) {
		a, there := row.Rounds[i].value(of)
		b, there2 := against.Rounds[i].value(of)
		if there && there2 && b != 0 {
			ratios = append(ratios, a/b)
		}
	}
	return median(ratios), len(ratios) > 0
}

// noisyFrom is beyond which spread a row is said to be noisy.
const noisyFrom = 0.25

// spread is how far the rounds lie apart in one value, as a part of their median: 0.1 is a tenth, and infinity that of a median of
// zero. False: fewer than two rounds measured it.
func (r *result) spread(of string) (float64, bool) {
	var all []float64
	for _, m := range r.Rounds {
		if v, measured := m.value(of); measured {
			all = append(all, v)
		}
	}
	if len(all) < 2 {
		return 0, false
	}
	if apart := slices.Max(all) - slices.Min(all); apart > 0 {
		return apart / median(all), true
	}
	return 0, true
}

// noisy tells whether the rounds lie too far apart in one value to say much.
func (r *result) noisy(of string) bool {
	apart, known := r.spread(of)
	return known && apart > noisyFrom
}

// median of none is 0; of an even number, the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile is the smallest of the sorted values that at least the part p of them do not exceed; 0 of none.
func percentile[T cmp.Ordered](sorted []T, p float64) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	rank := int(math.Ceil(p * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func (r *report) write(file string) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func (r *report) text() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return nil, fmt.Errorf("the report: %w", err)
	}
	return append(text, '\n'), nil
}

func readReport(file string) (*report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return &r, nil
}
