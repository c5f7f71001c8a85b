package sale

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// A storedEvent is one as the log has it.
type storedEvent struct {
	Type   string          `json:"type"`
	Schema int16           `json:"schema"`
	Data   json.RawMessage `json:"data"`
}

// golden is testdata/events.json: stored forms of every event. What is in it is in somebody's log: it may be added to, and
// never changed.
func golden(tb testing.TB) []storedEvent {
	tb.Helper()
	file, err := os.ReadFile("testdata/events.json")
	if err != nil {
		tb.Fatal(err)
	}
	var stored []storedEvent
	if err := json.Unmarshal(file, &stored); err != nil {
		tb.Fatal(err)
	}
	return stored
}

// goldenEvents are what the golden file means, in its order.
func goldenEvents() []Event {
	var (
		claim     = uuid.MustParse("0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b")
		buyer     = uuid.MustParse("11111111-2222-4333-8444-555555555555")
		admin     = uuid.MustParse("99999999-8888-4777-8666-555555555555")
		at        = time.Date(2030, 6, 1, 12, 0, 0, 123456000, time.UTC)
		expiresAt = time.Date(2030, 6, 1, 12, 10, 0, 0, time.UTC)
		seats     = Seats{Section: uuid.MustParse("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"), Quantity: 3, Amount: 14997}
		key       = Idempotency{Key: "a key of the client's", Fingerprint: "0011223344556677"}
	)
	return []Event{
		Opened{
			Organizer: buyer, Title: "Konzert „Größe“", Description: "Two sets.\nNo support.", Venue: "Hall",
			StartsAt: time.Date(2030, 7, 1, 20, 0, 0, 0, time.UTC), Currency: "EUR", At: at,
			Sections: []OpenedSection{
				{ID: seats.Section, Name: "VIP", Price: 4999, Capacity: 50, OnSale: 5},
				{ID: uuid.MustParse("bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"), Name: "Free", Capacity: 1000},
			},
		},
		Opened{
			Organizer: buyer, Title: "Bare", Currency: "JPY", At: at,
			Sections: []OpenedSection{{ID: seats.Section, Name: "All", Price: 1, Capacity: 1, OnSale: 1}},
		},
		Opened{
			Organizer: buyer, Title: "Zoned", StartsAt: time.Date(2030, 7, 1, 18, 0, 0, 0, time.UTC), TimeZone: "Europe/Berlin",
			Currency: "EUR", At: at, Sections: []OpenedSection{{ID: seats.Section, Name: "All", Price: 1, Capacity: 1, OnSale: 1}},
		},
		SeatsHeld{Hold: claim, Buyer: buyer, Seats: seats, ExpiresAt: expiresAt, At: at},
		SeatsHeld{Hold: claim, Buyer: buyer, Seats: seats, Paying: true, ExpiresAt: expiresAt, At: at, Idempotency: key},
		PaymentStarted{Hold: claim, Buyer: buyer, ExpiresAt: expiresAt, At: at},
		PaymentFailed{Hold: claim, Buyer: buyer, ExpiresAt: expiresAt, At: at},
		HoldReleased{Hold: claim, Buyer: buyer, Seats: seats, At: at},
		HoldReleased{Hold: claim, Buyer: buyer, Seats: seats, PaymentFailed: true, At: at},
		HoldExpired{Hold: claim, Buyer: buyer, Seats: seats, At: at},
		BookingConfirmed{Booking: claim, Buyer: buyer, Seats: seats, At: at},
		BookingConfirmed{Booking: claim, Buyer: buyer, Seats: seats, FromHold: true, At: at, Idempotency: key},
		BookingCancelled{Booking: claim, Buyer: buyer, Seats: seats, By: admin, At: at},
		BookingCancelled{Booking: claim, Buyer: buyer, Seats: seats, Reason: "Paid twice", At: at},
		SaleClosed{Reason: "The hall is flooded", At: at},
		SaleClosed{By: admin, Reason: "The hall is flooded", At: at},
	}
}

