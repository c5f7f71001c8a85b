package eventstore_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
	"onsale/migrations/migrationstest"
)

// The rules about time are tested on a log in memory, in a bubble whose clock moves only when all its goroutines wait; it
// also fails when one is left over.
func TestSubscriber(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]func(t *testing.T, r *reader){
		"pages come in order, each after the last was acknowledged": func(t *testing.T, r *reader) {
			r.log.append(8, true)
			r.subscribe(t)
			for _, want := range [][]int64{{1, 2, 3}, {4, 5, 6}, {7, 8}} {
				msg := r.next(t, want...)
				r.none(t, time.Minute)
				r.ack(msg)
			}
			r.none(t, time.Minute)
		},
		"reading begins where the reader is": func(t *testing.T, r *reader) {
			r.log.append(5, true)
			r.position.Store(4)
			r.subscribe(t)
			r.ack(r.next(t, 5))
		},
		"a page that was not acknowledged is read again after a pause": func(t *testing.T, r *reader) {
			r.log.append(2, true)
			r.subscribe(t)
			r.next(t, 1, 2).Nack()
			r.log.append(2, true)
			r.none(t, retryInterval-1)
			r.after(t, 1, 1, 2, 3)
		},
		"it is read from where the reader is by then": func(t *testing.T, r *reader) {
			r.log.append(2, true)
			r.subscribe(t)
			msg := r.next(t, 1, 2)
			r.position.Store(1)
			msg.Nack()
			r.after(t, retryInterval, 2)
		},
		"an append of this process wakes it at once": func(t *testing.T, r *reader) {
			r.subscribe(t)
			r.none(t, pollInterval/2)
			r.log.append(1, true)
			r.ack(r.after(t, 0, 1))
			synctest.Wait()
			r.log.append(1, true)
			r.after(t, 0, 2)
		},
		"an append of another process is found by polling": func(t *testing.T, r *reader) {
			r.subscribe(t)
			synctest.Wait()
			r.log.append(1, false)
			r.none(t, pollInterval-1)
			r.after(t, 1, 1)
		},
		"a reader that was put back is noticed by polling": func(t *testing.T, r *reader) {
			r.log.append(2, true)
			r.subscribe(t)
			r.ack(r.next(t, 1, 2))
			synctest.Wait()
			r.position.Store(1)
			r.after(t, pollInterval, 2)
		},
		"a log that fails is tried again until it answers": func(t *testing.T, r *reader) {
			r.log.append(1, true)
			r.log.fail(errors.New("no log"))
			r.subscribe(t)
			r.none(t, 10*retryInterval-1)
			if n := r.lost.Load(); n != 10 {
				t.Errorf("told %d times that it is lost; want 10", n)
			}
			r.log.fail(nil)
			r.after(t, 1, 1)
		},
		"a reader that does not know where it is is asked again": func(t *testing.T, r *reader) {
			r.log.append(1, true)
			r.astray.Store(true)
			r.subscribe(t)
			r.none(t, 3*retryInterval-1)
			r.astray.Store(false)
			r.after(t, 1, 1)
		},
		"closing ends it while it waits for an append": func(t *testing.T, r *reader) {
			r.subscribe(t)
			r.none(t, time.Hour)
			r.closes(t)
		},
		"closing ends it while nobody takes its message": func(t *testing.T, r *reader) {
			r.log.append(1, true)
			r.subscribe(t)
			synctest.Wait()
			r.closes(t)
		},
		"closing ends it while its message is not answered": func(t *testing.T, r *reader) {
			r.log.append(1, true)
			r.subscribe(t)
			msg := r.next(t, 1)
			r.closes(t)
			if msg.Context().Err() == nil {
				t.Error("the message's context goes on")
			}
		},
		"closing ends it while it pauses": func(t *testing.T, r *reader) {
			r.log.fail(errors.New("no log"))
			r.subscribe(t)
			synctest.Wait()
			r.closes(t)
		},
		"the end of its context ends a subscription and no other": func(t *testing.T, r *reader) {
			ctx, cancel := context.WithCancel(t.Context())
			ending, err := r.subscriber.Subscribe(ctx, "ending")
			if err != nil {
				t.Fatal(err)
			}
			r.subscribe(t)
			synctest.Wait()
			cancel()
			synctest.Wait()
			if _, open := <-ending; open {
				t.Error("a message came")
			}
			r.log.append(1, true)
			r.after(t, 0, 1)
		},
		"each subscription reads all of the log": func(t *testing.T, r *reader) {
			other, err := r.subscriber.Subscribe(t.Context(), "other")
			if err != nil {
				t.Fatal(err)
			}
			r.log.append(1, true)
			r.subscribe(t)
			r.next(t, 1)
			if got := positions(<-other); !slices.Equal(got, []int64{1}) {
				t.Errorf("the other got %v", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { rule(t, newReader(t)) })
		})
	}
}

