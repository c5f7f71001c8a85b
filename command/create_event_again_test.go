package command_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

// concert is an event of two sections that is asked for under a key.
func concert(organizer uuid.UUID, key string) command.CreateEvent {
	return command.CreateEvent{
		Organizer: organizer, Title: "Limited Concert", Currency: "EUR", StartsAt: time.Date(2031, 7, 1, 20, 0, 0, 123456789, time.UTC),
		IdempotencyKey: key, Sections: []command.SectionSpec{
			{Name: "VIP", Price: 19900, Capacity: 5, Remaining: 5}, {Name: "Floor", Price: 500, Capacity: 100, Remaining: 40},
		},
	}
}

func opens(t *testing.T, n *node, c command.CreateEvent) command.Receipt {
	t.Helper()
	r, err := n.CreateEvent(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEqualRequestsAtOnceOpenOneSale(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	for name, nodes := range map[string][]*node{
		"on one node": {newNode(t, database, setup{})}, "on two": {newNode(t, database, setup{}), newNode(t, database, setup{})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			receipts, errs := make([]command.Receipt, 16), make([]error, 16)
			request := concert(newUser(), key)
			together(len(errs), func(i int) { receipts[i], errs[i] = nodes[i%len(nodes)].CreateEvent(t.Context(), request) })
			wantCounts(t, errs, map[error]int{nil: len(errs)})
			first := 0
			for _, r := range receipts {
				if diff := cmp.Diff(receipts[0].Event, r.Event); diff != "" {
					t.Errorf("two answers: %s", diff)
				}
				if !r.Replayed {
					first++
				}
			}
			if id := receipts[0].Event.ID; first != 1 || id.Version() != 8 || len(nodes[0].events(t, id)) != 1 {
				t.Errorf("%d were the first; the log has %+v", first, nodes[0].events(t, id))
			}
			other := request
			other.IdempotencyKey = "" // the control: without a key each is a sale of its own
			a, b := opens(t, nodes[0], other), opens(t, nodes[0], other)
			if a.Event.ID == b.Event.ID || a.Event.ID == receipts[0].Event.ID || a.Replayed || b.Replayed {
				t.Errorf("%+v, %+v", a, b)
			}
		})
	}
}

func TestARepeatedEventIsAnsweredAsItWasOpened(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})
	request := concert(newUser(), key)
	first, err := n.CreateEvent(t.Context(), request)
	if err != nil || first.Replayed || first.Event.Remaining != 45 || first.Event.Version != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	section := first.Event.Sections[0].ID
	if _, err := n.Book(t.Context(), command.Book{EventID: first.Event.ID, SectionID: section, Quantity: 2, Buyer: newUser()}); err != nil {
		t.Fatal(err)
	}
	n.clock.advance(100 * 365 * 24 * time.Hour)
	for name, node := range map[string]*node{"by the same node": n, "by another one": newNode(t, database, setup{})} {
		again, err := node.CreateEvent(t.Context(), request)
		if diff := cmp.Diff(first.Event, again.Event); err != nil || !again.Replayed || again.Position <= first.Position || diff != "" {
			t.Errorf("%s: %+v, %v %s", name, again, err, diff)
		}
	}
	n.wantSeats(t, first.Event.ID, seats{remaining: 3, booked: 2})
}

func TestAnEventsKeyIsItsOrganisersAndForOneRequest(t *testing.T) {
	t.Parallel()
	n := newNode(t, migrationstest.Database(t), setup{})
	organizer := newUser()
	first := opens(t, n, concert(organizer, key))
	changed := concert(organizer, key)
	changed.Sections[1].Price++
	if r, err := n.CreateEvent(t.Context(), changed); !errors.Is(err, sale.ErrKeyReused) {
		t.Errorf("another price: %+v, %v", r, err)
	}
	for name, other := range map[string]command.CreateEvent{"another organiser's": concert(newUser(), key), "another key": concert(organizer, key+"2")} {
		if r, err := n.CreateEvent(t.Context(), other); err != nil || r.Replayed || r.Event.ID == first.Event.ID {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	refused := concert(organizer, "a key that was refused")
	refused.Title = ""
	if _, err := n.CreateEvent(t.Context(), refused); len(fields(err)) != 1 {
		t.Error(err)
	}
	if r, err := n.CreateEvent(t.Context(), concert(organizer, refused.IdempotencyKey)); err != nil || r.Replayed {
		t.Errorf("what was refused has not used up its key: %+v, %v", r, err)
	}
}
