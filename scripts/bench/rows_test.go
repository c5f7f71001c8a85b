package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestARowIsThereOnceInItsGroup(t *testing.T) {
	names := make(map[[2]string]bool)
	for _, r := range allRows(settings{Log: []int{0, 10, 1_000_000, 5_000_000}}) {
		if key := [2]string{r.group, r.name}; names[key] || r.group == "" || r.name == "" || r.run == nil {
			t.Errorf("%q of %q is there twice, or is none", r.name, r.group)
		} else {
			names[key] = true
		}
	}
}

func TestReadingWatchingAndTheLogAreMeasuredOnTheRealPrograms(t *testing.T) {
	t.Parallel()
	_, said := ran(t, func(r *report) (err error) {
		for name, values := range map[string][]string{
			rowEventsStorm:                   {"bookings/s"},
			"GET /bookings, in a storm":      {"bookings/s"},
			"1,000 viewers of a hot sale":    {ofNewestCount, ofViewerMemory, "frames/viewer/s"},
			rowTwoNodes:                      {"smaller share %"},
			"read tables behind a hot event": {"drain ms"},
			sizeRowName(1000):                {},
		} {
			cell, missing := r.cellOf("", name)
			err = errors.Join(err, missing, cell.without(values...))
		}
		return err
	}, "--clients", "16", "--log", "1000", "--only",
		"^GET .*(events|bookings), in a storm|^1,000 viewers|two nodes|read tables behind|events in the log$")
	if !strings.Contains(said, ofViewerMemory) {
		t.Errorf("no memory in\n%s", said)
	}
}

// without names the values that were not measured, or are nothing.
func (m measure) without(names ...string) (err error) {
	for _, name := range names {
		if m.Values[name] <= 0 {
			err = errors.Join(err, fmt.Errorf("no %s in %+v", name, m))
		}
	}
	return err
}
