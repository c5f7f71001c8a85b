package eventstore_test

import (
	"slices"
	"testing"

	"onsale/eventstore"
)

func TestPage(t *testing.T) {
	t.Parallel()
	page := eventstore.Page{After: 10, Events: []eventstore.RecordedEvent{{Position: 11}, {Position: 12}, {Position: 13}}}
	if got := page.Through(); got != 13 {
		t.Errorf("through %d; want 13", got)
	}
	if got := (eventstore.Page{After: 10}).Through(); got != 10 {
		t.Errorf("an empty page is through %d; want 10", got)
	}
	for name, test := range map[string]struct {
		beyond, after int64
		positions     []int64
	}{
		"what is before it takes nothing away":     {4, 10, []int64{11, 12, 13}},
		"nor does where it begins":                 {10, 10, []int64{11, 12, 13}},
		"its first event is taken away":            {11, 11, []int64{12, 13}},
		"its end leaves an empty page there":       {13, 13, nil},
		"beyond its end it is empty at its end":    {14, 13, nil},
		"and so it is, however far beyond its end": {1 << 40, 13, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := page.Beyond(test.beyond)
			var positions []int64
			for _, e := range got.Events {
				positions = append(positions, e.Position)
			}
			if got.After != test.after || !slices.Equal(positions, test.positions) {
				t.Errorf("after %d: %v; want after %d: %v", got.After, positions, test.after, test.positions)
			}
		})
	}
}
