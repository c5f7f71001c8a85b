package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is an API that sells correctly, unless told to sin in one way. Its zero
// value, given events, is correct.
type fake struct {
	events   []*fakeEvent
	pageSize int // events per page whatever the client asks for; zero: 50
	gather   int // POST /book decides nothing before so many are in flight
	setUp    func(w http.ResponseWriter, r *http.Request) bool
	booked   func() // called when gather are in flight

	// Sins. Arrivals of POST /book are counted from 1.
	unlocked   bool                                            // sell on what was read at arrival
	clamp      bool                                            // never show less than nothing
	during     func(shown *fakeEvent) (status int)             // how GET /events/{id} looks while bookings are in flight
	after      func(shown *fakeEvent)                          // how it looks once there are bookings and none is in flight
	answer     func(w http.ResponseWriter, arrival int) bool   // answers in place of the sale
	beside     bool                                            // takes the seats from the last section
	list       func([]fakeBooking) (list []fakeBooking, _ int) // what GET /bookings says, with which status
	confirm    func(b *fakeBooking, remaining *int)            // what POST /book says
	needsFresh bool                                            // shows old counts to who does not send the position back

	mu        sync.Mutex
	passwords map[string]string // by e-mail
	bookings  map[string][]fakeBooking
	arrivals  int
	inFlight  int
	position  int
	gathered  chan struct{}
	glimpsed  chan struct{} // GET /events/{id} was seen as during says
	glimpse   sync.Once
}

type fakeEvent struct {
	ID               string        `json:"id"`
	Title            string        `json:"title"`
	Date             time.Time     `json:"date"`
	TotalTickets     int           `json:"totalTickets"`
	RemainingTickets int           `json:"remainingTickets"`
	Sections         []fakeSection `json:"sections"`
}

type fakeSection struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Price     int    `json:"price"`
	Capacity  int    `json:"capacity"`
	Remaining int    `json:"remaining"`
}

type fakeBooking struct {
	ID       string            `json:"id"`
	EventID  string            `json:"eventId"`
	Status   string            `json:"status"`
	Quantity int               `json:"quantity"`
	Event    map[string]string `json:"event"`
}

var today = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// concert is an event with that many tickets left of its first section, of
// which one more was there once.
func concert(id, title string, remaining ...int) *fakeEvent {
	e := &fakeEvent{ID: id, Title: title, Date: today.AddDate(0, 0, 7)}
	for i, n := range remaining {
		e.Sections = append(e.Sections, fakeSection{ID: fmt.Sprintf("%s-%d", id, i), Name: fmt.Sprintf("Section %d", i), Capacity: n + 1, Remaining: n})
		e.TotalTickets += n + 1
		e.RemainingTickets += n
	}
	return e
}

