// Package eventstoretest holds what every store of events must do, as a test suite, and the means to make trouble for one.
//
// [Run] is the suite. The checks that only mean something because they can fail, [OrderedVisibility], [OneWinner] and
// [NothingLost], return what they find, so that a test can also show that they notice a store that breaks the promise.
package eventstoretest

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"onsale/eventstore"
)

// Store is what the suite asks of a store; see [eventstore.Store] for what each method promises.
type Store interface {
	Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error)
	Load(ctx context.Context, stream uuid.UUID, after int64) iter.Seq2[eventstore.RecordedEvent, error]
	ReadAfter(ctx context.Context, position int64, limit int) (eventstore.Page, error)
	ByCommand(ctx context.Context, commands ...uuid.UUID) ([]eventstore.RecordedEvent, error)
	Head(ctx context.Context) (int64, error)
	LoadSnapshot(ctx context.Context, stream uuid.UUID) (eventstore.Snapshot, bool, error)
	SaveSnapshot(ctx context.Context, snapshot eventstore.Snapshot) error
}

// A Log is a store whose log is new and empty, with what it takes to make trouble for it.
type Log struct {
	Store

	// Undo appends, calls meanwhile when the events are written but nobody else can see them, and takes everything back.
	Undo func(ctx context.Context, appends []eventstore.StreamAppend, meanwhile func()) error

	// Through returns another store of the same log that has one connection, which runs over the line.
	Through func(t testing.TB, line *Line) Store
}

// Run holds the stores that open returns to every promise. Each is used by one test, from many goroutines.
func Run(t *testing.T, open func(t testing.TB) Log) {
	for name, promise := range map[string]func(t *testing.T, log Log){
		"versions and positions run from 1 without gaps":                            contiguous,
		"events come back as the append told them":                                  asTold,
		"a stream that is elsewhere conflicts, and the others get in":               conflicts,
		"a stream without events is only checked":                                   checked,
		"a mere check writes nothing and waits for nobody":                          mereCheck,
		"a command is recorded once":                                                recordedOnce,
		"what cannot be stored is rejected with all of its append":                  rejected,
		"what was taken back leaves no trace":                                       undone,
		"one append takes 2,000 events of 1,000 streams":                            manyStreams,
		"an event may hold a megabyte":                                              largeEvent,
		"Load yields what follows a version":                                        load,
		"Load gives up its connection when its loop is left":                        loadLeft,
		"ReadAfter returns what follows a position, up to a limit":                  readAfter,
		"ByCommand finds what commands recorded, in the log's order":                byCommand,
		"the newest snapshot of a stream is kept":                                   snapshots,
		"positions become visible in order while appends come and are taken back":   holds(OrderedVisibility),
		"of appends that race for one version one wins":                             holds(OneWinner),
		"an append that is cut off before the server has it all does not happen":    cutRequest,
		"an append whose reply is cut off is unknown, and ByCommand tells the rest": cutReply,
		"an append that gets no connection is known not to have happened":           noConnection,
		"nothing is lost or doubled while connections are cut at random":            lossless,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			promise(t, open(t))
		})
	}
}

func holds(check func(context.Context, Log) error) func(*testing.T, Log) {
	return func(t *testing.T, log Log) {
		if err := check(t.Context(), log); err != nil {
			t.Error(err)
		}
	}
}

// NewEvent returns an event that is unlike all others, of a command of its own.
func NewEvent() eventstore.EventData {
	return eventstore.EventData{
		Type:   "thing.happened.v1",
		Schema: 1,
		Data:   json.RawMessage(`{"thing": "` + uuid.NewString() + `"}`),
		Metadata: eventstore.Metadata{
			CommandID:     uuid.Must(uuid.NewV7()),
			UserID:        uuid.New(),
			CorrelationID: uuid.NewString(),
		},
	}
}

// NewAppend returns an append of so many new events to the stream.
func NewAppend(stream uuid.UUID, expected int64, events int) eventstore.StreamAppend {
	a := eventstore.StreamAppend{Stream: stream, Expected: expected}
	for range events {
		a.Events = append(a.Events, NewEvent())
	}
	return a
}

// Same compares what a store tells of events. Their data are compared as JSON values, for a store may spell them anew;
// and no events are no events, whether nil or empty.
var Same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Transformer("json", func(e eventstore.EventData) event { return event{e.Type, e.Schema, value(e.Data), e.Metadata} }),
}

type event struct {
	Type     string
	Schema   int16
	Data     any
	Metadata eventstore.Metadata
}

// value decodes JSON without a loss; what is not JSON is its own value.
func value(data json.RawMessage) any {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		return string(data)
	}
	return v
}

// mustAppend appends what is not supposed to conflict.
func mustAppend(t testing.TB, store Store, appends ...eventstore.StreamAppend) []eventstore.RecordedEvent {
	t.Helper()
	appended, err := store.Append(t.Context(), appends)
	if err != nil {
		t.Fatal(err)
	}
	if len(appended.Conflicts) > 0 {
		t.Fatalf("conflicts: %v", appended.Conflicts)
	}
	return appended.Recorded
}

// whole returns the log from its beginning.
func whole(ctx context.Context, store Store) ([]eventstore.RecordedEvent, error) {
	var log []eventstore.RecordedEvent
	for {
		page, err := store.ReadAfter(ctx, int64(len(log)), 1000)
		if err != nil || len(page.Events) == 0 {
			return log, err
		}
		log = append(log, page.Events...)
	}
}

// mustRead returns the log from its beginning.
func mustRead(t testing.TB, store Store) []eventstore.RecordedEvent {
	t.Helper()
	log, err := whole(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func mustLoad(t testing.TB, store Store, stream uuid.UUID, after int64) []eventstore.RecordedEvent {
	t.Helper()
	var events []eventstore.RecordedEvent
	for e, err := range store.Load(t.Context(), stream, after) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, Same); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
