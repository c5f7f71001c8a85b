package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/transport/rest"
)

func TestRequestsBecomeCommands(t *testing.T) {
	t.Parallel()
	const id = "9c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f"
	two := `{"eventId":"` + event.String() + `","sectionId":"` + section.String() + `","qty":2}`
	correlation := claim.String()
	single := []command.SectionSpec{{Name: "General admission", Price: 4999, Capacity: 100, Remaining: 100}}
	for name, test := range map[string]struct {
		request request
		want    any
	}{
		"book one in the only section": {post("/book", validSeats),
			command.Book{EventID: event, Quantity: 1, Buyer: user, CorrelationID: correlation}},
		"book with a key": {post("/book", two).with("Idempotency-Key", "k-1"),
			command.Book{EventID: event, SectionID: section, Quantity: 2, Buyer: user, IdempotencyKey: "k-1", CorrelationID: correlation}},
		"no quantity is not zero": {post("/book", `{"eventId":"`+event.String()+`","qty":0}`),
			command.Book{EventID: event, Buyer: user, CorrelationID: correlation}},
		"hold": {post("/holds", two).with("Idempotency-Key", "k-2"),
			command.Hold{EventID: event, SectionID: section, Quantity: 2, Buyer: user, IdempotencyKey: "k-2", CorrelationID: correlation}},
		"confirm": {post("/holds/"+id+"/confirm", ""), command.ConfirmHold{HoldID: claim, Buyer: user, CorrelationID: correlation}},
		"confirm with an empty object": {post("/holds/"+id+"/confirm", "{}"),
			command.ConfirmHold{HoldID: claim, Buyer: user, CorrelationID: correlation}},
		"release": {del("/holds/" + id), command.ReleaseHold{HoldID: claim, Buyer: user, CorrelationID: correlation}},
		"cancel":  {del("/bookings/" + id), command.CancelBooking{BookingID: claim, User: user, CorrelationID: correlation}},
		"cancel as an admin": {request{method: "DELETE", path: "/bookings/" + id, token: "admin"},
			command.CancelBooking{BookingID: claim, User: admin, Admin: true, CorrelationID: correlation}},
		"a client's request id is the correlation": {post("/book", validSeats).with("X-Request-Id", "4bf92f3577b34da6-a3ce929d0e0e4736"),
			command.Book{EventID: event, Quantity: 1, Buyer: user, CorrelationID: "4bf92f3577b34da6-a3ce929d0e0e4736"}},
		"create a single section": {post("/events", `{"title":" A ","totalTickets":100,"price":49.99}`),
			command.CreateEvent{Organizer: user, Title: "A", Currency: "USD", CorrelationID: correlation, Sections: single}},
		"create by the first form": {post("/events/create", `{"name":"A","sections":[
				{"name":"VIP","price":1500,"capacity":5,"remaining":0},{"name":"Floor","price":0,"capacity":95}],
				"description":"d","venue":"v","timeZone":"Asia/Tokyo","currency":"JPY","date":"2031-03-15T11:00:00+01:00"}`),
			command.CreateEvent{
				Organizer: user, Title: "A", Description: "d", Venue: "v", TimeZone: "Asia/Tokyo", Currency: "JPY", CorrelationID: correlation,
				StartsAt: time.Date(2031, 3, 15, 10, 0, 0, 0, time.UTC),
				Sections: []command.SectionSpec{{Name: "VIP", Price: 1500, Capacity: 5}, {Name: "Floor", Capacity: 95, Remaining: 95}},
			}},
		"create with a key": {post("/events", `{"title":"A","totalTickets":100,"price":49.99}`).with("Idempotency-Key", "k-3"),
			command.CreateEvent{Organizer: user, Title: "A", Currency: "USD", IdempotencyKey: "k-3", CorrelationID: correlation, Sections: single}},
		"title and name may say the same": {post("/events", `{"title":"A","name":"A","totalTickets":100,"price":49.99}`),
			command.CreateEvent{Organizer: user, Title: "A", Currency: "USD", CorrelationID: correlation, Sections: single}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			w := send(t, newAPI(t, f), test.request)
			if w.Code >= 300 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if diff := cmp.Diff([]any{test.want}, f.given); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestABookingsAnswer(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), post("/book", validSeats))
	want := `{"booking":{"amount":50.00,"createdAt":"2031-01-15T12:00:00Z","currency":"USD",` +
		`"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","id":"9c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f","quantity":2,` +
		`"sectionId":"0b9d6c1e-58a1-4d3a-8a52-1f6f2b7a9c3d","status":"CONFIRMED","userId":"5d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e"},` +
		`"event":{"id":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","remainingTickets":0,"title":"Limited Concert","version":2}}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != 201 || got != want {
		t.Errorf("%d\n got %s\nwant %s", w.Code, got, want)
	}
	h := w.Header()
	if h.Get("Location") != "/bookings/"+claim.String() || h.Get("Onsale-Position") != "7" || h.Get("Idempotency-Replayed") != "" {
		t.Errorf("headers: %v", h)
	}
}

func TestAnswersBelowTheMountPointPointBelowIt(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), post("/api/book", validSeats))
	if got := w.Header().Get("Location"); w.Code != 201 || got != "/api/bookings/"+claim.String() {
		t.Errorf("%d, Location %q", w.Code, got)
	}
}

func TestARepeatedRequestSaysSo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		request request
		status  sale.Status
	}{
		{post("/book", validSeats), sale.Confirmed},
		{post("/holds", validSeats), sale.Held},
		{post("/events", `{"title":"A","totalTickets":100,"price":10}`), 0},
	} {
		r := test.request
		first := send(t, newAPI(t, &fakes{}), r)
		again := send(t, newAPI(t, &fakes{command: func(any) (command.Receipt, error) {
			receipt := receipt(test.status)
			receipt.Replayed = true
			return receipt, nil
		}}), r)
		if again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %d %s, then %d %s, replayed %q", r.path, first.Code, first.Body, again.Code, again.Body,
				again.Header().Get("Idempotency-Replayed"))
		}
	}
}

func TestARepeatedHoldThatBecameABookingSaysSo(t *testing.T) {
	t.Parallel()
	f := &fakes{command: func(any) (command.Receipt, error) {
		r := receipt(sale.Confirmed)
		r.Replayed = true
		return r, nil
	}}
	w := send(t, newAPI(t, f), post("/holds", validSeats))
	if got := decodeBody[rest.HoldReceipt](t, w).Hold; w.Code != 201 || got.Status != "CONFIRMED" || strings.Contains(w.Body.String(), "expiresAt") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAHoldsAnswers(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	w := send(t, api, post("/holds", validSeats))
	held := decodeBody[rest.HoldReceipt](t, w)
	hold := held.Hold
	if w.Code != 201 || held.Event.Version != 2 || hold.Status != "HELD" || !hold.ExpiresAt.Equal(noon.Add(10*time.Minute)) || hold.Amount != "50.00" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = send(t, api, post("/holds/"+claim.String()+"/confirm", ""))
	if booking := decodeBody[rest.BookingReceipt](t, w).Booking; w.Code != 201 || booking.ID != claim || w.Header().Get("Location") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = send(t, api, del("/holds/"+claim.String()))
	if w.Code != 204 || w.Body.Len() != 0 || w.Header().Get("Onsale-Position") != "7" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}

func TestACancelledBookingIsAnswered(t *testing.T) {
	t.Parallel()
	f := &fakes{command: func(any) (command.Receipt, error) { return receipt(sale.Cancelled), nil }}
	w := send(t, newAPI(t, f), del("/bookings/"+claim.String()))
	if got := decodeBody[rest.BookingReceipt](t, w); w.Code != 200 || got.Booking.Status != "CANCELLED" || got.Event.ID != event || got.Event.Version != 2 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestANewEventsAnswer(t *testing.T) {
	t.Parallel()
	f := &fakes{command: func(any) (command.Receipt, error) {
		return command.Receipt{Position: 3, Event: sale.Summary{
			ID: event, Version: 1, Title: "A", Currency: "USD", Remaining: 95, Sections: []sale.Section{
				{ID: claim, Name: "VIP", Price: 14950, Capacity: 5},
				{ID: section, Name: "Floor", Price: 4999, Capacity: 95, Remaining: 95},
			},
		}}, nil
	}}
	w := send(t, newAPI(t, f), post("/events", `{"title":"A","venue":" Hall ","timeZone":"Europe/Berlin","sections":[
		{"name":"VIP","price":149.5,"capacity":5,"remaining":0},{"name":"Floor","price":49.99,"capacity":95}]}`))
	want := rest.Event{
		ID: event, Title: "A", Name: "A", Venue: "Hall", TimeZone: new("Europe/Berlin"), TotalTickets: 100, RemainingTickets: 95, Price: "49.99", Currency: "USD",
		OrganizerID: user, Version: 1, Sections: []rest.Section{
			{ID: claim, Name: "VIP", Price: "149.50", Capacity: 5},
			{ID: section, Name: "Floor", Price: "49.99", Capacity: 95, Remaining: 95},
		},
	}
	if diff := cmp.Diff(want, decodeBody[rest.Event](t, w)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if w.Code != 201 || w.Header().Get("Location") != "/events/"+event.String() || w.Header().Get("Onsale-Position") != "3" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if !strings.Contains(w.Body.String(), `"date":null`) {
		t.Errorf("no date is null: %s", w.Body)
	}
}

func TestTheSalesFieldErrorsNameWhatTheClientWrote(t *testing.T) {
	t.Parallel()
	wrong := errors.Join(
		&sale.FieldError{Field: "title", Problem: "must not be blank"},
		&sale.FieldError{Field: "sections[0].price", Problem: "must be 0 or more"},
		&sale.FieldError{Field: "sections[0].capacity", Problem: "must be 1 or more"},
	)
	f := &fakes{command: func(any) (command.Receipt, error) { return command.Receipt{}, fmt.Errorf("open: %w", wrong) }}
	api := newAPI(t, f)
	wantProblem(t, api, post("/events", `{"name":" ","totalTickets":0,"price":-1}`), 422, "invalid", "name", "price", "totalTickets")
	p := wantProblem(t, api, post("/events", `{"title":" ","sections":[{"name":"a","price":-1,"capacity":0}]}`), 422, "invalid",
		"title", "sections[0].price", "sections[0].capacity")
	if p.Errors[1].Problem != "must be 0 or more" {
		t.Errorf("the problem is %q", p.Errors[1].Problem)
	}
}

func TestAtMostTwentyProblemsAreToldWhateverFoundThem(t *testing.T) {
	t.Parallel()
	var wrong []error
	for i := range 50 {
		wrong = append(wrong, errors.Join(
			&sale.FieldError{Field: fmt.Sprintf("sections[%d].price", i), Problem: "must be 0 or more"},
			&sale.FieldError{Field: fmt.Sprintf("sections[%d].capacity", i), Problem: "must be 1 or more"},
		))
	}
	f := &fakes{command: func(any) (command.Receipt, error) {
		return command.Receipt{}, fmt.Errorf("open: %w", errors.Join(wrong...))
	}}
	api := newAPI(t, f)
	for _, path := range []string{"/events", "/holds"} { // of which the first says it in its own words
		w := send(t, api, post(path, map[string]string{"/events": `{"name":"a","sections":[]}`, "/holds": validSeats}[path]))
		var told rest.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != 422 || len(told.Errors) != 20 || told.Errors[19].Field != "sections[9].capacity" {
			t.Errorf("%s: %d, %v: %d problems are told", path, w.Code, err, len(told.Errors))
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	other := uuid.MustParse("1c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f")
	vip := sale.Section{ID: section, Name: "VIP", Price: 1, Capacity: 5, Remaining: 3}
	for name, test := range map[string]struct {
		request request
		err     error
		status  int
		code    string
		title   string
		details rest.Problem
	}{
		"sold out":            {post("/book", validSeats), &sale.Refusal{Reason: sale.ErrSoldOut, Version: 3}, 409, "sold_out", "No tickets available", rest.Problem{Version: new(int64(3))}},
		"not enough":          {post("/book", validSeats), &sale.Refusal{Reason: sale.ErrNotEnoughTickets, Remaining: 2, Version: 8}, 409, "not_enough_tickets", "", rest.Problem{Remaining: new(2), Version: new(int64(8))}},
		"already booked":      {post("/book", validSeats), &sale.Refusal{Reason: sale.ErrAlreadyBooked, ClaimID: other}, 409, "already_booked", "Already booked", rest.Problem{BookingID: &other}},
		"already holding":     {post("/holds", validSeats), &sale.Refusal{Reason: sale.ErrAlreadyHolding, ClaimID: other}, 409, "already_holding", "", rest.Problem{HoldID: &other}},
		"still paying":        {post("/book", validSeats), &sale.Refusal{Reason: sale.ErrBookingInProgress, ClaimID: other}, 409, "booking_in_progress", "", rest.Problem{HoldID: &other}},
		"several sections":    {post("/book", validSeats), &sale.Refusal{Reason: sale.ErrSectionRequired, Sections: []sale.Section{vip}}, 422, "section_required", "", rest.Problem{Sections: []rest.SectionChoice{{ID: section, Name: "VIP", Remaining: 3}}}},
		"no such section":     {post("/holds", validSeats), &sale.Refusal{Reason: sale.ErrUnknownSection, Sections: []sale.Section{vip}}, 422, "unknown_section", "", rest.Problem{Sections: []rest.SectionChoice{{ID: section, Name: "VIP", Remaining: 3}}}},
		"no such event":       {post("/book", validSeats), sale.ErrEventNotFound, 404, "event_not_found", "", rest.Problem{}},
		"it has started":      {post("/book", validSeats), sale.ErrStarted, 409, "event_started", "", rest.Problem{}},
		"sales are closed":    {post("/book", validSeats), sale.ErrClosed, 409, "sale_closed", "Sales have been closed", rest.Problem{}},
		"the key came before": {post("/book", validSeats), sale.ErrKeyReused, 422, "key_reused", "", rest.Problem{}},
		"declined":            {post("/book", validSeats), fmt.Errorf("%w: %w", command.ErrPaymentDeclined, context.DeadlineExceeded), 402, "payment_declined", "", rest.Problem{}},
		"the queue is full":   {post("/book", validSeats), command.ErrOverloaded, 503, "overloaded", "", rest.Problem{}},
		"too contended":       {post("/book", validSeats), command.ErrContended, 503, "contended", "", rest.Problem{}},
		"nobody knows":        {post("/book", validSeats), command.ErrOutcomeUnknown, 503, "outcome_unknown", "", rest.Problem{}},
		"the log is away":     {post("/book", validSeats), errors.Join(command.ErrUnavailable, errors.New("dial tcp")), 503, "unavailable", "", rest.Problem{}},
		"shutting down":       {post("/book", validSeats), command.ErrStopped, 503, "unavailable", "", rest.Problem{}},
		"it took too long":    {post("/book", validSeats), context.DeadlineExceeded, 503, "timeout", "", rest.Problem{}},
		"no such hold":        {del("/holds/" + other.String()), sale.ErrHoldNotFound, 404, "hold_not_found", "", rest.Problem{}},
		"the hold has ended":  {post("/holds/"+other.String()+"/confirm", ""), sale.ErrHoldEnded, 409, "hold_ended", "", rest.Problem{}},
		"no such booking":     {del("/bookings/" + other.String()), sale.ErrBookingNotFound, 404, "booking_not_found", "", rest.Problem{}},
		"somebody else's":     {del("/bookings/" + other.String()), sale.ErrNotYours, 403, "not_yours", "", rest.Problem{}},
		"cancelled before":    {del("/bookings/" + other.String()), sale.ErrAlreadyCancelled, 409, "already_cancelled", "", rest.Problem{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{command: func(any) (command.Receipt, error) {
				return command.Receipt{Position: 9}, fmt.Errorf("book %s: %w", event, test.err)
			}}
			w := send(t, newAPI(t, f), test.request)
			p := problemOf(t, w)
			if w.Code != test.status || p.Code != test.code || test.title != "" && p.Title != test.title {
				t.Errorf("got %d %s %q", w.Code, p.Code, p.Title)
			}
			got := rest.Problem{Remaining: p.Remaining, Version: p.Version, BookingID: p.BookingID, HoldID: p.HoldID, Sections: p.Sections}
			if diff := cmp.Diff(test.details, got); diff != "" {
				t.Errorf("details: -want +got:\n%s", diff)
			}
			if w.Header().Get("Onsale-Position") != "9" {
				t.Error("a refusal tells its position too")
			}
			if wait := w.Header().Get("Retry-After"); (test.status == 503) != (wait != "") {
				t.Errorf("Retry-After is %q", wait)
			}
			if p.RequestID != claim.String() || w.Header().Get("X-Request-Id") != p.RequestID {
				t.Errorf("request id %q, header %q", p.RequestID, w.Header().Get("X-Request-Id"))
			}
		})
	}
}