func (f *fake) start(t *testing.T) (url string) {
	f.passwords, f.bookings = map[string]string{}, map[string][]fakeBooking{}
	f.gathered, f.glimpsed = make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /auth/register", f.register)
	mux.HandleFunc("POST /auth/login", f.logIn)
	mux.HandleFunc("GET /events", f.signedIn(f.listEvents))
	mux.HandleFunc("POST /events", f.signedIn(f.createEvent))
	mux.HandleFunc("GET /events/{id}", f.signedIn(f.getEvent))
	mux.HandleFunc("POST /book", f.signedIn(f.book))
	mux.HandleFunc("GET /bookings", f.signedIn(f.listBookings))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.setUp == nil || !f.setUp(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func problem(w http.ResponseWriter, status int, code string) {
	send(w, status, map[string]any{"status": status, "code": code, "title": "A title", "detail": "a detail"})
}

// read decodes a body that may have no field but those of T.
func read[T any](w http.ResponseWriter, r *http.Request) (body T, ok bool) {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil || d.More() {
		problem(w, http.StatusUnprocessableEntity, "invalid")
		return body, false
	}
	return body, true
}

func (f *fake) signedIn(next func(w http.ResponseWriter, r *http.Request, who string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer token-of-")
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, known := f.passwords[who]; !ok || !known {
			problem(w, http.StatusUnauthorized, "token_missing")
			return
		}
		next(w, r, who)
	}
}

func (f *fake) register(w http.ResponseWriter, r *http.Request) {
	body, ok := read[struct{ Email, Password, Name string }](w, r)
	f.mu.Lock()
	defer f.mu.Unlock()
	_, taken := f.passwords[body.Email]
	switch {
	case !ok:
	case !strings.Contains(body.Email, "@") || len(body.Password) < 8 || !strings.ContainsAny(body.Password, "0123456789") || len(body.Name) < 2:
		problem(w, http.StatusUnprocessableEntity, "invalid")
	case taken:
		problem(w, http.StatusConflict, "email_taken")
	default:
		f.passwords[body.Email] = body.Password
		send(w, http.StatusCreated, map[string]any{"accessToken": "token-of-" + body.Email})
	}
}

func (f *fake) logIn(w http.ResponseWriter, r *http.Request) {
	body, ok := read[struct{ Email, Password string }](w, r)
	f.mu.Lock()
	defer f.mu.Unlock()
	if password := f.passwords[body.Email]; !ok || password == "" || password != body.Password {
		problem(w, http.StatusUnauthorized, "invalid_credentials")
		return
	}
	send(w, http.StatusOK, map[string]any{"accessToken": "token-of-" + body.Email})
}

func (f *fake) listEvents(w http.ResponseWriter, r *http.Request, _ string) {
	page, _ := strconv.Atoi(r.FormValue("page"))
	size := f.pageSize
	if size == 0 {
		size = 50
	}
	pages := slices.Collect(slices.Chunk(f.events, size))
	data := []*fakeEvent{}
	if page >= 1 && page <= len(pages) {
		data = pages[page-1]
	}
	send(w, http.StatusOK, map[string]any{"data": data, "meta": map[string]int{"totalPages": len(pages)}})
}

func (f *fake) createEvent(w http.ResponseWriter, r *http.Request, _ string) {
	body, ok := read[struct {
		Title, Description, Venue string
		Date                      time.Time
		Sections                  []fakeSection
	}](w, r)
	if !ok {
		return
	}
	e := &fakeEvent{ID: fmt.Sprintf("made-%d", len(f.events)), Title: body.Title, Date: body.Date}
	for i, s := range body.Sections {
		s.ID, s.Remaining = fmt.Sprintf("%s-%d", e.ID, i), s.Capacity
		e.Sections = append(e.Sections, s)
		e.TotalTickets += s.Capacity
		e.RemainingTickets += s.Capacity
	}
	f.events = append(f.events, e)
	send(w, http.StatusCreated, e)
}

func (f *fake) event(id string) *fakeEvent {
	for _, e := range f.events {
		if e.ID == id {
			return e
		}
	}
	return nil
}

func (f *fake) getEvent(w http.ResponseWriter, r *http.Request, _ string) {
	e := f.event(r.PathValue("id"))
	if e == nil {
		problem(w, http.StatusNotFound, "event_not_found")
		return
	}
	shown := *e
	shown.Sections = slices.Clone(e.Sections)
	sent, _ := strconv.Atoi(r.Header.Get(positionHeader))
	switch {
	case f.inFlight > 0 && f.during != nil:
		defer f.glimpse.Do(func() { close(f.glimpsed) })
		if status := f.during(&shown); status != 0 {
			problem(w, status, "sinful")
			return
		}
	case f.inFlight == 0 && f.arrivals > 0 && f.after != nil:
		f.after(&shown)
	case f.needsFresh && sent < f.position:
		shown.RemainingTickets, shown.Sections[0].Remaining = shown.TotalTickets-1, shown.Sections[0].Capacity-1
	}
	send(w, http.StatusOK, shown)
}
