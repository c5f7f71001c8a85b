package main

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats-server/v2/server"

	"onsale/migrations/migrationstest"
)

// twoNodes starts two programs on one database.
func twoNodes(t *testing.T, s settings) [2]*program {
	t.Helper()
	s["DATABASE_URL"] = migrationstest.Database(t)
	return [2]*program{startProgram(t, t.TempDir(), s), startProgram(t, t.TempDir(), s)}
}

// at is the same user at another node.
func (c client) at(p *program) client {
	c.url = p.url
	return c
}

func TestTwoNodesSellEachSeatOnce(t *testing.T) {
	t.Parallel()
	nodes := twoNodes(t, settings{})
	organizer := nodes[0].register("organizer")
	event := organizer.openEvent(10)
	buyers := make([]client, 40)
	for i := range buyers {
		buyers[i] = nodes[i%2].register("buyer" + strconv.Itoa(i))
	}
	start, statuses := make(chan struct{}), make(chan int, len(buyers))
	for _, buyer := range buyers {
		go func() {
			<-start
			a, _ := buyer.try("POST", "/book", map[string]any{"eventId": event})
			statuses <- a.Status
		}()
	}
	close(start)
	got := map[int]int{}
	for range buyers {
		got[<-statuses]++
	}
	if got[http.StatusCreated] != 10 || got[http.StatusConflict] != 30 {
		t.Errorf("got %v, want 10 booked and 30 refused", got)
	}
	for _, node := range nodes {
		if n := organizer.at(node).remaining(event); n != 0 {
			t.Errorf("%d remain", n)
		}
	}
}

func TestWhatOneNodeAnsweredTheOtherShows(t *testing.T) {
	t.Parallel()
	nodes := twoNodes(t, settings{})
	buyer := nodes[0].register("buyer")
	event := buyer.openEvent(3)
	stale, booking := 0, ""
	for i := range 1000 {
		writer, reader := buyer.at(nodes[i%2]), buyer.at(nodes[(i+1)%2])
		var a answer
		want := 2
		if booking == "" {
			a = writer.book(event)
			booking = a.Booking.ID
		} else {
			a = writer.call("DELETE", "/bookings/"+booking, nil)
			booking, want = "", 3
		}
		if a.Status >= 300 || a.Header.Get("Onsale-Position") == "" {
			t.Fatalf("pair %d: %+v", i, a)
		}
		reader.position = a.Header.Get("Onsale-Position")
		if reader.remaining(event) != want {
			stale++
		}
	}
	if stale > 0 {
		t.Errorf("%d of 1000 reads were stale", stale)
	}
	t.Run("a position that the log does not reach is waited for, and then there is an answer", func(t *testing.T) {
		reader := buyer
		reader.position = "1000000000"
		began := time.Now()
		if a := reader.call("GET", "/events/"+event, nil); a.Status != http.StatusOK {
			t.Errorf("got %+v", a)
		}
		if took := time.Since(began); took < 500*time.Millisecond {
			t.Errorf("it was not waited for: %s", took)
		}
	})
}

func TestViewersOfOneNodeSeeWhatTheOtherSells(t *testing.T) {
	t.Parallel()
	broker := natsServer(t, server.RANDOM_PORT)
	for name, s := range map[string]settings{"without a broker": {}, "by way of NATS": {"BROKER_URL": broker.ClientURL()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes := twoNodes(t, s)
			buyer := nodes[0].register("buyer")
			event := buyer.openEvent(100)
			viewers := []*viewer{buyer.watch(nodes[0].url, event), buyer.watch(nodes[1].url, event)}
			for i := range 10 {
				booked := buyer.at(nodes[i%2]).book(event)
				for _, v := range viewers {
					v.until(99)
				}
				buyer.call("DELETE", "/bookings/"+booked.Booking.ID, nil)
				for _, v := range viewers {
					v.until(100)
				}
			}
		})
	}
}

