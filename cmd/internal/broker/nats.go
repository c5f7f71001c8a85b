package broker

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
)

// retryPause is how long a broker that is away is left alone; natsTimeout bounds each thing asked of it.
const (
	retryPause  = 250 * time.Millisecond
	natsTimeout = 2 * time.Second
)

// heartbeat is how often the server shows that it still has the subscription. Twice that without one, and the connection is given up: a
// subscription that the server has forgotten, because its stream was deleted, or a server that hangs, says nothing else.
const heartbeat = time.Second

// keep is how long JetStream keeps an announcement, and knows its id: long enough for all nodes to hear it, since nobody
// asks for old ones.
const keep = 30 * time.Second

// viaNATS returns how to connect to the server. Each connection is given up once it is lost: the subscription on it may be
// gone from the server too.
func viaNATS(address string) (func(context.Context) (bus, error), error) {
	if u, err := url.Parse(address); err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a NATS server, such as nats://localhost:4222", address)
	}
	return func(ctx context.Context) (bus, error) {
		lost := make(chan error, 1)
		lose := func(why error) {
			if why == nil {
				why = nats.ErrConnectionClosed
			}
			select {
			case lost <- why:
			default: // the first reason counts
			}
		}
		conn, err := nats.Connect(address, nats.Name("onsale"), nats.Timeout(natsTimeout), nats.FlusherTimeout(natsTimeout), nats.NoReconnect(),
			nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, why error) { lose(why) }),
			nats.DisconnectErrHandler(func(_ *nats.Conn, why error) { lose(why) }),
			nats.ClosedHandler(func(*nats.Conn) { lose(nil) }))
		if err != nil {
			return bus{}, fmt.Errorf("connect: %w", err)
		}
		stay := context.AfterFunc(ctx, conn.Close) // else the end would wait for a server that hangs
		b, err := over(conn)
		b.lost, b.close = lost, func() { stay(); conn.Close() }
		if err != nil {
			b.close()
			return bus{}, err
		}
		return b, nil
	}, nil
}

func over(conn *nats.Conn) (bus, error) {
	stream, err := conn.JetStream(nats.MaxWait(natsTimeout))
	if err != nil {
		return bus{}, err
	}
	config := &nats.StreamConfig{
		Name: Topic, Subjects: []string{Topic}, Storage: nats.MemoryStorage, MaxAge: keep, Duplicates: keep,
	}
	if _, err := stream.AddStream(config); err != nil {
		return bus{}, fmt.Errorf("make the stream %s: %w", Topic, err)
	}
	publisher, err := wnats.NewPublisherWithNatsConn(conn, wnats.PublisherPublishConfig{
		Marshaler: &wnats.NATSMarshaler{}, SubjectCalculator: wnats.DefaultSubjectCalculator,
		JetStream: wnats.JetStreamConfig{TrackMsgId: true, ConnectOptions: []nats.JSOpt{nats.MaxWait(natsTimeout)}},
	}, watermill.NopLogger{})
	return bus{Publisher: publisher, Subscriber: subscriber{stream}}, err
}

// A subscriber is in the place of watermill-nats's, which closes the channel of messages while another goroutine of it may be sending:
// a broker that is lost at such a moment would end the program.
type subscriber struct{ stream nats.JetStreamContext }

// Subscribe returns what is published from now on, until ctx ends or the connection is lost. Messages need no acknowledgement.
func (s subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	subscription, err := s.stream.SubscribeSync(topic, nats.DeliverNew(), nats.AckNone(), nats.IdleHeartbeat(heartbeat))
	if err != nil {
		return nil, err
	}
	out := make(chan *message.Message)
	go func() {
		defer close(out)
		defer func() { _ = subscription.Unsubscribe() }() // or the connection is gone, and the subscription with it
		for {
			received, err := subscription.NextMsgWithContext(ctx)
			if err != nil {
				return
			}
			msg, err := new(wnats.NATSMarshaler).Unmarshal(received)
			if err != nil {
				continue // it is none of ours
			}
			select {
			case out <- msg:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// Close has nothing to do: what ends a subscription is its context.
func (subscriber) Close() error { return nil }

func pause(ctx context.Context) {
	timer := time.NewTimer(retryPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
