package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWhatAClockMayHaveShown(t *testing.T) {
	t.Parallel()
	// On time, then 5 s ahead from somewhere between 10 and 11 s, then on time again from 20 or 21 s.
	clock := offsets{{}, {10 * time.Second, 11 * time.Second, 5 * time.Second}, {20 * time.Second, 21 * time.Second, 0}}
	for name, row := range map[string]struct{ from, to, low, high int }{
		"before":           {1, 2, 1, 2},
		"while it changes": {10, 10, 10, 15},
		"around a change":  {9, 12, 9, 17},
		"after":            {12, 13, 17, 18},
		"around all":       {9, 22, 9, 26},
		"on time again":    {30, 31, 30, 31},
	} {
		low, high := clock.during(time.Duration(row.from)*time.Second, time.Duration(row.to)*time.Second)
		if low != time.Duration(row.low)*time.Second-slack || high != time.Duration(row.high)*time.Second+slack {
			t.Errorf("%s: %v to %v", name, low, high)
		}
	}
	for at, want := range map[int]int{5: 5, 12: 10, 15: 10, 18: 13, 25: 20, 27: 27} {
		if got := firstToReach([]offsets{{{}}, clock}, time.Duration(at)*time.Second); got != max(0, time.Duration(want)*time.Second-slackUnless(want == 10)) {
			t.Errorf("%d s is reached at %v, want %d s", at, got, want)
		}
	}
}

func slackUnless(exact bool) time.Duration {
	if exact {
		return 0
	}
	return slack
}

func TestASkewIsWrittenForTheNodeAndRemembered(t *testing.T) {
	t.Parallel()
	began := time.Now()
	s, err := newSkew(filepath.Join(t.TempDir(), "offset"), func() time.Duration { return time.Since(began) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.set(-1500 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.path)
	if d, bad := time.ParseDuration(string(text)); err != nil || bad != nil || d != -1500*time.Millisecond {
		t.Errorf("%q, %v", text, err)
	}
	history := s.history()
	if len(history) != 2 || history[0].offset != 0 || history[1].offset != -1500*time.Millisecond || history[1].earliest > history[1].latest {
		t.Errorf("%+v", history)
	}
}
