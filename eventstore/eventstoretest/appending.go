package eventstoretest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onsale/eventstore"
)

func contiguous(t *testing.T, log Log) {
	a, b := uuid.New(), uuid.New()
	mustAppend(t, log, NewAppend(a, 0, 2))
	mustAppend(t, log, NewAppend(b, 0, 1), NewAppend(a, 2, 3))
	mustAppend(t, log, NewAppend(b, 1, 1))

	var positions []int64
	versions := make(map[uuid.UUID][]int64)
	for _, e := range mustRead(t, log) {
		positions = append(positions, e.Position)
		versions[e.Stream] = append(versions[e.Stream], e.Version)
	}
	same(t, "positions", positions, []int64{1, 2, 3, 4, 5, 6, 7})
	same(t, "versions", versions, map[uuid.UUID][]int64{a: {1, 2, 3, 4, 5}, b: {1, 2}})
	head, err := log.Head(t.Context())
	if err != nil || head != 7 {
		t.Errorf("head %d, %v; want 7", head, err)
	}
}

func asTold(t *testing.T, log Log) {
	stream := uuid.New()
	bare := eventstore.EventData{
		Type: "b", Schema: 32767, Data: json.RawMessage(`null`),
		Metadata: eventstore.Metadata{CommandID: uuid.Must(uuid.NewV7())},
	}
	full := NewEvent()
	full.Data = json.RawMessage(`{"z": [1, 1.50, 9007199254740993, true, null, "", {}],` +
		` "a": "Zoë 🎟 \u2028 \"\\ ' 漢字 e\u0301", "deep": {"deep": [[[[]]]]}}`)
	full.Metadata.CorrelationID = "Zoë 🎟 \"\\ '"
	given := []eventstore.EventData{bare, full, NewEvent()}

	told := mustAppend(t, log, eventstore.StreamAppend{Stream: stream, Events: given})
	for i, e := range told {
		same(t, "what was told", e, eventstore.RecordedEvent{
			Position: int64(i + 1), Stream: stream, Version: int64(i + 1), RecordedAt: told[0].RecordedAt, EventData: given[i],
		})
	}
	if told[0].RecordedAt.IsZero() {
		t.Error("no time of recording")
	}
	same(t, "read", mustRead(t, log), told)
	same(t, "loaded", mustLoad(t, log, stream, 0), told)
	found, err := log.ByCommand(t.Context(), full.Metadata.CommandID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "found by command", found, told[1:2])
}

func recordedOnce(t *testing.T, log Log) {
	stream := uuid.New()
	first := NewAppend(stream, 0, 3)
	first.Events[1].Metadata.CommandID = first.Events[0].Metadata.CommandID // two events of one command
	before := mustAppend(t, log, first)

	again := func(stream uuid.UUID, expected int64, command uuid.UUID) eventstore.StreamAppend {
		a := NewAppend(stream, expected, 2)
		a.Events[1].Metadata.CommandID = command
		return a
	}
	split := NewAppend(uuid.New(), 0, 3)
	split.Events[2].Metadata.CommandID = split.Events[0].Metadata.CommandID
	for name, appends := range map[string][]eventstore.StreamAppend{
		"in its stream":                      {again(stream, 3, first.Events[0].Metadata.CommandID)},
		"in another stream":                  {again(uuid.New(), 0, first.Events[2].Metadata.CommandID)},
		"beside others":                      {NewAppend(uuid.New(), 0, 1), again(stream, 3, first.Events[2].Metadata.CommandID)},
		"in two streams of one append":       {first2(split), first2(split)},
		"around another command's own event": {split},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := log.Append(t.Context(), appends)
			if !errors.Is(err, eventstore.ErrDuplicateCommand) || errors.Is(err, eventstore.ErrUnknownOutcome) {
				t.Errorf("%v; want %v", err, eventstore.ErrDuplicateCommand)
			}
			same(t, "the log", mustRead(t, log), before)
		})
	}
	t.Run("where its stream has moved on it is a conflict", func(t *testing.T) {
		appended, err := log.Append(t.Context(), []eventstore.StreamAppend{first})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "appended", appended, eventstore.Appended{Conflicts: []eventstore.Conflict{{Stream: stream, Version: 3}}})
	})
}

