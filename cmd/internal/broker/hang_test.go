package broker_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"onsale/cmd/internal/broker"
)

func TestASubscriptionThatTheServerHasForgottenIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(nats.JetStreamContext) error{
		"with its stream": func(js nats.JetStreamContext) error { return js.DeleteStream(broker.Topic) },
		"alone": func(js nats.JetStreamContext) error {
			for consumer := range js.ConsumerNames(broker.Topic) {
				if err := js.DeleteConsumer(broker.Topic, consumer); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := natsServer(t, 0)
			speaker, hearsSelf := open(t, s.ClientURL())
			_, heard := open(t, s.ClientURL()) // who publishes nothing finds out in no other way
			hears(t, speaker, "before", hearsSelf, heard)
			conn, err := nats.Connect(s.ClientURL())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			js, err := conn.JetStream()
			if err != nil {
				t.Fatal(err)
			}
			if err := forget(js); err != nil {
				t.Fatal(err)
			}
			hears(t, speaker, "after", hearsSelf, heard)
		})
	}
}

func TestAConnectionOnWhichNothingComesAnyMoreIsGivenUp(t *testing.T) {
	t.Parallel()
	s := natsServer(t, 0)
	speaker, _ := open(t, s.ClientURL())
	l := newLink(t, s.Addr().String())
	_, heard := open(t, l.url())
	hears(t, speaker, "before", heard)
	l.freeze(false)
	hears(t, speaker, "after", heard)
}

func TestTheEndDoesNotWaitForABrokerThatHangs(t *testing.T) {
	t.Parallel()
	s := natsServer(t, 0)
	l := newLink(t, s.Addr().String())
	b, heard := open(t, l.url())
	hears(t, b, "before", heard)
	l.freeze(true)
	b.Publish("last", []byte("that nobody takes"))
	began := time.Now()
	b.Close()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// A link carries connections to a server, until they are frozen: then they stay open, and nothing comes through.
type link struct {
	listener net.Listener
	server   string
	all      atomic.Bool // new connections are frozen too

	mu     sync.Mutex
	frozen []*atomic.Bool
}

func newLink(t *testing.T, server string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, server: server}
	var carrying sync.WaitGroup
	carrying.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			carrying.Go(func() { l.carry(client) })
		}
	})
	t.Cleanup(func() { listener.Close(); carrying.Wait() })
	return l
}

func (l *link) url() string { return "nats://" + l.listener.Addr().String() }

// freeze freezes the connections that there are, and those to come if all.
func (l *link) freeze(all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Store(all)
	for _, f := range l.frozen {
		f.Store(true)
	}
}

func (l *link) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	frozen := new(atomic.Bool)
	frozen.Store(l.all.Load())
	l.mu.Lock()
	l.frozen = append(l.frozen, frozen)
	l.mu.Unlock()
	var back sync.WaitGroup
	back.Go(func() { _, _ = io.Copy(unless{client, frozen}, server) })
	_, _ = io.Copy(unless{server, frozen}, client)
	server.Close()
	client.Close()
	back.Wait()
}

// unless is a writer that swallows what is written to it once it is frozen.
type unless struct {
	io.Writer
	frozen *atomic.Bool
}

func (u unless) Write(p []byte) (int, error) {
	if u.frozen.Load() {
		return len(p), nil
	}
	return u.Writer.Write(p)
}
