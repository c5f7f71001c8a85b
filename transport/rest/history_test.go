package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/query"
	"onsale/transport/rest"
)

var historyPath = "/events/" + event.String() + "/history"

func noEvent(uuid.UUID) (query.Event, error) { return query.Event{}, query.ErrNotFound }

func noting(asked *int64) func(context.Context, int64) error {
	return func(_ context.Context, position int64) error {
		*asked = position
		return nil
	}
}

// replayed yields the events, then the error, if any.
func replayed(events []query.RecordedEvent, err error) func(uuid.UUID, int64) iter.Seq2[query.RecordedEvent, error] {
	return func(uuid.UUID, int64) iter.Seq2[query.RecordedEvent, error] {
		return func(yield func(query.RecordedEvent, error) bool) {
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(query.RecordedEvent{}, err)
			}
		}
	}
}

func recorded(t testing.TB, version int64, e sale.Event) query.RecordedEvent {
	t.Helper()
	data, err := sale.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return query.RecordedEvent{
		Version: version, Position: version + 100, Type: e.EventType(), Schema: sale.EventSchema, Data: data, RecordedAt: noon,
	}
}

func TestHistoryAsksFor(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]query.HistoryFilter{
		historyPath:                           {EventID: event, Limit: 50},
		historyPath + "?limit=200&before=7":   {EventID: event, Limit: 200, Before: 7},
		historyPath + "?before=1&utm=ignored": {EventID: event, Limit: 50, Before: 1},
	} {
		var got query.HistoryFilter
		f := &fakes{history: func(filter query.HistoryFilter) ([]query.RecordedEvent, error) {
			got = filter
			return nil, nil
		}}
		w := send(t, newAPI(t, f), organized(path))
		if diff := cmp.Diff(want, got); diff != "" || w.Code != 200 {
			t.Errorf("%s: %d, -want +got:\n%s", path, w.Code, diff)
		}
		if body := strings.TrimSpace(w.Body.String()); body != `{"data":[],"next":null}` {
			t.Errorf("no entries are an empty list: %s", body)
		}
	}
}

func TestHistoryRefuses(t *testing.T) {
	t.Parallel()
	for query, fields := range map[string]string{
		"?limit=0": "limit", "?limit=201": "limit", "?limit=x": "limit", "?before=0": "before", "?before=-1": "before",
		"?before=9223372036854775808": "before", "?before=1.5": "before", "?before=": "before", "?limit=0&before=x": "limit before",
	} {
		wantProblem(t, newAPI(t, &fakes{}), organized(historyPath+query), 422, "invalid", strings.Fields(fields)...)
	}
}

func TestTheAnswerToHistory(t *testing.T) {
	t.Parallel()
	booked := recorded(t, 2, sale.BookingConfirmed{
		Booking: claim, Buyer: user, Seats: sale.Seats{Section: section, Quantity: 2, Amount: 5000}, At: noon.Add(-time.Second),
	})
	f := &fakes{history: func(query.HistoryFilter) ([]query.RecordedEvent, error) {
		return []query.RecordedEvent{booked, someOpening()}, nil
	}}
	got := decodeBody[rest.HistoryPage](t, send(t, newAPI(t, f), organized(historyPath)))
	want := rest.HistoryPage{Data: []rest.HistoryEntry{
		{Version: 2, Position: 102, Type: "booking.confirmed.v1", At: noon.Add(-time.Second), RecordedAt: noon,
			Summary: "2 seats in General admission booked for 50.00 USD", Data: booked.Data},
		{Version: 1, Position: 6, Type: "sale.opened.v1", At: noon, RecordedAt: noon, By: new(organizer),
			Summary: "Put on sale with 2 seats in General admission at 25.00 USD each", Data: someOpening().Data},
	}}
	sameJSON := cmp.Comparer(func(a, b json.RawMessage) bool {
		var x, y any
		return errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)) == nil && cmp.Equal(x, y)
	})
	if diff := cmp.Diff(want, got, sameJSON); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheNextPageOfHistoryBeginsBelowThisOne(t *testing.T) {
	t.Parallel()
	f := &fakes{history: func(query.HistoryFilter) ([]query.RecordedEvent, error) {
		return []query.RecordedEvent{recorded(t, 9, sale.HoldExpired{}), recorded(t, 8, sale.HoldExpired{})}, nil
	}}
	got := decodeBody[rest.HistoryPage](t, send(t, newAPI(t, f), organized(historyPath)))
	if got.Next == nil || *got.Next != 8 {
		t.Errorf("next: %v", got.Next)
	}
}

func TestHistoryIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	seats := sale.Seats{Section: section, Quantity: 2, Amount: 5000}
	until := noon.Add(10 * time.Minute)
	two := []sale.OpenedSection{{Name: "VIP", OnSale: 3}, {Name: "Floor", OnSale: 90}}
	for want, e := range map[string]sale.Event{
		"Put on sale with 93 seats in 2 sections":                                      sale.Opened{Sections: two},
		"Put on sale with 3 seats in VIP at 0.00 USD each":                             sale.Opened{Sections: two[:1]},
		"2 seats in General admission held until 12:10:00 UTC":                         sale.SeatsHeld{Seats: seats, ExpiresAt: until},
		"2 seats in General admission held while the buyer pays 50.00 USD":             sale.SeatsHeld{Seats: seats, Paying: true},
		"Payment for held seats begun, to be done by 12:10:00 UTC":                     sale.PaymentStarted{ExpiresAt: until},
		"Payment failed, the seats stay held until 12:10:00 UTC":                       sale.PaymentFailed{ExpiresAt: until},
		"Hold given back, 2 seats in General admission on sale again":                  sale.HoldReleased{Seats: seats},
		"Payment failed, 2 seats in General admission on sale again":                   sale.HoldReleased{Seats: seats, PaymentFailed: true},
		"Hold ran out, 2 seats in General admission on sale again":                     sale.HoldExpired{Seats: seats},
		"2 seats in General admission booked for 50.00 USD":                            sale.BookingConfirmed{Seats: seats},
		"1 seat booked for 0.10 USD":                                                   sale.BookingConfirmed{Seats: sale.Seats{Quantity: 1, Amount: 10}},
		"Booking of 2 seats in General admission for 50.00 USD cancelled by the buyer": sale.BookingCancelled{Seats: seats, Buyer: user, By: user},
		"Booking of 2 seats in General admission for 50.00 USD cancelled by an admin":  sale.BookingCancelled{Seats: seats, Buyer: user, By: admin},
		"Booking of 1 seat for 0.10 USD cancelled by the operator: Paid twice":         sale.BookingCancelled{Seats: sale.Seats{Quantity: 1, Amount: 10}, Buyer: user, Reason: "Paid twice"},
		"Sales closed by the operator: Flood":                                          sale.SaleClosed{Reason: "Flood"},
		"Sales closed by an admin: Flood":                                              sale.SaleClosed{By: admin, Reason: "Flood"},
	} {
		f := &fakes{history: func(query.HistoryFilter) ([]query.RecordedEvent, error) {
			return []query.RecordedEvent{recorded(t, 1, e)}, nil
		}}
		got := decodeBody[rest.HistoryPage](t, send(t, newAPI(t, f), organized(historyPath)))
		if got.Data[0].Summary != want {
			t.Errorf("%T: %q, want %q", e, got.Data[0].Summary, want)
		}
	}
}

func TestEachEntryTellsWhenItHappened(t *testing.T) {
	t.Parallel()
	for _, e := range []sale.Event{
		sale.Opened{At: noon, Sections: []sale.OpenedSection{{}}}, sale.SeatsHeld{At: noon}, sale.PaymentStarted{At: noon},
		sale.PaymentFailed{At: noon}, sale.HoldReleased{At: noon}, sale.HoldExpired{At: noon}, sale.BookingConfirmed{At: noon},
		sale.BookingCancelled{At: noon}, sale.SaleClosed{At: noon},
	} {
		f := &fakes{history: func(query.HistoryFilter) ([]query.RecordedEvent, error) {
			r := recorded(t, 1, e)
			r.RecordedAt = noon.Add(time.Minute)
			return []query.RecordedEvent{r}, nil
		}}
		got := decodeBody[rest.HistoryPage](t, send(t, newAPI(t, f), organized(historyPath))).Data[0]
		if !got.At.Equal(noon) || !got.RecordedAt.Equal(noon.Add(time.Minute)) {
			t.Errorf("%T: at %v, recorded at %v", e, got.At, got.RecordedAt)
		}
	}
}

func TestAnEventNobodyCanReadIsNotPassedOver(t *testing.T) {
	t.Parallel()
	unknown := query.RecordedEvent{Version: 1, Type: "sale.moved.v1", Schema: 1, Data: []byte(`{}`)}
	f := &fakes{
		history: func(query.HistoryFilter) ([]query.RecordedEvent, error) { return []query.RecordedEvent{unknown}, nil },
		replay:  replayed([]query.RecordedEvent{unknown}, nil),
	}
	wantProblem(t, newAPI(t, f), organized(historyPath), 500, "internal")
	wantProblem(t, newAPI(t, f), organized(versionPath(1)), 500, "internal")
}

