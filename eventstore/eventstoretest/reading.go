package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onsale/eventstore"
)

func load(t *testing.T, log Log) {
	stream, other := uuid.New(), uuid.New()
	told := mustAppend(t, log, NewAppend(stream, 0, 2), NewAppend(other, 0, 1))
	told = slices.Concat(told[:2], mustAppend(t, log, NewAppend(stream, 2, 2)))
	for name, test := range map[string]struct {
		stream uuid.UUID
		after  int64
		want   []eventstore.RecordedEvent
	}{
		"all of it":                  {stream, 0, told},
		"what follows its middle":    {stream, 2, told[2:]},
		"what follows its end":       {stream, 4, nil},
		"what follows beyond it":     {stream, 40, nil},
		"a stream that is not there": {uuid.New(), 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, "loaded", mustLoad(t, log, test.stream, test.after), test.want)
		})
	}
	t.Run("an error is yielded once, and ends it", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var yielded []error
		for e, err := range log.Load(ctx, stream, 0) {
			same(t, "event", e, eventstore.RecordedEvent{})
			yielded = append(yielded, err)
		}
		if len(yielded) != 1 || !errors.Is(yielded[0], context.Canceled) {
			t.Errorf("yielded %v", yielded)
		}
	})
}

// loadLeft leaves more loops than a store has connections.
func loadLeft(t *testing.T, log Log) {
	stream := uuid.New()
	mustAppend(t, log, NewAppend(stream, 0, 100))
	for range 40 {
		for _, err := range log.Load(t.Context(), stream, 0) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if n := len(mustLoad(t, log, stream, 0)); n != 100 {
		t.Errorf("%d events; want 100", n)
	}
}

func readAfter(t *testing.T, log Log) {
	told := mustAppend(t, log, NewAppend(uuid.New(), 0, 3), NewAppend(uuid.New(), 0, 2))
	for _, test := range []struct {
		position int64
		limit    int
		want     []eventstore.RecordedEvent
	}{
		{0, 100, told},
		{0, 5, told},
		{0, 4, told[:4]},
		{0, 1, told[:1]},
		{0, 0, nil},
		{2, 2, told[2:4]},
		{4, 100, told[4:]},
		{5, 100, nil},
		{1 << 40, 100, nil},
	} {
		t.Run(fmt.Sprintf("%d up to %d", test.position, test.limit), func(t *testing.T) {
			got, err := log.ReadAfter(t.Context(), test.position, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "page", got, eventstore.Page{After: test.position, Events: test.want})
			if want := test.position + int64(len(test.want)); got.Through() != want {
				t.Errorf("through %d; want %d", got.Through(), want)
			}
		})
	}
}

func byCommand(t *testing.T, log Log) {
	pair := NewAppend(uuid.New(), 0, 2)
	pair.Events[1].Metadata.CommandID = pair.Events[0].Metadata.CommandID
	told := mustAppend(t, log, NewAppend(uuid.New(), 0, 2), pair)
	command := func(i int) uuid.UUID { return told[i].Metadata.CommandID }
	for name, test := range map[string]struct {
		commands []uuid.UUID
		want     []eventstore.RecordedEvent
	}{
		"none":                     {nil, nil},
		"one that is not there":    {[]uuid.UUID{uuid.New()}, nil},
		"one of one event":         {[]uuid.UUID{command(1)}, told[1:2]},
		"one of two events":        {[]uuid.UUID{command(2)}, told[2:]},
		"several, named backwards": {[]uuid.UUID{command(2), uuid.New(), command(0)}, slices.Concat(told[:1], told[2:])},
		"one that is named twice":  {[]uuid.UUID{command(0), command(0)}, told[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := log.ByCommand(t.Context(), test.commands...)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "found", got, test.want)
		})
	}
}

func snapshots(t *testing.T, log Log) {
	var b strings.Builder
	for i := range 100_000 {
		b.WriteString(strconv.Itoa(i))
	}
	large := b.String()
	at := func(schema int16, version int64, state string) eventstore.Snapshot {
		return eventstore.Snapshot{Version: version, Position: version * 10, Schema: schema, State: []byte(state)}
	}
	ghost := func(version int64) eventstore.Snapshot {
		s := at(1, version, "of another log")
		s.Last = uuid.New()
		return s
	}
	for name, test := range map[string]struct {
		saved []eventstore.Snapshot // of a stream of 6 events; Last is filled in
		want  int                   // the index of the one that is kept
	}{
		"the only one":             {[]eventstore.Snapshot{at(1, 5, "a\x00\xff")}, 0},
		"an empty one":             {[]eventstore.Snapshot{at(1, 5, "")}, 0},
		"one of 128 kB":            {[]eventstore.Snapshot{at(1, 5, large[:1<<17])}, 0},
		"one of a byte more":       {[]eventstore.Snapshot{at(1, 5, large[:1<<17+1])}, 0},
		"a large one":              {[]eventstore.Snapshot{at(1, 5, large)}, 0},
		"a newer one":              {[]eventstore.Snapshot{at(1, 5, "a"), at(1, 6, "b")}, 1},
		"an older one is not kept": {[]eventstore.Snapshot{at(1, 5, "a"), at(1, 4, "b")}, 0},
		"another of the same version is not kept": {[]eventstore.Snapshot{at(1, 5, "a"), at(1, 5, "b")}, 0},
		"a later schema, though of less":          {[]eventstore.Snapshot{at(1, 5, "a"), at(2, 4, "b")}, 1},
		"an earlier schema is not kept":           {[]eventstore.Snapshot{at(2, 5, "a"), at(1, 6, "b")}, 0},
		"an older one than one of another log":    {[]eventstore.Snapshot{ghost(6), at(1, 4, "b")}, 1},
		"an older one than one that is ahead":     {[]eventstore.Snapshot{ghost(7), at(1, 4, "b")}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stream := uuid.New()
			events := mustAppend(t, log, NewAppend(stream, 0, 6))
			for i := range test.saved {
				test.saved[i].Stream = stream
				if test.saved[i].Last == uuid.Nil {
					test.saved[i].Last = events[test.saved[i].Version-1].Metadata.CommandID
				}
				if err := log.SaveSnapshot(t.Context(), test.saved[i]); err != nil {
					t.Fatal(err)
				}
			}
			got, ok, err := log.LoadSnapshot(t.Context(), stream)
			if err != nil || !ok {
				t.Fatalf("no snapshot, %v", err)
			}
			same(t, "snapshot", got, test.saved[test.want])
		})
	}
	if got, ok, err := log.LoadSnapshot(t.Context(), uuid.New()); ok || err != nil {
		t.Errorf("a stream without a snapshot has %v, %v", got, err)
	}
}