func TestSubscriberOfAStore(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	ours, others := eventstore.New(pool), eventstore.New(pool)
	var position atomic.Int64
	follow := func(poll time.Duration) <-chan *message.Message {
		subscriber := eventstore.NewSubscriber(ours, eventstore.SubscriberConfig{
			Position: func(context.Context, string) (int64, error) { return position.Load(), nil }, PollInterval: poll,
		})
		t.Cleanup(func() { subscriber.Close() })
		messages, err := subscriber.Subscribe(t.Context(), "reader")
		if err != nil {
			t.Fatal(err)
		}
		return messages
	}
	appendTo := func(store *eventstore.Store) []eventstore.RecordedEvent {
		appended, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 2)})
		if err != nil {
			t.Fatal(err)
		}
		return appended.Recorded
	}

	waking, polling := follow(time.Hour), follow(time.Millisecond)
	want := eventstore.Page{Events: appendTo(ours)}
	first := []*message.Message{<-waking, <-polling}
	position.Store(want.Through())
	for _, msg := range first {
		if diff := cmp.Diff(want, eventstore.PageOf(msg), eventstoretest.Same); diff != "" {
			t.Errorf("page (-want +got):\n%s", diff)
		}
		msg.Ack()
	}
	appendTo(others)
	if got := positions(<-polling); !slices.Equal(got, []int64{3, 4}) {
		t.Errorf("polling got %v; want [3 4]", got)
	}
}

func TestPageOfPanicsWithoutAPage(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it does not")
		}
	}()
	eventstore.PageOf(message.NewMessage("", nil))
}

const (
	pollInterval  = time.Minute
	retryInterval = time.Second
)

// A reader is what a subscriber reads for.
type reader struct {
	log        *memory
	subscriber *eventstore.Subscriber
	messages   <-chan *message.Message
	position   atomic.Int64
	astray     atomic.Bool // it does not know its position
	lost       atomic.Int64
}

func newReader(t *testing.T) *reader {
	r := &reader{log: &memory{woken: make(chan struct{})}}
	r.subscriber = eventstore.NewSubscriber(r.log, eventstore.SubscriberConfig{
		Position: func(context.Context, string) (int64, error) {
			if r.astray.Load() {
				return 0, errors.New("no position")
			}
			return r.position.Load(), nil
		},
		Lost:          func(string) { r.lost.Add(1) },
		PageSize:      3,
		PollInterval:  pollInterval,
		RetryInterval: retryInterval,
		Log:           slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	t.Cleanup(func() { r.subscriber.Close() })
	return r
}

func (r *reader) subscribe(t *testing.T) {
	t.Helper()
	var err error
	if r.messages, err = r.subscriber.Subscribe(t.Context(), "reader"); err != nil {
		t.Fatal(err)
	}
}

// next is the next message; its page must have the positions.
func (r *reader) next(t *testing.T, want ...int64) *message.Message {
	t.Helper()
	msg := <-r.messages
	if got := positions(msg); !slices.Equal(got, want) {
		t.Fatalf("a page of %v came; want %v", got, want)
	}
	return msg
}

// after takes the next message, which must come in exactly that time.
func (r *reader) after(t *testing.T, wait time.Duration, want ...int64) *message.Message {
	t.Helper()
	start := time.Now()
	msg := r.next(t, want...)
	if waited := time.Since(start); waited != wait {
		t.Errorf("it came after %s; want %s", waited, wait)
	}
	return msg
}

// none lets time pass, in which no message may come.
func (r *reader) none(t *testing.T, wait time.Duration) {
	t.Helper()
	select {
	case msg := <-r.messages:
		t.Fatalf("a page of %v came", positions(msg))
	case <-time.After(wait):
	}
}

// ack moves the reader to the end of the message's page and acknowledges it.
func (r *reader) ack(msg *message.Message) {
	r.position.Store(eventstore.PageOf(msg).Through())
	msg.Ack()
}

func (r *reader) closes(t *testing.T) {
	t.Helper()
	for range 2 {
		if err := r.subscriber.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, open := <-r.messages; open {
		t.Error("a message came")
	}
	if _, err := r.subscriber.Subscribe(t.Context(), "late"); err == nil {
		t.Error("a closed subscriber takes a subscription")
	}
}

func positions(msg *message.Message) (positions []int64) {
	for _, e := range eventstore.PageOf(msg).Events {
		positions = append(positions, e.Position)
	}
	return positions
}

// A memory is a log of events that have a position and nothing else.
type memory struct {
	mu      sync.Mutex
	events  []eventstore.RecordedEvent
	failure error
	woken   chan struct{}
}

func (m *memory) append(events int, wake bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range events {
		m.events = append(m.events, eventstore.RecordedEvent{Position: int64(len(m.events)) + 1})
	}
	if wake {
		close(m.woken)
		m.woken = make(chan struct{})
	}
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure = err
}

func (m *memory) Appended() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.woken
}

func (m *memory) ReadAfter(_ context.Context, position int64, limit int) (eventstore.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.events[position:]
	return eventstore.Page{After: position, Events: rest[:min(limit, len(rest))]}, m.failure
}
