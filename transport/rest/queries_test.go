package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/query"
	"onsale/transport/rest"
)

func TestListingEventsAsksFor(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]query.EventFilter{
		"/events": {Paging: query.Paging{Page: 1, Limit: 10}, SortBy: "date"},
		"/events?page=3&limit=50&search=%20100%25_Jazz%20&sortBy=price&sortOrder=desc": {
			Paging: query.Paging{Page: 3, Limit: 50}, Search: "100%_Jazz", SortBy: "price", Descending: true},
		"/events?organizer=me&search=jazz&page=2":            {Paging: query.Paging{Page: 2, Limit: 10}, Search: "jazz", SortBy: "date", Organizer: user},
		"/events?sortBy=title&sortOrder=asc&utm_source=mail": {Paging: query.Paging{Page: 1, Limit: 10}, SortBy: "title"},
	} {
		var got query.EventFilter
		f := &fakes{events: func(filter query.EventFilter) (query.EventPage, error) {
			got = filter
			return query.EventPage{}, nil
		}}
		w := send(t, newAPI(t, f), get(path))
		if diff := cmp.Diff(want, got); diff != "" || w.Code != 200 {
			t.Errorf("%s: %d, -want +got:\n%s", path, w.Code, diff)
		}
		if !strings.Contains(w.Body.String(), `"data":[]`) {
			t.Errorf("no events are an empty list: %s", w.Body)
		}
	}
}

