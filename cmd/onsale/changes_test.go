package main

import (
	"testing"

	"github.com/google/uuid"

	"onsale/projections"
)

func TestWhatIsKnownOfChangedListings(t *testing.T) {
	t.Parallel()
	hot, quiet := uuid.New(), uuid.New()
	run := func(after, through int64) projections.Applied {
		return projections.Applied{Projection: "listings", After: after, Through: through, Streams: []uuid.UUID{hot}}
	}
	for name, row := range map[string]struct {
		runs      []projections.Applied
		event     uuid.UUID
		then, now int64
		want      bool
	}{
		"nothing yet": {nil, quiet, 10, 20, false},
		"an event that is in no run is as it was":     {[]projections.Applied{run(10, 15), run(15, 20)}, quiet, 10, 20, true},
		"one that is in a run is not":                 {[]projections.Applied{run(10, 15), run(15, 20)}, hot, 10, 20, false},
		"it is as it was since its last run":          {[]projections.Applied{run(10, 15)}, hot, 15, 15, true},
		"what was before the first run is not known":  {[]projections.Applied{run(10, 15)}, quiet, 9, 15, false},
		"what is beyond the last run is not known":    {[]projections.Applied{run(10, 15)}, quiet, 10, 16, false},
		"another node's run in between is not known":  {[]projections.Applied{run(10, 15), run(17, 20)}, quiet, 10, 20, false},
		"but what comes after it is":                  {[]projections.Applied{run(10, 15), run(17, 20)}, quiet, 17, 20, true},
		"a log that went back begins anew":            {[]projections.Applied{run(10, 15), run(12, 14)}, quiet, 11, 14, false},
		"where the log was once says nothing":         {[]projections.Applied{run(10, 15), run(15, 20)}, quiet, 10, 15, false},
		"what is older than what was kept is unknown": {[]projections.Applied{run(10, 15)}, quiet, 15, 14, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c changes
			for _, r := range row.runs {
				c.note(r)
			}
			if got := c.unchanged(row.event, row.then, row.now); got != row.want {
				t.Errorf("got %v", got)
			}
		})
	}
	t.Run("of very many it begins anew", func(t *testing.T) {
		t.Parallel()
		var c changes
		for at := range int64(3 * maxChanges) {
			c.note(projections.Applied{After: at, Through: at + 1, Streams: []uuid.UUID{uuid.New()}})
			if len(c.last) > maxChanges+1 {
				t.Fatalf("%d are remembered", len(c.last))
			}
		}
		if c.unchanged(quiet, 0, 3*maxChanges) {
			t.Error("it knows of what it has forgotten")
		}
	})
}
