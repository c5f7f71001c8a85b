package main

import (
	"testing"
	"time"
)

func TestACountIsAsOldAsTheNewestThatTheViewerKnows(t *testing.T) {
	t0 := time.UnixMilli(1_000_000)
	after := func(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }
	seen := newWatched()
	seen.see(after(20), 5, 0) // two viewers
	seen.see(after(20), 5, 0)
	seen.see(after(40), 9, 5)
	seen.see(after(60), 9, 5)
	seen.see(after(60), 14, 9)
	if seen.Frames != 5 {
		t.Errorf("%d frames", seen.Frames)
	}
	made := map[int64]time.Time{5: after(10), 9: after(30), 14: after(40)}
	// At 20: 10, 10. At 30: 20, 20. At 40: 10, 30. At 50: 20, 40. At 60: 20, 30.
	old := seen.ages(made, after(10), after(70))
	for q, want := range map[float64]int64{0.3: 10, 0.31: 20, 0.7: 20, 0.71: 30, 0.9: 30, 1: 40} {
		if got := old.quantile(q).Milliseconds(); got != want {
			t.Errorf("quantile %v: %d ms, want %d ms", q, got, want)
		}
	}
	if got := seen.ages(made, after(50), after(60)); len(got) != 2 || got.quantile(1) != 40*time.Millisecond {
		t.Errorf("at 50 alone: %v", got)
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
