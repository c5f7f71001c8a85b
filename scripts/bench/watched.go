package main

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// A watched is what all viewers have seen together. Times are Unix milliseconds: the counts' own are in the log, by their
// sale's version.
type watched struct {
	Frames int64 `json:"frames"`
	// Arrived tells of each version how many viewers got it when.
	Arrived map[int64]map[int64]int `json:"arrived"`
	// Replaced tells of each version when how many viewers got a newer one: until then it was the newest they knew.
	Replaced map[int64]map[int64]int `json:"replaced"`
}

func newWatched() *watched {
	return &watched{Arrived: make(map[int64]map[int64]int), Replaced: make(map[int64]map[int64]int)}
}

// see takes note of a viewer that gets a version in place of another, 0 for none.
func (w *watched) see(now time.Time, version, shown int64) {
	w.Frames++
	note(w.Arrived, version, now)
	if shown > 0 {
		note(w.Replaced, shown, now)
	}
}

func note(when map[int64]map[int64]int, version int64, now time.Time) {
	times := when[version]
	if times == nil {
		times = make(map[int64]int)
		when[version] = times
	}
	times[now.UnixMilli()]++
}

// tick is how often the viewers are looked at.
const tick = 10 * time.Millisecond

// ages are how old the newest counts were that the viewers knew, at each tick between two times. A count is made when its event is
// recorded; those that made does not tell are left out.
func (w *watched) ages(made map[int64]time.Time, from, to time.Time) countedTimes {
	var all countedTimes
	for version, arrived := range w.Arrived {
		at, known := made[version]
		if !known {
			continue
		}
		came, went := slices.Sorted(maps.Keys(arrived)), slices.Sorted(maps.Keys(w.Replaced[version]))
		knowing := 0
		for now := from; now.Before(to); now = now.Add(tick) {
			for ; len(came) > 0 && came[0] <= now.UnixMilli(); came = came[1:] {
				knowing += arrived[came[0]]
			}
			for ; len(went) > 0 && went[0] <= now.UnixMilli(); went = went[1:] {
				knowing -= w.Replaced[version][went[0]]
			}
			if knowing > 0 {
				all = append(all, countedTime{max(now.Sub(at), 0), knowing})
			}
		}
	}
	slices.SortFunc(all, func(a, b countedTime) int { return cmp.Compare(a.took, b.took) })
	return all
}

// countedTimes are durations in ascending order, and how often there was each.
type countedTimes []countedTime

type countedTime struct {
	took  time.Duration
	times int
}

// quantile is the shortest time that the share q of them does not exceed, 0 if there are none.
func (c countedTimes) quantile(q float64) time.Duration {
	all, below := 0, 0
	for _, t := range c {
		all += t.times
	}
	for _, t := range c {
		if below += t.times; float64(below) >= q*float64(all) {
			return t.took
		}
	}
	return 0
}