func versionPath(version any) string {
	return "/events/" + event.String() + "?atVersion=" + fmt.Sprint(version)
}

func TestAnEventAsItWasLooksLikeAnEvent(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	now, then := send(t, api, organized("/events/"+event.String())), send(t, api, organized(versionPath(1)))
	if then.Code != 200 || then.Body.String() != now.Body.String() {
		t.Errorf("%d\n now %s\nthen %s", then.Code, now.Body, then.Body)
	}
}

func TestAnEventAsItWasAsksFor(t *testing.T) {
	t.Parallel()
	var asked int64
	f := &fakes{replay: func(_ uuid.UUID, through int64) iter.Seq2[query.RecordedEvent, error] {
		asked = through
		return replayed(nil, nil)(event, through)
	}}
	wantProblem(t, newAPI(t, f), organized(versionPath(12)), 404, "version_not_found")
	if asked != 12 {
		t.Errorf("asked for version %d", asked)
	}
}

func TestNoVersionIsRefused(t *testing.T) {
	t.Parallel()
	for _, version := range []any{0, -1, "x", "", "1.0", "9223372036854775808", "1&atVersion=2"} {
		wantProblem(t, newAPI(t, &fakes{}), organized(versionPath(version)), 422, "invalid", "atVersion")
	}
}

// The same replay with the claims forgotten on the way, and not.
func TestALongReplayEndsWhereEveryOtherDoes(t *testing.T) {
	t.Parallel()
	s := &sale.Sale{ID: event}
	var story []query.RecordedEvent
	happen := func(events ...sale.Event) {
		for _, e := range events {
			story = append(story, recorded(t, s.Version+1, e))
			s.Evolve(e)
		}
	}
	vip := uuid.MustParse("1b9d6c1e-58a1-4d3a-8a52-1f6f2b7a9c3d")
	happen(sale.Opened{
		Organizer: organizer, Title: "Long", Venue: "Hall", Currency: "EUR", StartsAt: noon, TimeZone: "Europe/Berlin", At: noon,
		Sections: []sale.OpenedSection{
			{ID: section, Name: "Floor", Price: 3000, Capacity: 50_000, OnSale: 40_000}, {ID: vip, Name: "VIP", Price: 2000, Capacity: 5, OnSale: 5},
		},
	})
	for i := range 13_000 { // the hold of each is released or confirmed, booked or cancelled, 3,000 buyers later
		id, seats := numbered(i), sale.Seats{Section: section, Quantity: 1 + i%3, Amount: 3000}
		happen(sale.SeatsHeld{Hold: id, Buyer: id, Seats: seats, At: noon, ExpiresAt: noon})
		if i < 3000 {
			continue
		}
		if i == 3000 {
			happen(sale.SaleClosed{Reason: "Flood", At: noon})
		}
		id, seats.Quantity = numbered(i-3000), 1+(i-3000)%3
		switch i % 3 {
		case 0:
			happen(sale.HoldReleased{Hold: id, Buyer: id, Seats: seats})
		case 1:
			happen(sale.BookingConfirmed{Booking: id, Buyer: id, Seats: seats, FromHold: true})
		case 2:
			happen(sale.BookingConfirmed{Booking: id, Buyer: id, Seats: seats, FromHold: true},
				sale.BookingCancelled{Booking: id, Buyer: id, Seats: seats})
		}
	}
	f := &fakes{
		event:  func(uuid.UUID) (query.Event, error) { return query.Event{ID: event, Organizer: organizer}, nil },
		replay: replayed(story, nil),
	}
	got := decodeBody[rest.Event](t, send(t, newAPI(t, f), organized(versionPath(s.Version))))
	want := rest.Event{
		ID: event, Title: "Long", Name: "Long", Venue: "Hall", Currency: "EUR", Date: new(noon), TimeZone: new("Europe/Berlin"), OrganizerID: organizer,
		Version: s.Version, Closed: true, Price: "20.00", TotalTickets: 50_005, RemainingTickets: s.Remaining(),
		Sections: []rest.Section{
			{ID: section, Name: "Floor", Price: "30.00", Capacity: 50_000, Remaining: s.Sections[0].Remaining},
			{ID: vip, Name: "VIP", Price: "20.00", Capacity: 5, Remaining: 5},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || s.Version < 20_000 {
		t.Errorf("%d events; -want +got:\n%s", s.Version, diff)
	}
}

func numbered(i int) uuid.UUID { return uuid.UUID{6: 0x70, 8: 0x80, 14: byte(i >> 8), 15: byte(i)} }
