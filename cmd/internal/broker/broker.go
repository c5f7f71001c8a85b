// Package broker carries announcements between the nodes: in memory for one node, by way of NATS JetStream where there are
// several.
//
// It promises little, on purpose: what is published may be lost, come late or come twice, and publishing never waits. An
// announcement only wakes; whoever needs to be sure asks the database.
package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
)

// Topic is what announcements are published under.
const Topic = "onsale-announcements"

// backlog is how many announcements may wait for a broker that is slow or away, before the next one is dropped.
const backlog = 256

// A Broker carries announcements. Close ends it.
type Broker struct {
	connect func(ctx context.Context) (bus, error)
	log     *slog.Logger
	out     chan *message.Message
	handle  func(payload []byte)

	stop    context.CancelFunc
	running sync.WaitGroup
}

// A bus is a connection to the broker, good until lost says why it is no more.
type bus struct {
	message.Publisher
	message.Subscriber
	lost  <-chan error
	close func()
}

// Open starts a broker; handle gets what any node publishes, this one included, one after the other. An empty url means
// that there is only this node; else it is that of a NATS server with JetStream, such as nats://localhost:4222, which may
// come and go.
func Open(url string, log *slog.Logger, handle func(payload []byte)) (*Broker, error) {
	b := &Broker{log: log, handle: handle, out: make(chan *message.Message, backlog), connect: inMemory}
	if url != "" {
		connect, err := viaNATS(url)
		if err != nil {
			return nil, fmt.Errorf("BROKER_URL: %w", err)
		}
		b.connect = connect
	}
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	b.running.Go(func() { b.run(ctx) })
	return b, nil
}

// Publish sends a payload to all nodes, or drops it when the broker does not keep up. Payloads with the same id, published
// soon after each other, count as one.
func (b *Broker) Publish(id string, payload []byte) {
	select {
	case b.out <- message.NewMessage(id, payload):
	default:
	}
}

// Close stops carrying. It may be called twice.
func (b *Broker) Close() {
	b.stop()
	b.running.Wait()
}

// run keeps a connection until ctx ends, one after the other.
func (b *Broker) run(ctx context.Context) {
	for away := false; ctx.Err() == nil; {
		err := b.session(ctx, func() {
			if away {
				b.log.Info("announcements reach other nodes again")
			}
			away = false
		})
		if err != nil && ctx.Err() == nil {
			if !away {
				b.log.Warn("announcements do not reach other nodes: the broker is away, trying again", "error", err)
			}
			away = true
			pause(ctx)
		}
	}
}

// session carries over one connection, until that is lost. It calls connected once there is one.
func (b *Broker) session(ctx context.Context, connected func()) error {
	bus, err := b.connect(ctx)
	if err != nil {
		return err
	}
	defer bus.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in, err := bus.Subscribe(ctx, Topic)
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	connected()
	ended := make(chan struct{}) // in has: nothing more will be heard
	defer func() { cancel(); <-ended }()
	go func() {
		defer close(ended)
		for msg := range in {
			b.handle(msg.Payload)
			msg.Ack()
		}
	}()
	for {
		select {
		case msg := <-b.out:
			if err := bus.Publish(Topic, msg); err != nil {
				return fmt.Errorf("publish: %w", err)
			}
		case err := <-bus.lost:
			return fmt.Errorf("connection lost: %w", err)
		case <-ended:
			return errors.New("the subscription has ended")
		case <-ctx.Done():
			return nil
		}
	}
}

func inMemory(context.Context) (bus, error) {
	channel := gochannel.NewGoChannel(gochannel.Config{OutputChannelBuffer: backlog}, watermill.NopLogger{})
	return bus{Publisher: channel, Subscriber: channel, close: func() { channel.Close() }}, nil
}
