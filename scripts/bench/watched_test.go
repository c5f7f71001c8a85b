package main

import (
	"testing"
	"time"
)

func TestACountIsAsOldAsWhatWasRecordedIsWhenANewerOneComes(t *testing.T) {
	t0 := time.UnixMilli(1_000_000)
	after := func(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }
	seen := newWatched()
	seen.see(after(20), 5, 0)  // the first that a viewer sees replaces nothing
	seen.see(after(120), 9, 5) // 5 was made at 10: it is 110 old
	seen.see(after(130), 9, 5) // another viewer: 120
	seen.see(after(300), 14, 9)
	if seen.Frames != 4 {
		t.Errorf("%d frames", seen.Frames)
	}
	made := map[int64]time.Time{5: after(10), 9: after(100), 14: after(290)}
	old := ages(seen.Replaced, made, t0)
	for q, want := range map[float64]int64{0.1: 110, 0.34: 120, 0.66: 120, 0.67: 200, 1: 200} {
		if got := old.quantile(q).Milliseconds(); got != want {
			t.Errorf("quantile %v: %d ms, want %d ms", q, got, want)
		}
	}
	if got := ages(seen.Replaced, made, after(50)); len(got) != 1 || got[0].took != 200*time.Millisecond {
		t.Errorf("of those made later: %v", got)
	}
	if got := ages(seen.Arrived, made, t0).quantile(0); got != 10*time.Millisecond {
		t.Errorf("the youngest that arrived was %v", got)
	}
	if got := (countedTimes)(nil).quantile(0.5); got != 0 {
		t.Errorf("of none: %v", got)
	}
}

func TestBookingsAreNotTakenForViewers(t *testing.T) {
	before := footprint{bytes: 1000}
	left := footprint{bytes: 5000, bookings: 400} // 10 bytes a booking
	middle := footprint{bytes: 1000 + 100*10 + 7000, bookings: 100}
	if got := middle.beyond(before, left); got != 7000 {
		t.Errorf("%v bytes, want 7000", got)
	}
	if got := (footprint{bytes: 1500}).beyond(before, before); got != 500 {
		t.Errorf("without any bookings: %v bytes, want 500", got)
	}
}

func TestTheSlowestOfTheReadTablesCounts(t *testing.T) {
	metrics := map[string]float64{`lag{projection="a"}`: 2, `lag{projection="b"}`: 5, `lagging{projection="c"}`: 9}
	if got := largest(metrics, "lag"); got != 5 {
		t.Errorf("%v, want 5", got)
	}
}
