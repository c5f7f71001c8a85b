package eventstore_test

import (
	"context"
	"errors"
	"slices"
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
		"the next page is paced after one that is not full": func(t *testing.T, r *reader) {
			r.pace = func(position int64) int64 { <-time.After(time.Minute); return position } // of the bubble
			r.log.append(5, true)
			r.subscribe(t)
			r.ack(r.next(t, 1, 2, 3))
			r.ack(r.after(t, 0, 4, 5))
			synctest.Wait()
			r.log.append(1, true)
			r.after(t, time.Minute, 6)
		},
		"and follows where the reader has been moved to": func(t *testing.T, r *reader) {
			r.log.append(2, true)
			r.subscribe(t)
			r.pace = func(int64) int64 { return 4 }
			msg := r.next(t, 1, 2)
			r.log.append(4, true)
			r.ack(msg)
			r.next(t, 5, 6)
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
