package eventstore

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// A Subscriber reads the log as a watermill subscription: one message per page, in order, the next one only after the
// last was acknowledged. A page that is not acknowledged is read again from where the reader says it is.
//
// The pages themselves are handed over in memory, see [PageOf]; a message's payload is empty. The store wakes the
// subscriber when this process appends; for what others append it polls.
type Subscriber struct {
	log    Log
	config SubscriberConfig

	closed  context.Context
	close   context.CancelFunc
	mu      sync.Mutex // no reader is added once closed
	readers sync.WaitGroup
}

// A Log is what a subscriber reads; see [Store].
type Log interface {
	ReadAfter(ctx context.Context, position int64, limit int) (Page, error)
	Appended() <-chan struct{}
}

// SubscriberConfig says how a [Subscriber] reads.
type SubscriberConfig struct {
	// Position tells where the reader of a topic is: the position of the last event it has dealt with. It is asked at the
	// start, after a page was not acknowledged, and at every poll that finds nothing new: where the reader is may be kept
	// where others can move it, and where a crash can lose its last moves.
	Position func(ctx context.Context, topic string) (int64, error)
	// Pace, if not nil, is called between a page that was not full and the next one, which follows the position that it returns:
	// that of the page before, or where the reader has been moved to. It may wait, so that the next page has more, until ctx ends
	// at the latest.
	Pace func(ctx context.Context, topic string, position int64) int64
	// PageSize is the most events in one message; 0 means 2,000.
	PageSize int
	// PollInterval is how soon an append of another process is noticed; 0 means 50 ms.
	PollInterval time.Duration
	// Lost, if not nil, is called when the log could not be read, before Position is asked again: the database may come back
	// older than the reader remembers it.
	Lost func(topic string)
	// RetryInterval is the pause after a failure or a page that was not acknowledged; 0 means 1 s.
	RetryInterval time.Duration
	// Log hears of failed reads, which are retried; nil means slog.Default.
	Log *slog.Logger
}

// NewSubscriber returns a subscriber over the log; Close ends it.
func NewSubscriber(log Log, config SubscriberConfig) *Subscriber {
	config.PageSize = cmp.Or(config.PageSize, 2000)
	config.PollInterval = cmp.Or(config.PollInterval, 50*time.Millisecond)
	config.RetryInterval = cmp.Or(config.RetryInterval, time.Second)
	if config.Log == nil {
		config.Log = slog.Default()
	}
	s := &Subscriber{log: log, config: config}
	s.closed, s.close = context.WithCancel(context.Background())
	return s
}

type pageKey struct{}

// PageOf returns the page of the log that a message of a [Subscriber] carries. It panics when there is none, as in a copy
// that lost the message's context: acknowledging an empty page instead would pass over the events in silence.
func PageOf(msg *message.Message) Page {
	return msg.Context().Value(pageKey{}).(Page)
}

// Subscribe starts reading for the topic's reader. The channel is closed when ctx ends or the subscriber is closed.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Err() != nil {
		return nil, errors.New("subscribe to a closed subscriber")
	}
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.closed, cancel)
	out := make(chan *message.Message)
	s.readers.Go(func() {
		defer cancel()
		defer unhook()
		defer close(out)
		s.read(ctx, topic, out)
	})
	return out, nil
}

// Close ends all subscriptions and waits for them. It may be called twice.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.readers.Wait()
	return nil
}

func (s *Subscriber) read(ctx context.Context, topic string, out chan<- *message.Message) {
	for ctx.Err() == nil {
		err := s.readOn(ctx, topic, out)
		if err != nil && ctx.Err() == nil {
			if s.config.Lost != nil {
				s.config.Lost(topic)
			}
			s.config.Log.Error("reading the log failed, trying again", "reader", topic, "error", err)
		}
		pause(ctx, s.config.RetryInterval)
	}
}

// readOn sends page after page until one is not acknowledged, which is no error.
func (s *Subscriber) readOn(ctx context.Context, topic string, out chan<- *message.Message) error {
	position, err := s.config.Position(ctx, topic)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		appended := s.log.Appended()
		page, err := s.log.ReadAfter(ctx, position, s.config.PageSize)
		if err != nil {
			return err
		}
		if len(page.Events) == 0 {
			if s.waitForMore(ctx, appended) {
				continue
			}
			if position, err = s.config.Position(ctx, topic); err != nil {
				return err
			}
			continue
		}
		msg := message.NewMessage(strconv.FormatInt(page.Through(), 10), nil)
		msg.SetContext(context.WithValue(ctx, pageKey{}, page))
		select {
		case out <- msg:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-msg.Acked():
			position = page.Through()
			if s.config.Pace != nil && len(page.Events) < s.config.PageSize {
				position = s.config.Pace(ctx, topic, position)
			}
		case <-msg.Nacked():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// waitForMore waits for the poll interval, or, which it reports, until this process has appended something.
func (s *Subscriber) waitForMore(ctx context.Context, appended <-chan struct{}) bool {
	poll := time.NewTimer(s.config.PollInterval)
	defer poll.Stop()
	select {
	case <-appended:
		return true
	case <-poll.C:
		return false
	case <-ctx.Done():
		return false
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
