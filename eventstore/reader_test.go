package eventstore_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"onsale/eventstore"
)

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
	pace       func(position int64) int64 // nil: none
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
		Lost: func(string) { r.lost.Add(1) },
		Pace: func(_ context.Context, _ string, position int64) int64 {
			if r.pace == nil {
				return position
			}
			return r.pace(position)
		},
		PageSize:      3,
		PollInterval:  pollInterval,
		RetryInterval: retryInterval,
		Log:           slog.New(slog.DiscardHandler),
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
