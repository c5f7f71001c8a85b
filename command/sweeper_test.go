package command_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// due is a [command.Sweeper]'s Due that says what it is told to.
type due struct {
	events []uuid.UUID
	fails  int // so many calls fail first
	calls  int
}

func (d *due) find(context.Context, time.Time) ([]uuid.UUID, error) {
	if d.calls++; d.calls <= d.fails {
		return nil, errOutage
	}
	return d.events, nil
}

// sweeps runs a sweeper for the given time and waits for its end.
func (n *node) sweeps(t *testing.T, d *due, log *slog.Logger, lasts time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	command.Sweeper{Writer: n.writer, Due: d.find, Clock: n.clock.now, Log: log}.Run(ctx)
}

func TestSweeper(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	quiet := slog.New(slog.DiscardHandler)
	const once = time.Second / 2

	rows := map[string]func(t *testing.T, n *node){
		"returns the seats of holds whose time is over, and of no others": func(t *testing.T, n *node) {
			event := n.open(t, 9)
			n.holds(t, event, newUser(), 1)
			n.clock.advance(5 * time.Minute)
			n.holds(t, event, newUser(), 2)
			n.clock.advance(5 * time.Minute)
			n.books(t, event, newUser())
			n.sweeps(t, &due{events: []uuid.UUID{event}}, quiet, once)
			n.wantSeats(t, event, seats{remaining: 6, held: 2, booked: 1})
			if last := n.events(t, event)[4]; last.Type != "hold.expired.v1" || last.Metadata.UserID != uuid.Nil {
				t.Errorf("recorded %+v", last)
			}
		},
		"returns the seats of a payment that nobody came back from": func(t *testing.T, n *node) {
			event, buyer := n.open(t, 9), newUser()
			now := n.clock.now().Truncate(time.Microsecond)
			order := sale.Order{ID: uuid.Must(uuid.NewV7()), Buyer: buyer, Quantity: 2, At: now}
			if _, err := n.writer.Do(event, sale.Hold{Order: order, Paying: true, ExpiresAt: now.Add(time.Minute)}, metadataOf(order.ID)); err != nil {
				t.Fatal(err)
			}
			n.clock.advance(time.Minute)
			n.sweeps(t, &due{events: []uuid.UUID{event}}, quiet, once)
			n.wantSeats(t, event, seats{remaining: 9})
		},
		"goes on after Due has failed": func(t *testing.T, n *node) {
			event := n.open(t, 1)
			n.holds(t, event, newUser(), 1)
			n.clock.advance(10 * time.Minute)
			d := &due{events: []uuid.UUID{event}, fails: 3}
			n.sweeps(t, d, quiet, 3*time.Second+once)
			if d.calls != 4 {
				t.Errorf("%d sweeps in 3.5 s", d.calls)
			}
			n.wantSeats(t, event, seats{remaining: 1})
		},
		"an answer of Due that is wrong does no harm, to other events either": func(t *testing.T, n *node) {
			idle, event := n.open(t, 5), n.open(t, 1)
			n.holds(t, event, newUser(), 1)
			n.clock.advance(10 * time.Minute)
			n.holds(t, idle, newUser(), 1)
			log := new(strings.Builder)
			d := &due{events: []uuid.UUID{uuid.New(), idle, uuid.Nil, event, event}}
			n.sweeps(t, d, slog.New(slog.NewTextHandler(log, nil)), once)
			n.wantSeats(t, idle, seats{remaining: 4, held: 1})
			n.wantSeats(t, event, seats{remaining: 1})
			wantHistory(t, n, idle, held...)
			if !strings.Contains(log.String(), d.events[0].String()) {
				t.Errorf("logged %q", log)
			}
		},
		"more holds than it takes at a time are all returned in one sweep": func(t *testing.T, n *node) {
			const holds = 1101
			event := n.open(t, holds)
			n.manyHolds(t, event, holds)
			n.clock.advance(10 * time.Minute)
			n.sweeps(t, &due{events: []uuid.UUID{event}}, quiet, once)
			n.wantSeats(t, event, seats{remaining: holds})
			batches := make(map[uuid.UUID]int)
			for _, e := range n.events(t, event)[1+holds:] {
				batches[e.Metadata.CommandID]++
			}
			if len(batches) != 3 {
				t.Errorf("expired in %v", batches)
			}
		},
		"two at once return the seats once": func(t *testing.T, n *node) {
			event := n.open(t, 50)
			n.manyHolds(t, event, 50)
			n.clock.advance(10 * time.Minute)
			other := newNode(t, database, setup{Options: command.Options{Clock: n.clock.now}})
			other.clock = n.clock
			together(4, func(i int) {
				[]*node{n, other}[i%2].sweeps(t, &due{events: []uuid.UUID{event}}, quiet, once)
			})
			n.wantSeats(t, event, seats{remaining: 50})
		},
		"ends with its own context, also when the writer is closed already": func(t *testing.T, n *node) {
			event := n.open(t, 1)
			n.writer.Close()
			n.sweeps(t, &due{events: []uuid.UUID{event}}, quiet, 2*time.Second+once)
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { row(t, newNode(t, database, setup{})) })
		})
	}
}

// A sweeper ends with its context, also while it is at work.
func TestSweeperStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		began := make(chan struct{})
		var running sync.WaitGroup
		running.Go(func() {
			command.Sweeper{Due: func(ctx context.Context, _ time.Time) ([]uuid.UUID, error) {
				close(began)
				<-ctx.Done()
				return nil, ctx.Err()
			}}.Run(ctx)
		})
		<-began
		stop()
		running.Wait()
	})
}

// manyHolds takes one seat each for so many buyers, in one append.
func (n *node) manyHolds(t *testing.T, event uuid.UUID, holds int) {
	t.Helper()
	s := n.replay(t, event)
	now := n.clock.now().Truncate(time.Microsecond)
	var batch eventstore.StreamAppend
	batch.Stream, batch.Expected = event, s.Version
	for range holds {
		id := uuid.Must(uuid.NewV7())
		e := sale.SeatsHeld{
			Hold: id, Buyer: newUser(), Seats: sale.Seats{Section: s.Sections[0].ID, Quantity: 1, Amount: price},
			ExpiresAt: now.Add(10 * time.Minute), At: now,
		}
		data, err := sale.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		batch.Events = append(batch.Events, eventstore.EventData{
			Type: e.EventType(), Schema: sale.EventSchema, Data: data, Metadata: metadataOf(id),
		})
	}
	if a, err := n.store.Append(t.Context(), []eventstore.StreamAppend{batch}); err != nil || len(a.Conflicts) > 0 {
		t.Fatalf("%v, %+v", err, a.Conflicts)
	}
}
