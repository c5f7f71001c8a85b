package eventstoretest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/eventstore"
)

// conflicts appends to five streams, some of which are elsewhere.
func conflicts(t *testing.T, log Log) {
	for name, test := range map[string]struct {
		elsewhere map[int]int64 // what is expected of the streams that are not where they are expected; all are at 2
	}{
		"none":                   {nil},
		"the first":              {map[int]int64{0: 1}},
		"one in the middle":      {map[int]int64{2: 1}},
		"the last":               {map[int]int64{4: 1}},
		"all but one":            {map[int]int64{0: 1, 1: 0, 3: 3, 4: 100}},
		"all":                    {map[int]int64{0: 1, 1: 0, 2: 1, 3: 3, 4: 100}},
		"by an event too much":   {map[int]int64{1: 3}},
		"by far too much":        {map[int]int64{1: 1 << 50}},
		"by less than nothing":   {map[int]int64{1: -1}},
		"two side by side":       {map[int]int64{1: 0, 2: 0}},
		"the first and the last": {map[int]int64{0: 0, 4: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			streams := make([]eventstore.StreamAppend, 5)
			for i := range streams {
				streams[i] = NewAppend(uuid.New(), 0, 2)
			}
			mustAppend(t, log, streams...)
			head, err := log.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}

			var want eventstore.Appended
			for i, s := range streams {
				streams[i] = NewAppend(s.Stream, 2, i%3+1)
				if expected, ok := test.elsewhere[i]; ok {
					streams[i].Expected = expected
					want.Conflicts = append(want.Conflicts, eventstore.Conflict{Stream: s.Stream, Version: 2})
					continue
				}
				for j, e := range streams[i].Events {
					want.Recorded = append(want.Recorded, eventstore.RecordedEvent{
						Position: head + int64(len(want.Recorded)) + 1, Stream: s.Stream, Version: int64(3 + j), EventData: e,
					})
				}
			}
			got, err := log.Append(t.Context(), streams)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want.Recorded {
				want.Recorded[i].RecordedAt = got.Recorded[0].RecordedAt
			}
			same(t, "appended", got, want)
			page, err := log.ReadAfter(t.Context(), head, 100)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the log", page.Events, want.Recorded)
		})
	}
}

func checked(t *testing.T, log Log) {
	at2, unknown := uuid.New(), uuid.New()
	last := mustAppend(t, log, NewAppend(at2, 0, 2))[1].Metadata.CommandID
	check := func(stream uuid.UUID, expected int64) eventstore.StreamAppend {
		return eventstore.StreamAppend{Stream: stream, Expected: expected}
	}
	for name, test := range map[string]struct {
		checks []eventstore.StreamAppend
		want   []eventstore.Conflict
	}{
		"none":                           {nil, nil},
		"where it is":                    {[]eventstore.StreamAppend{check(at2, 2)}, nil},
		"unknown, as expected":           {[]eventstore.StreamAppend{check(unknown, 0)}, nil},
		"behind":                         {[]eventstore.StreamAppend{check(at2, 3)}, []eventstore.Conflict{{Stream: at2, Version: 2}}},
		"ahead":                          {[]eventstore.StreamAppend{check(at2, 1)}, []eventstore.Conflict{{Stream: at2, Version: 2}}},
		"unknown, though expected":       {[]eventstore.StreamAppend{check(unknown, 1)}, []eventstore.Conflict{{Stream: unknown}}},
		"where it is, after the command": {[]eventstore.StreamAppend{{Stream: at2, Expected: 2, Last: last}}, nil},
		"where it is, after another":     {[]eventstore.StreamAppend{{Stream: at2, Expected: 2, Last: uuid.New()}}, []eventstore.Conflict{{Stream: at2, Version: 2}}},
		"several, and only one differs":  {[]eventstore.StreamAppend{check(unknown, 0), check(at2, 0)}, []eventstore.Conflict{{Stream: at2, Version: 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := log.Append(t.Context(), test.checks)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "alone", got, eventstore.Appended{Conflicts: test.want})

			beside := append([]eventstore.StreamAppend{NewAppend(uuid.New(), 0, 1)}, test.checks...)
			beside = append(beside, NewAppend(uuid.New(), 0, 1))
			got, err = log.Append(t.Context(), beside)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "beside others", got.Conflicts, test.want)
			if len(got.Recorded) != 2 {
				t.Errorf("beside others %d events were appended; want 2", len(got.Recorded))
			}
		})
	}
}

// mereCheck checks while an append is under way that others must wait for.
func mereCheck(t *testing.T, log Log) {
	stream := uuid.New()
	before := mustAppend(t, log, NewAppend(stream, 0, 1))
	err := log.Undo(t.Context(), []eventstore.StreamAppend{NewAppend(stream, 1, 1)}, func() {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		got, err := log.Append(ctx, []eventstore.StreamAppend{{Stream: stream, Expected: 1}, {Stream: uuid.New()}})
		if err != nil {
			t.Error(err)
		}
		same(t, "checked", got, eventstore.Appended{})
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the log", mustRead(t, log), before)
}
