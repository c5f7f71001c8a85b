package command_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

// What a buyer does leaves ids, times, numbers and digests in the log, and not a word that a buyer wrote: a log cannot
// forget a person.
func TestNoPersonalDataInTheLog(t *testing.T) {
	t.Parallel()
	answer := error(nil)
	g := &gateway{judge: func(context.Context, command.Payment) error { return answer }}
	n := newNode(t, migrationstest.Database(t), charging(g))
	event := n.open(t, 9)
	try := func(_ command.Receipt, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ada, bob, eve, dan := newUser(), newUser(), newUser(), newUser()
	try(n.Book(t.Context(), command.Book{EventID: event, Quantity: 2, Buyer: ada, IdempotencyKey: key}))
	booking := n.events(t, event)[1].Metadata.CommandID
	try(n.CancelBooking(t.Context(), command.CancelBooking{BookingID: booking, User: ada}))
	answer = command.ErrPaymentDeclined
	if _, err := n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: bob, IdempotencyKey: key}); err == nil {
		t.Fatal("not declined")
	}
	hold, err := n.Hold(t.Context(), command.Hold{EventID: event, Quantity: 9, Buyer: eve, IdempotencyKey: key})
	try(hold, err)
	if _, err := n.confirms(t, hold.Claim.ID, eve); err == nil {
		t.Fatal("not declined")
	}
	answer = nil
	n.clock.advance(10 * time.Minute)
	try(n.Book(t.Context(), command.Book{EventID: event, Quantity: 1, Buyer: dan, IdempotencyKey: key}))

	var seen []string
	for _, e := range n.events(t, event) {
		if !slices.Contains(seen, e.Type) {
			seen = append(seen, e.Type)
		}
		if e.Type == "sale.opened.v1" {
			continue // the organiser's words, which are public
		}
		var data any
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		wantNoText(t, e.Type, data)
	}
	want := []string{
		"sale.opened.v1", "seats.held.v1", "booking.confirmed.v1", "booking.cancelled.v1", "hold.released.v1",
		"payment.started.v1", "payment.failed.v1", "hold.expired.v1",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("the log has %v, want one of each", seen)
	}
}

var digest = regexp.MustCompile(`^[0-9a-f]{16}$`)

// wantNoText wants every text in a JSON value to be an id, a time, or a digest.
func wantNoText(t *testing.T, at string, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			wantNoText(t, at+" "+name, inner)
		}
	case []any:
		for _, inner := range v {
			wantNoText(t, at, inner)
		}
	case string:
		_, notID := uuid.Parse(v)
		_, notTime := time.Parse(time.RFC3339Nano, v)
		if notID != nil && notTime != nil && !digest.MatchString(v) {
			t.Errorf("%s: %q", at, v)
		}
	}
}

// A key travels in the event that it made, in the same append, and only its digest does.
func TestKeyInTheLog(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	both(t, database, func(t *testing.T, n *node, _ func() int) {
		event, buyer := n.open(t, 9), newUser()
		order := command.Book{EventID: event, Quantity: 1, Buyer: buyer, IdempotencyKey: key}
		if _, err := n.Book(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		order.Buyer = newUser()
		if _, err := n.Book(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		digests := make(map[uuid.UUID]sale.Idempotency)
		for _, e := range n.events(t, event)[1:] {
			if strings.Contains(string(e.Data), "@") || strings.Contains(string(e.Data), "order") {
				t.Errorf("%s holds what the client wrote: %s", e.Type, e.Data)
			}
			var in struct {
				Buyer       uuid.UUID
				Idempotency sale.Idempotency
			}
			if err := json.Unmarshal(e.Data, &in); err != nil {
				t.Fatal(err)
			}
			if before, ok := digests[in.Buyer]; ok && before != in.Idempotency {
				t.Errorf("%s has %+v, the hold had %+v", e.Type, in.Idempotency, before)
			}
			digests[in.Buyer] = in.Idempotency
		}
		of, other := digests[buyer], digests[order.Buyer]
		if len(of.Key) != 16 || len(of.Fingerprint) != 16 || of.Key == other.Key || of.Fingerprint != other.Fingerprint {
			t.Errorf("idempotency %+v, of another buyer %+v", of, other)
		}
	})
}
