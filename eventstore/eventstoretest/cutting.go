package eventstoretest

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/eventstore"
)

// cutRequest cuts an append's request at many of its bytes.
func cutRequest(t *testing.T, log Log) {
	line := NewLine(t)
	store := log.Through(t, line)
	request, _ := sizes(t, store, line)
	for n := 0; n < request; n += 61 {
		a := NewAppend(uuid.New(), 0, 1)
		mustAppend(t, store, NewAppend(uuid.New(), 0, 1)) // so that the connection is there, and knows the statement
		line.CutAfter(n, Unlimited)
		if _, err := store.Append(t.Context(), []eventstore.StreamAppend{a}); !errors.Is(err, eventstore.ErrUnknownOutcome) {
			t.Errorf("cut after %d of %d bytes: %v; want %v", n, request, err, eventstore.ErrUnknownOutcome)
		}
		settle(t, line)
		if found := mustFind(t, log, a); len(found) != 0 {
			t.Errorf("cut after %d of %d bytes: the log has %v", n, request, found)
		}
		mustAppend(t, log, a)
	}
}

// cutReply cuts an append's reply at many of its bytes. The server has committed before it sends the first.
func cutReply(t *testing.T, log Log) {
	line := NewLine(t)
	store := log.Through(t, line)
	_, reply := sizes(t, store, line)
	for n := 0; n < reply; n = max(n+1, min(n+13, reply-8)) { // the last ones one by one: they say that it is committed
		a := NewAppend(uuid.New(), 0, 1)
		mustAppend(t, store, NewAppend(uuid.New(), 0, 1))
		line.CutAfter(Unlimited, n)
		if _, err := store.Append(t.Context(), []eventstore.StreamAppend{a}); !errors.Is(err, eventstore.ErrUnknownOutcome) {
			t.Errorf("cut after %d of %d bytes: %v; want %v", n, reply, err, eventstore.ErrUnknownOutcome)
		}
		settle(t, line)
		found := mustFind(t, log, a)
		if len(found) != 1 {
			t.Fatalf("cut after %d of %d bytes: the log has %v", n, reply, found)
		}
		same(t, "the event", found[0].EventData, a.Events[0])
		again, err := log.Append(t.Context(), []eventstore.StreamAppend{a})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "its second append", again, eventstore.Appended{Conflicts: []eventstore.Conflict{{Stream: a.Stream, Version: 1}}})
	}

	mustAppend(t, store, NewAppend(uuid.New(), 0, 1))
	line.CutAfter(Unlimited, reply)
	mustAppend(t, store, NewAppend(uuid.New(), 0, 1)) // its reply is whole
}

func noConnection(t *testing.T, log Log) {
	line := NewLine(t)
	store := log.Through(t, line)
	stream := uuid.New()
	mustAppend(t, store, NewAppend(stream, 0, 1))

	fails := func(ctx context.Context, why string) {
		a := NewAppend(uuid.New(), 0, 1)
		_, err := store.Append(ctx, []eventstore.StreamAppend{a})
		if err == nil || errors.Is(err, eventstore.ErrUnknownOutcome) {
			t.Errorf("%s: %v; want an error that leaves no doubt", why, err)
		}
		if found := mustFind(t, log, a); len(found) != 0 {
			t.Errorf("%s: the log has %v", why, found)
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	fails(canceled, "given up before it began")
	for range store.Load(t.Context(), stream, 0) { // holds the only connection
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		fails(soon, "given up in the queue for a connection")
		cancel()
	}
	line.CutAfter(0, 0)
	for range store.Load(t.Context(), stream, 0) { // finds out
	}
	line.Down()
	fails(t.Context(), "the server cannot be reached")
}

// lossless lets each connection live for a random number of bytes.
func lossless(t *testing.T, log Log) {
	line := NewLine(t)
	random := rand.New(rand.NewPCG(1, 2))
	line.Limit(func() (toServer, toClient int) {
		if random.IntN(2) == 0 {
			return random.IntN(9000), Unlimited
		}
		return Unlimited, random.IntN(2500)
	})
	err := NothingLost(t.Context(), log, line.Settle, log.Through(t, line), log.Through(t, line), log.Through(t, line))
	if err != nil {
		t.Error(err)
	}
}

// sizes tells how many bytes it takes to append one event, there and back.
func sizes(t *testing.T, store Store, line *Line) (request, reply int) {
	mustAppend(t, store, NewAppend(uuid.New(), 0, 1))
	request, reply = line.Carried()
	mustAppend(t, store, NewAppend(uuid.New(), 0, 1))
	toServer, toClient := line.Carried()
	return toServer - request, toClient - reply
}

func settle(t *testing.T, line *Line) {
	t.Helper()
	if err := line.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func mustFind(t *testing.T, store Store, a eventstore.StreamAppend) []eventstore.RecordedEvent {
	t.Helper()
	found, err := store.ByCommand(t.Context(), a.Events[0].Metadata.CommandID)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