func TestAListingsAnswer(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), get("/events?limit=10&page=2"))
	want := rest.EventPage{
		Data: []rest.EventListing{{
			ID: event, Title: "Limited Concert", Date: new(noon.AddDate(0, 1, 0)), TimeZone: new("Europe/Berlin"), Venue: "Hall", TotalTickets: 2,
			RemainingTickets: 2, Price: "25.00", Currency: "USD", OrganizerID: organizer, Version: 1,
			Sections: []rest.Section{{ID: section, Name: "General admission", Price: "25.00", Capacity: 2, Remaining: 2}},
		}},
		Meta: rest.PageMeta{Total: 21, Page: 2, Limit: 10, TotalPages: 3},
	}
	if diff := cmp.Diff(want, decodeBody[rest.EventPage](t, w)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnEventsAnswer(t *testing.T) {
	t.Parallel()
	got := decodeBody[rest.Event](t, send(t, newAPI(t, &fakes{}), get("/events/"+event.String())))
	if got.Title != "Limited Concert" || got.Name != got.Title || got.OrganizerID != organizer || got.Version != 1 || *got.TimeZone != "Europe/Berlin" || len(got.Sections) != 1 {
		t.Errorf("%+v", got)
	}
	gone := &fakes{event: func(uuid.UUID) (query.Event, error) { return query.Event{}, query.ErrNotFound }}
	wantProblem(t, newAPI(t, gone), get("/events/"+event.String()), 404, "event_not_found")
	wantProblem(t, newAPI(t, gone), get("/events/"+event.String()+"/bookings"), 404, "event_not_found")
}

func TestAClosedSaleSaysSo(t *testing.T) {
	t.Parallel()
	closed := someEvent()
	closed.Closed = true
	f := &fakes{event: func(uuid.UUID) (query.Event, error) { return closed, nil }}
	for api, want := range map[*fakes]bool{f: true, {}: false} {
		w := send(t, newAPI(t, api), get("/events/"+event.String()))
		if got := strings.Contains(w.Body.String(), `"closed":true`); got != want || strings.Contains(w.Body.String(), `"closed":false`) {
			t.Errorf("want %v: %s", want, w.Body)
		}
	}
}

func TestAnEventWithoutATimeZoneHasNull(t *testing.T) {
	t.Parallel()
	zoneless := someEvent()
	zoneless.TimeZone = ""
	f := &fakes{
		event: func(uuid.UUID) (query.Event, error) { return zoneless, nil },
		events: func(query.EventFilter) (query.EventPage, error) {
			return query.EventPage{Events: []query.Event{zoneless}}, nil
		},
		booking: func(uuid.UUID) (query.Booking, error) { b := someBooking(); b.Event = zoneless; return b, nil },
	}
	for _, path := range []string{"/events", "/events/" + event.String(), "/bookings/" + claim.String()} {
		if w := send(t, newAPI(t, f), get(path)); w.Code != 200 || !strings.Contains(w.Body.String(), `"timeZone":null`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestMyBookings(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	w := send(t, newAPI(t, f), get("/bookings"))
	page := decodeBody[rest.BookingPage](t, w)
	if diff := cmp.Diff([]query.BookingFilter{{Paging: query.Paging{Page: 1, Limit: 50}, BuyerID: user}}, f.bookings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := rest.BookingDetails{
		ID: claim, Status: "CONFIRMED", Quantity: 2, Amount: "50.00", Currency: "USD", CreatedAt: noon,
		Event:   rest.EventBrief{ID: event, Title: "Limited Concert", Date: new(noon.AddDate(0, 1, 0)), TimeZone: new("Europe/Berlin"), Venue: "Hall"},
		Section: rest.SectionBrief{ID: section, Name: "General admission", Price: "25.00"},
	}
	if diff := cmp.Diff([]rest.BookingDetails{want}, page.Data); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if strings.Contains(w.Body.String(), "cancelledAt") {
		t.Errorf("it is not cancelled: %s", w.Body)
	}
}

func TestWhoMaySeeWhoseBookings(t *testing.T) {
	t.Parallel()
	const mine, all = "/bookings", "/bookings?scope=all"
	one, ofEvent := "/bookings/"+claim.String(), "/events/"+event.String()+"/bookings"
	for name, test := range map[string]struct {
		token, path string
		status      int
		code        string
		withUser    bool
	}{
		"a user sees their own":                {"user", mine, 200, "", false},
		"a user does not see everybody's":      {"user", all, 403, "forbidden", false},
		"an admin sees everybody's":            {"admin", all, 200, "", true},
		"a buyer sees their own":               {"user", one, 200, "", false},
		"another's is as good as none":         {"organizer", one, 404, "booking_not_found", false},
		"an admin sees anybody's":              {"admin", one, 200, "", true},
		"an organiser sees who booked":         {"organizer", ofEvent, 200, "", true},
		"an admin sees who booked":             {"admin", ofEvent, 200, "", true},
		"nobody else sees who booked":          {"user", ofEvent, 403, "forbidden", false},
		"an organiser sees no other's account": {"organizer", all, 403, "forbidden", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{}
			r := request{path: test.path, token: test.token}
			if test.code != "" {
				wantProblem(t, newAPI(t, f), r, test.status, test.code)
				if len(f.bookings) > 0 {
					t.Error("the bookings were read all the same")
				}
				return
			}
			w := send(t, newAPI(t, f), r)
			if named := strings.Contains(w.Body.String(), "user@example.com"); w.Code != test.status || named != test.withUser {
				t.Errorf("%d, names the buyer: %v; %s", w.Code, named, w.Body)
			}
		})
	}
}

func TestAbsentAndForeignBookingsAnswerAlike(t *testing.T) {
	t.Parallel()
	path := "/bookings/" + claim.String()
	foreign := send(t, newAPI(t, &fakes{}), request{path: path, token: "organizer"})
	absent := send(t, newAPI(t, &fakes{booking: func(uuid.UUID) (query.Booking, error) {
		return query.Booking{}, query.ErrNotFound
	}}), request{path: path, token: "organizer"})
	if foreign.Code != 404 || foreign.Body.String() != absent.Body.String() {
		t.Errorf("foreign: %d %s; absent: %d %s", foreign.Code, foreign.Body, absent.Code, absent.Body)
	}
}

func TestMyHolds(t *testing.T) {
	t.Parallel()
	got := decodeBody[rest.HoldList](t, send(t, newAPI(t, &fakes{}), get("/holds")))
	if len(got.Data) != 1 || got.Data[0].Status != "HELD" || !got.Data[0].ExpiresAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", got)
	}
}

// reads are the calls that answer from the views.
var reads = []string{
	"/events", "/events/" + event.String(), "/events/" + event.String() + "/bookings", "/bookings", "/bookings/" + claim.String(), "/holds",
}

func TestEveryReadWaitsForWhatTheClientKnows(t *testing.T) {
	t.Parallel()
	for _, path := range reads {
		for header, want := range map[string]int64{"": 0, "0": 0, "42": 42} {
			asked := int64(-1)
			f := &fakes{catchUp: func(_ context.Context, position int64) error {
				asked = position
				return nil
			}}
			if w := send(t, newAPI(t, f), request{path: path, token: "admin"}.with("Onsale-Position", header)); w.Code != 200 || asked != want {
				t.Errorf("%s with %q: %d, waited for %d, want %d", path, header, w.Code, asked, want)
			}
		}
	}
}

func TestAReadDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	for _, path := range reads {
		synctest.Test(t, func(t *testing.T) {
			f := &fakes{catchUp: func(ctx context.Context, _ int64) error {
				<-ctx.Done()
				return errors.Join(errors.New("at 3, wanted 4"), ctx.Err())
			}}
			began := time.Now()
			wantProblem(t, newAPI(t, f), request{path: path, token: "admin"}, http.StatusServiceUnavailable, "not_caught_up")
			if waited := time.Since(began); waited != time.Second {
				t.Errorf("%s waited %v", path, waited)
			}
		})
	}
}

func TestAViewThatCannotBeReadIsOurFault(t *testing.T) {
	t.Parallel()
	broken := errors.New("relation does not exist")
	f := &fakes{
		events:  func(query.EventFilter) (query.EventPage, error) { return query.EventPage{}, broken },
		event:   func(uuid.UUID) (query.Event, error) { return query.Event{}, broken },
		booking: func(uuid.UUID) (query.Booking, error) { return query.Booking{}, broken },
	}
	for _, path := range []string{"/events", "/events/" + event.String(), "/events/" + event.String() + "/bookings", "/bookings/" + claim.String()} {
		wantProblem(t, newAPI(t, f), get(path), 500, "internal")
	}
}
