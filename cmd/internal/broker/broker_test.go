package broker_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"onsale/cmd/internal/broker"
)

// natsServer starts a NATS server with JetStream on the given port, 0 for a free one.
func natsServer(t *testing.T, port int) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: t.TempDir(), NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	return s
}

// open returns a broker and what it hears.
func open(t *testing.T, url string) (*broker.Broker, chan string) {
	t.Helper()
	heard := make(chan string, 10_000)
	b, err := broker.Open(url, slog.New(slog.DiscardHandler), func(payload []byte) { heard <- string(payload) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b, heard
}

// hears publishes with ever new ids until the payload is heard by all: the subscription may not be there yet.
func hears(t *testing.T, from *broker.Broker, payload string, by ...chan string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for _, heard := range by {
		for id := 0; ; id++ {
			from.Publish(fmt.Sprintf("%s-%d", payload, id), []byte(payload))
			select {
			case got := <-heard:
				if got == payload {
					goto next
				}
			case <-time.After(50 * time.Millisecond):
			case <-deadline:
				t.Fatalf("%q was not heard", payload)
			}
		}
	next:
	}
}

func TestANodeHearsItself(t *testing.T) {
	t.Parallel()
	b, heard := open(t, "")
	hears(t, b, "hello", heard)
}

func TestNodesHearEachOtherThroughNATS(t *testing.T) {
	t.Parallel()
	s := natsServer(t, 0)
	one, hearsOne := open(t, s.ClientURL())
	other, hearsOther := open(t, s.ClientURL())
	hears(t, one, "from one", hearsOne, hearsOther)
	hears(t, other, "from the other", hearsOne, hearsOther)

	t.Run("and what both publish once", func(t *testing.T) {
		for len(hearsOne) > 0 {
			<-hearsOne
		}
		one.Publish("same", []byte("same"))
		other.Publish("same", []byte("same"))
		hears(t, one, "end", hearsOther)
		hears(t, other, "very end", hearsOther)
		same := 0
		for got := ""; got != "very end"; {
			if got = <-hearsOne; got == "same" {
				same++
			}
		}
		if same != 1 {
			t.Errorf("heard it %d times", same)
		}
	})
}

func TestABrokerThatComesBackIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := natsServer(t, 0)
	url, port := s.ClientURL(), s.Addr().String()
	one, _ := open(t, url)
	_, heard := open(t, url)
	hears(t, one, "before", heard)
	s.Shutdown()
	s.WaitForShutdown()
	for i := range 10_000 { // and nobody waits for it
		one.Publish(fmt.Sprint("lost", i), []byte("lost"))
	}
	var at int
	fmt.Sscanf(port[len("127.0.0.1:"):], "%d", &at)
	natsServer(t, at)
	hears(t, one, "after", heard)
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"localhost:4222", "http://localhost:4222", "nats://", "::"} {
		if b, err := broker.Open(url, slog.Default(), nil); err == nil {
			b.Close()
			t.Errorf("%q was accepted", url)
		}
	}
}

func TestABrokerThatIsLostWhileMessagesComeBringsNobodyDown(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := natsServer(t, 0)
		speaker, _ := open(t, s.ClientURL())
		began, lost := make(chan struct{}), make(chan struct{})
		busy := sync.OnceFunc(func() { close(began); <-lost })
		listener, err := broker.Open(s.ClientURL(), slog.New(slog.DiscardHandler), func([]byte) { busy() })
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ { // until one is heard and some more are on their way
			speaker.Publish(fmt.Sprint(i), []byte("more"))
			select {
			case <-began:
			case <-time.After(time.Millisecond):
				continue
			}
			break
		}
		for i := range 100 {
			speaker.Publish(fmt.Sprint("and ", i), []byte("more"))
		}
		s.Shutdown()
		s.WaitForShutdown()
		close(lost)
		listener.Close()
		speaker.Close()
	}
}
