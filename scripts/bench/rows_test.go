package main

import (
	"path/filepath"
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
	file := filepath.Join(t.TempDir(), "report.json")
	only := "^GET .*(events|bookings), in a storm|^1,000 viewers|two nodes|read tables behind|events in the log$"
	cmd, stdout, stderr := bench(t, "--cell", "300ms", "--rounds", "1", "--clients", "16", "--log", "1000", "--only", only, "--json", file)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	r, err := readReport(file)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string][]string{
		rowEventsStorm:                   {"bookings/s"},
		"GET /bookings, in a storm":      {"bookings/s"},
		"1,000 viewers of a hot sale":    {ofNewestCount, ofViewerMemory, "frames/viewer/s"},
		rowTwoNodes:                      {"smaller share %"},
		"read tables behind a hot event": {"drain ms"},
		sizeRowName(1000):                {},
	}
	for name, values := range wanted {
		row := r.find("", name)
		if row == nil || len(row.Rounds) != 1 || row.Rounds[0].Rate <= 0 {
			t.Errorf("%s: %+v", name, row)
			continue
		}
		for _, value := range values {
			// In so short a cell of a busy machine no booking of a storm, and no count on its way to viewers, may come to its end.
			if v, told := row.Rounds[0].Values[value]; !told || v <= 0 && value != "bookings/s" && value != ofNewestCount {
				t.Errorf("%s: %s is %v\n%s", name, value, v, stdout)
			}
		}
	}
	if !strings.Contains(stdout.String(), ofViewerMemory) {
		t.Errorf("no memory in\n%s", stdout)
	}
}