func TestStoredEventsAreReadForEver(t *testing.T) {
	t.Parallel()
	stored, events := golden(t), goldenEvents()
	if len(stored) != len(events) {
		t.Fatalf("%d golden events, %d expected", len(stored), len(events))
	}
	for i, want := range events {
		got, err := Decode(stored[i].Type, stored[i].Schema, stored[i].Data)
		if err != nil {
			t.Errorf("golden event %d: %v", i, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("golden event %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestEventsAreStoredAsTheyAlwaysWere(t *testing.T) {
	t.Parallel()
	stored := golden(t)
	for i, e := range goldenEvents() {
		got, err := Encode(e)
		if err != nil {
			t.Errorf("golden event %d: %v", i, err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, stored[i].Data); err != nil {
			t.Fatal(err)
		}
		if e.EventType() != stored[i].Type || EventSchema != stored[i].Schema {
			t.Errorf("golden event %d is stored as %s schema %d, want %s schema %d",
				i, e.EventType(), EventSchema, stored[i].Type, stored[i].Schema)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("golden event %d (-want +got):\n%s", i, diff)
		}
	}
}

// An event that is declared but not decoded would be lost with the next start of the program.
func TestEveryEventIsDecodedAndGolden(t *testing.T) {
	t.Parallel()
	declared := declaredEvents(t)
	if len(declared) < 9 {
		t.Fatalf("found only %q", declared)
	}
	decoded := slices.Sorted(maps.Keys(decoders))
	if diff := cmp.Diff(declared, decoded); diff != "" {
		t.Errorf("events that are decoded (-declared +decoded):\n%s", diff)
	}
	inGolden := map[string]bool{}
	for _, stored := range golden(t) {
		inGolden[stored.Type] = true
	}
	if diff := cmp.Diff(declared, slices.Sorted(maps.Keys(inGolden))); diff != "" {
		t.Errorf("events that are golden (-declared +golden):\n%s", diff)
	}
}

// declaredEvents reads the package's source for what its EventType methods return, each of which must be a literal.
func declaredEvents(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "events.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "EventType" {
			continue
		}
		literal, ok := f.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
		if !ok {
			t.Fatal("an EventType is not a literal")
		}
		name, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	const cancelled = "booking.cancelled.v1"
	for name, row := range map[string]struct {
		eventType string
		schema    int16
		data      string
		unknown   bool
	}{
		"a type of no event":           {"booking.transferred.v1", EventSchema, `{}`, true},
		"no type":                      {"", EventSchema, `{}`, true},
		"a type in capitals":           {"Booking.Cancelled.V1", EventSchema, `{}`, true},
		"a schema of the future":       {cancelled, EventSchema + 1, `{}`, true},
		"a schema there never was":     {cancelled, 0, `{}`, true},
		"no JSON":                      {cancelled, EventSchema, ``, false},
		"half of a JSON":               {cancelled, EventSchema, `{"booking":`, false},
		"more than one JSON":           {cancelled, EventSchema, `{}{}`, false},
		"a list":                       {cancelled, EventSchema, `[]`, false},
		"null":                         {cancelled, EventSchema, `null`, false},
		"a field of the future":        {cancelled, EventSchema, `{"refund":4999}`, false},
		"a field within a field":       {"booking.confirmed.v1", EventSchema, `{"idempotency":{"key":"k","scope":"all"}}`, false},
		"a quantity that is no number": {cancelled, EventSchema, `{"quantity":"3"}`, false},
		"half a seat":                  {cancelled, EventSchema, `{"quantity":1.5}`, false},
		"an id that is no UUID":        {cancelled, EventSchema, `{"booking":"7"}`, false},
		"a time that is none":          {cancelled, EventSchema, `{"at":"yesterday"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := Decode(row.eventType, row.schema, []byte(row.data))
			if err == nil || errors.Is(err, ErrUnknownEvent) != row.unknown {
				t.Errorf("decoded %+v, error %v", e, err)
			}
		})
	}
}

// An event that is taken is one object of the fields it has, and stored again it is the same event. No event, however odd, stops a
// sale that it comes to.
func FuzzDecode(f *testing.F) {
	for _, stored := range golden(f) { // every version of every event
		f.Add(stored.Type, stored.Schema, []byte(stored.Data))
		f.Add(stored.Type, stored.Schema, []byte(stored.Data[:len(stored.Data)/2]))
	}
	for _, data := range []string{
		`{"quantity":9223372036854775807,"amount":-9223372036854775808}`, `{"quantity":9223372036854775808}`, `{"quantity":1e999}`, `{"quantity":-1}`,
		`{"quantity":1,"quantity":2}`, `{"QUANTITY":1}`, `{"buyer":null,"section":null}`, `{"idempotency":{"key":"\ud800","fingerprint":"\u0000"}}`,
		`{"at":"9999-12-31T23:59:59-23:59"}`, `{"at":"0000-01-01T00:00:00Z","expiresAt":"2030-06-31T00:00:00Z"}`, "{\"idempotency\":{\"key\":\"\xff\"}}", "\ufeff{}",
		`{"idempotency":` + strings.Repeat(`[`, 10_000) + `}`,
	} {
		f.Add("booking.confirmed.v1", EventSchema, []byte(data))
		f.Add("seats.held.v1", EventSchema, []byte(data))
	}
	f.Add("sale.opened.v1", EventSchema, []byte(`{"title":"Größe 👩‍👩‍👧","sections":[{"capacity":2147483648,"onSale":-1,"price":9223372036854775807},{}]}`))
	f.Add("booking.confirmed.v1", EventSchema, []byte(`null`))
	f.Add("booking.confirmed.v1", EventSchema, []byte(`{} {}`))
	f.Add("booking.confirmed.v2", EventSchema, []byte(`{}`))
	f.Fuzz(func(t *testing.T, eventType string, schema int16, data []byte) {
		e, err := Decode(eventType, schema, data)
		if known := decoders[eventType] != nil && schema == EventSchema; known == errors.Is(err, ErrUnknownEvent) {
			t.Errorf("%q of schema %d: %v", eventType, schema, err)
		}
		if err != nil {
			return
		}
		if data = bytes.TrimSpace(data); !json.Valid(data) || data[0] != '{' {
			t.Errorf("%q was taken for an event", data)
		}
		if odd, err := Decode(eventType, schema, append([]byte(`{"of the future":1,`), data[1:]...)); err == nil {
			t.Errorf("a field of the future was passed over: %+v", odd)
		}
		encoded, err := Encode(e)
		if err != nil {
			t.Fatalf("%+v was decoded, but: %v", e, err)
		}
		again, err := Decode(eventType, schema, encoded)
		if diff := cmp.Diff(e, again); err != nil || diff != "" {
			t.Errorf("decoded again: %v (-first +again):\n%s", err, diff)
		}
		s := saleOf(opened, e, e)
		_, _ = Decide(s, Book{order("a", alice, 1)})
		_, _ = Decide(s, ExpireHolds{At: later, Limit: 10})
	})
}