// first2 is the append's first two events, to another stream.
func first2(a eventstore.StreamAppend) eventstore.StreamAppend {
	return eventstore.StreamAppend{Stream: uuid.New(), Events: a.Events[:2]}
}

func rejected(t *testing.T, log Log) {
	for name, spoil := range map[string]func(e *eventstore.EventData){
		"data that are not JSON":      func(e *eventstore.EventData) { e.Data = json.RawMessage(`{"open": `) },
		"no data":                     func(e *eventstore.EventData) { e.Data = nil },
		"the character U+0000":        func(e *eventstore.EventData) { e.Data = json.RawMessage(`{"title": "a\u0000b"}`) },
		"half a character":            func(e *eventstore.EventData) { e.Data = json.RawMessage(`{"title": "\ud83c"}`) },
		"a type with U+0000":          func(e *eventstore.EventData) { e.Type = "a\x00b" },
		"a type that is not UTF-8":    func(e *eventstore.EventData) { e.Type = "a\xffb" },
		"data that are not UTF-8":     func(e *eventstore.EventData) { e.Data = json.RawMessage("\"\xff\"") },
		"U+0000 in the correlation":   func(e *eventstore.EventData) { e.Metadata.CorrelationID = "a\x00b" },
		"a number beyond all numbers": func(e *eventstore.EventData) { e.Data = json.RawMessage(`1e999999`) },
	} {
		t.Run(name, func(t *testing.T) {
			a := NewAppend(uuid.New(), 0, 2)
			spoil(&a.Events[1])
			_, err := log.Append(t.Context(), []eventstore.StreamAppend{NewAppend(uuid.New(), 0, 1), a})
			if !errors.Is(err, eventstore.ErrRejected) || errors.Is(err, eventstore.ErrUnknownOutcome) {
				t.Errorf("%v; want %v", err, eventstore.ErrRejected)
			}
			same(t, "the log", mustRead(t, log), []eventstore.RecordedEvent(nil))
		})
	}
	mustAppend(t, log, NewAppend(uuid.New(), 0, 1))
}

func undone(t *testing.T, log Log) {
	stream := uuid.New()
	before := mustAppend(t, log, NewAppend(stream, 0, 1))
	next := NewAppend(stream, 1, 2)
	err := log.Undo(t.Context(), []eventstore.StreamAppend{next, NewAppend(uuid.New(), 0, 1)}, func() {
		same(t, "the log meanwhile", mustRead(t, log), before)
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the log", mustRead(t, log), before)
	again := mustAppend(t, log, next)
	same(t, "the log after its second append", mustRead(t, log), append(before, again...))
}

func manyStreams(t *testing.T, log Log) {
	appends := make([]eventstore.StreamAppend, 1000)
	for i := range appends {
		appends[i] = NewAppend(uuid.New(), 0, 2)
	}
	told := mustAppend(t, log, appends...)
	if len(told) != 2000 {
		t.Fatalf("%d events; want 2000", len(told))
	}
	for i := range appends {
		appends[i].Expected = int64(i%2) * 2 // every other one conflicts
		appends[i].Events = NewAppend(uuid.Nil, 0, 1).Events
	}
	appended, err := log.Append(t.Context(), appends)
	if err != nil {
		t.Fatal(err)
	}
	if len(appended.Recorded) != 500 || len(appended.Conflicts) != 500 {
		t.Fatalf("%d events and %d conflicts; want 500 of each", len(appended.Recorded), len(appended.Conflicts))
	}
	if got := places(mustRead(t, log)); !slices.Equal(got, places(append(told, appended.Recorded...))) {
		t.Errorf("the log is not what was told: %v", got)
	}
}

type place struct {
	position, version int64
	stream, command   uuid.UUID
}

func places(events []eventstore.RecordedEvent) (places []place) {
	for _, e := range events {
		places = append(places, place{e.Position, e.Version, e.Stream, e.Metadata.CommandID})
	}
	return places
}

func largeEvent(t *testing.T, log Log) {
	a := NewAppend(uuid.New(), 0, 2)
	a.Events[0].Data = json.RawMessage(`"` + strings.Repeat("ö0123456", 1<<20/9) + `"`)
	told := mustAppend(t, log, a)
	same(t, "the log", mustRead(t, log), told)
}
