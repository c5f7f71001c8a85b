package command_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
)

// A node is one program's write side. Nodes of one database share nothing but that.
type node struct {
	*command.Handlers
	writer *command.Writer
	store  *eventstore.Store
	pool   *pgxpool.Pool
	clock  *clock
}

// setup says what differs from a node on which nothing has to be paid.
type setup struct {
	command.Options
	writer command.WriterOptions
	store  func(command.Store) command.Store // what the writer has in place of the log
	lookup func(command.Lookup) command.Lookup
}

// charging is the setup of a node where g takes the money.
func charging(g *gateway) setup { return setup{Options: command.Options{Payments: g}} }

// newNode returns a node on a database that others may use as well: an event that it puts on sale is nobody else's.
func newNode(t *testing.T, database string, s setup) *node {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	n := &node{pool: pool, store: eventstore.New(pool), clock: newClock()}
	if s.Clock == nil {
		s.Clock = n.clock.now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.writer.Log == nil {
		s.writer.Log = s.Log
	}
	var log command.Store = n.store
	if s.store != nil {
		log = s.store(log)
	}
	var lookup command.Lookup = n.store
	if s.lookup != nil {
		lookup = s.lookup(lookup)
	}
	n.writer = command.NewWriter(log, s.writer)
	t.Cleanup(n.writer.Close)
	n.Handlers = command.NewHandlers(n.writer, lookup, s.Options)
	return n
}

// clock is a time that moves when told to.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2030, 5, 1, 9, 0, 0, 123456789, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

const price = 4999

// open puts an event on sale, a month ahead, with one section of the given seats; none are one seat that is gone.
func (n *node) open(t *testing.T, seats int) uuid.UUID {
	t.Helper()
	r, err := n.CreateEvent(t.Context(), command.CreateEvent{
		Organizer: newUser(), Title: "Limited Concert", Currency: "EUR", StartsAt: n.clock.now().AddDate(0, 1, 0),
		Sections: []command.SectionSpec{{Name: "Floor", Price: price, Capacity: max(seats, 1), Remaining: seats}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.Event.ID
}

// holds takes seats of an event for a buyer.
func (n *node) holds(t *testing.T, event, buyer uuid.UUID, quantity int) uuid.UUID {
	t.Helper()
	r, err := n.Hold(t.Context(), command.Hold{EventID: event, Quantity: quantity, Buyer: buyer})
	if err != nil {
		t.Fatal(err)
	}
	return r.Claim.ID
}

// books sells one seat of an event to a buyer.
func (n *node) books(t *testing.T, event, buyer uuid.UUID) command.Receipt {
	t.Helper()
	r, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: buyer})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// events is what the log has of an event.
func (n *node) events(t *testing.T, event uuid.UUID) []eventstore.RecordedEvent {
	t.Helper()
	var events []eventstore.RecordedEvent
	for e, err := range n.store.Load(t.Context(), event, 0) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// history is the types of what the log has of an event, after its opening.
func (n *node) history(t *testing.T, event uuid.UUID) []string {
	t.Helper()
	var types []string
	for _, e := range n.events(t, event)[1:] {
		types = append(types, e.Type)
	}
	return types
}

// replay is the sale as the log alone tells it.
func (n *node) replay(t *testing.T, event uuid.UUID) *sale.Sale {
	t.Helper()
	s := &sale.Sale{ID: event}
	for _, recorded := range n.events(t, event) {
		e, err := sale.Decode(recorded.Type, recorded.Schema, recorded.Data)
		if err != nil {
			t.Fatal(err)
		}
		s.Evolve(e)
	}
	return s
}

// seats are the counts of an event with one section.
type seats struct{ remaining, held, booked int }

func (n *node) seats(t *testing.T, event uuid.UUID) seats {
	t.Helper()
	s := n.replay(t, event).Sections[0]
	return seats{s.Remaining, s.Held, s.Booked}
}

func (n *node) wantSeats(t *testing.T, event uuid.UUID, want seats) {
	t.Helper()
	if got := n.seats(t, event); got != want {
		t.Errorf("seats %+v, want %+v", got, want)
	}
}

// metadataOf is the metadata of a command that comes from nowhere.
func metadataOf(id uuid.UUID) eventstore.Metadata { return eventstore.Metadata{CommandID: id} }

func newUser() uuid.UUID { return uuid.New() }

// together calls f from n goroutines that are released at once, and waits for them.
func together(n int, f func(i int)) {
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	running.Wait()
}