func TestCountsComeRightWhileNATSIsAwayAndAfter(t *testing.T) {
	t.Parallel()
	broker := natsServer(t, server.RANDOM_PORT)
	port := broker.Addr().String()[len("127.0.0.1:"):]
	nodes := twoNodes(t, settings{"BROKER_URL": broker.ClientURL()})
	buyers := []client{nodes[0].register("one"), nodes[0].register("two"), nodes[0].register("three")}
	event := buyers[0].openEvent(5)
	watching := buyers[0].watch(nodes[1].url, event)
	book := func(i int) {
		if a := buyers[i].book(event); a.Status != http.StatusCreated {
			t.Fatalf("book: %+v", a)
		}
		watching.until(4 - i)
	}
	book(0)
	broker.Shutdown()
	broker.WaitForShutdown()
	book(1)
	at, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	natsServer(t, at)
	book(2)
}

func TestReadsGoToTheReplicaAndWaitForIt(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	t.Run("one that has everything answers", func(t *testing.T) {
		t.Parallel()
		p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": database, "QUERY_DATABASE_URL": database})
		buyer := p.register("buyer")
		event := buyer.openEvent(2)
		buyer.book(event)
		if n := buyer.remaining(event); n != 1 {
			t.Errorf("%d remain", n)
		}
	})
	t.Run("one that has stopped following is not believed", func(t *testing.T) {
		t.Parallel()
		mine, stuck := migrationstest.Database(t), migrationstest.Database(t)
		if code, _, stderr := runProgram(t, t.TempDir(), settings{"DATABASE_URL": stuck}, "migrate"); code != 0 {
			t.Fatal(stderr)
		}
		p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": mine, "QUERY_DATABASE_URL": stuck})
		buyer := p.register("buyer")
		event := buyer.openEvent(2)
		if a := buyer.call("GET", "/events/"+event, nil); a.Status != http.StatusServiceUnavailable || a.Code != "not_caught_up" {
			t.Errorf("got %+v", a)
		}
		conn, err := pgx.Connect(t.Context(), stuck)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "update projections set position = 1000"); err != nil {
			t.Fatal(err)
		}
		if a := buyer.call("GET", "/events/"+event, nil); a.Status != http.StatusNotFound {
			t.Errorf("the answer is the replica's own: %+v", a)
		}
	})
}

func TestRebuildBesideAStorm(t *testing.T) {
	t.Parallel()
	database := settings{"DATABASE_URL": migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), database)
	organizer := p.register("organizer")
	event := organizer.openEvent(100_000)
	buyers := make([]client, 8)
	for i := range buyers {
		buyers[i] = p.register("buyer" + strconv.Itoa(i))
	}
	stop, ended := make(chan struct{}), make(chan error, len(buyers)+1)
	for _, buyer := range buyers {
		go func() { ended <- storm(buyer, event, stop) }()
	}
	go func() { ended <- poll(organizer, event, stop) }()
	for range 3 {
		if code, out, stderr := runProgram(t, t.TempDir(), database, "projections", "rebuild", "--all"); code != 0 {
			t.Errorf("exit code %d\n%s%s", code, out, stderr)
		}
	}
	close(stop)
	for range len(buyers) + 1 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if code, out, stderr := runProgram(t, t.TempDir(), database, "verify"); code != 0 {
		t.Errorf("verify: exit code %d\n%s%s", code, out, stderr)
	}
}

// storm has a buyer book and cancel until told to stop. Every answer has to be one that a buyer can understand.
func storm(buyer client, event string, stop <-chan struct{}) error {
	for {
		a, err := buyer.try("POST", "/book", map[string]any{"eventId": event})
		if err == nil && a.Status == http.StatusCreated {
			a, err = buyer.try("DELETE", "/bookings/"+a.Booking.ID, nil)
		}
		if err != nil || a.Status >= 400 {
			return fmt.Errorf("storm: %+v, %w", a, err)
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// poll reads the listing until told to stop. Its version must never go back.
func poll(reader client, event string, stop <-chan struct{}) error {
	version := int64(0)
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		a, err := reader.try("GET", "/events/"+event, nil)
		if err != nil || a.Status != http.StatusOK {
			return fmt.Errorf("poll: %+v, %w", a, err)
		}
		if a.Version < version {
			return fmt.Errorf("poll: version %d after %d", a.Version, version)
		}
		version = a.Version
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

func natsServer(t *testing.T, port int) *server.Server {
	t.Helper()
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
