package rest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"onsale/command"
	"onsale/command/identity"
	"onsale/command/sale"
	"onsale/query"
	"onsale/transport/rest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/uuid"
)

var (
	user      = uuid.MustParse("5d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e")
	organizer = uuid.MustParse("6d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e")
	admin     = uuid.MustParse("7d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e")
	event     = uuid.MustParse("7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e")
	section   = uuid.MustParse("0b9d6c1e-58a1-4d3a-8a52-1f6f2b7a9c3d")
	claim     = uuid.MustParse("9c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f")
	noon      = time.Date(2031, 1, 15, 12, 0, 0, 0, time.UTC)
)

// fakes stands in for everything behind the API. A nil function answers with something sensible.
type fakes struct {
	mu    sync.Mutex
	given []any // the commands that came through

	command func(any) (command.Receipt, error)
	event   func(uuid.UUID) (query.Event, error)
	events  func(query.EventFilter) (query.EventPage, error)
	booking func(uuid.UUID) (query.Booking, error)
	catchUp func(context.Context, int64) error
	session func(method string, args ...string) (identity.User, identity.Tokens, error)
	account func(uuid.UUID) (identity.User, error)

	bookings []query.BookingFilter
}

func (f *fakes) do(c any) (command.Receipt, error) {
	f.mu.Lock()
	f.given = append(f.given, c)
	f.mu.Unlock()
	if f.command != nil {
		return f.command(c)
	}
	return receipt(sale.Confirmed), nil
}

func receipt(status sale.Status) command.Receipt {
	c := sale.Claim{
		ID: claim, Buyer: user, Seats: sale.Seats{Section: section, Quantity: 2, Amount: 5000}, Status: status,
		CreatedAt: noon, ConfirmedAt: noon,
	}
	if c.Pending() {
		c.ExpiresAt = noon.Add(10 * time.Minute)
	}
	return command.Receipt{Position: 7, Claim: c, Event: sale.Summary{
		ID: event, Version: 2, Title: "Limited Concert", Currency: "USD", Remaining: 0,
		Sections: []sale.Section{{ID: section, Name: "General admission", Price: 2500, Capacity: 2}},
	}}
}

func (f *fakes) CreateEvent(_ context.Context, c command.CreateEvent) (command.Receipt, error) {
	return f.do(c)
}
func (f *fakes) Book(_ context.Context, c command.Book) (command.Receipt, error) { return f.do(c) }
func (f *fakes) ConfirmHold(_ context.Context, c command.ConfirmHold) (command.Receipt, error) {
	return f.do(c)
}
func (f *fakes) ReleaseHold(_ context.Context, c command.ReleaseHold) (command.Receipt, error) {
	return f.do(c)
}
func (f *fakes) CancelBooking(_ context.Context, c command.CancelBooking) (command.Receipt, error) {
	return f.do(c)
}
func (f *fakes) Hold(_ context.Context, c command.Hold) (command.Receipt, error) {
	if r, err := f.do(c); f.command != nil {
		return r, err
	}
	return receipt(sale.Held), nil
}

func someEvent() query.Event {
	return query.Event{
		ID: event, Version: 1, Title: "Limited Concert", Description: "", Venue: "Hall", StartsAt: noon.AddDate(0, 1, 0),
		Currency: "USD", Organizer: organizer, OpenedAt: noon, Price: 2500, Capacity: 2, Remaining: 2,
		Sections: []query.Section{{ID: section, Name: "General admission", Price: 2500, Capacity: 2, Remaining: 2}},
	}
}

func someBooking() query.Booking {
	return query.Booking{
		ID: claim, Status: "CONFIRMED", Quantity: 2, Amount: 5000, CreatedAt: noon, Event: someEvent(),
		Section: someEvent().Sections[0], Buyer: query.Buyer{ID: user, Name: "John Doe", Email: "user@example.com"},
	}
}

func (f *fakes) Events(_ context.Context, filter query.EventFilter) (query.EventPage, error) {
	if f.events != nil {
		return f.events(filter)
	}
	return query.EventPage{Events: []query.Event{someEvent()}, Total: 21}, nil
}

func (f *fakes) Event(_ context.Context, id uuid.UUID) (query.Event, error) {
	if f.event != nil {
		return f.event(id)
	}
	return someEvent(), nil
}

func (f *fakes) Bookings(_ context.Context, filter query.BookingFilter) (query.BookingPage, error) {
	f.bookings = append(f.bookings, filter)
	return query.BookingPage{Bookings: []query.Booking{someBooking()}, Total: 1}, nil
}

func (f *fakes) Booking(_ context.Context, id uuid.UUID) (query.Booking, error) {
	if f.booking != nil {
		return f.booking(id)
	}
	return someBooking(), nil
}

func (f *fakes) Holds(_ context.Context, _ uuid.UUID, now time.Time) ([]query.Hold, error) {
	return []query.Hold{{
		ID: claim, Status: "HELD", Quantity: 2, Amount: 5000, CreatedAt: now, ExpiresAt: now.Add(time.Minute),
		Event: someEvent(), Section: someEvent().Sections[0],
	}}, nil
}

func (f *fakes) CatchUp(ctx context.Context, position int64) error {
	if f.catchUp != nil {
		return f.catchUp(ctx, position)
	}
	return nil
}

func (f *fakes) open(method string, args ...string) (identity.User, identity.Tokens, error) {
	if f.session != nil {
		return f.session(method, args...)
	}
	return identity.User{ID: user, Email: "user@example.com", Name: "John Doe", Role: identity.RoleUser, CreatedAt: noon},
		identity.Tokens{Access: "access", Refresh: "refresh", RefreshExpiresAt: noon.AddDate(0, 0, 7)}, nil
}

func (f *fakes) Register(_ context.Context, r identity.Registration) (identity.User, identity.Tokens, error) {
	return f.open("register", r.Email, r.Password, r.Name)
}
func (f *fakes) LogIn(_ context.Context, email, password string) (identity.User, identity.Tokens, error) {
	return f.open("login", email, password)
}
func (f *fakes) Refresh(_ context.Context, token string) (identity.User, identity.Tokens, error) {
	return f.open("refresh", token)
}
func (f *fakes) LogOut(_ context.Context, token string) error {
	_, _, err := f.open("logout", token)
	return err
}

func (f *fakes) User(_ context.Context, id uuid.UUID) (identity.User, error) {
	if f.account != nil {
		return f.account(id)
	}
	u, _, _ := f.open("me")
	return u, nil
}

// Authenticate takes names for tokens.
func (f *fakes) Authenticate(token string) (identity.Caller, error) {
	switch token {
	case "user":
		return identity.Caller{UserID: user, Role: identity.RoleUser}, nil
	case "organizer":
		return identity.Caller{UserID: organizer, Role: identity.RoleUser}, nil
	case "admin":
		return identity.Caller{UserID: admin, Role: identity.RoleAdmin}, nil
	case "expired":
		return identity.Caller{}, fmt.Errorf("%w: %w", identity.ErrInvalidToken, identity.ErrTokenExpired)
	default:
		return identity.Caller{}, fmt.Errorf("%w: %w", identity.ErrInvalidToken, errors.New("a secret cause"))
	}
}

// newAPI returns the API over the fakes. Every answer it gives is held against the contract.
func newAPI(t testing.TB, f *fakes, change ...func(*rest.Options)) http.Handler {
	t.Helper()
	o := rest.Options{
		Commands: f, Queries: f, Accounts: f, Freshness: f,
		Clock: func() time.Time { return noon },
		NewID: func() uuid.UUID { return claim },
	}
	for _, c := range change {
		c(&o)
	}
	api, err := rest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// request is one request; the zero values are GET, no body, and no token.
type request struct {
	method, path, body, token string
	header                    map[string]string
}

func (r request) with(name, value string) request {
	header := map[string]string{name: value}
	for k, v := range r.header {
		header[k] = v
	}
	r.header = header
	return r
}

func (r request) build() *http.Request {
	req := httptest.NewRequest(cmp.Or(r.method, http.MethodGet), r.path, http.NoBody)
	if r.body != "" {
		req = httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range r.header {
		if value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Set(name, value)
	}
	return req
}

func get(path string) request        { return request{path: path, token: "user"} }
func post(path, body string) request { return request{method: http.MethodPost, path: path, body: body, token: "user"} }
func del(path string) request        { return request{method: http.MethodDelete, path: path, token: "user"} }

// send sends the request and holds the answer against the contract.
func send(t testing.TB, api http.Handler, r request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	req := r.build()
	api.ServeHTTP(w, req)
	checkAgainstContract(t, req, w)
	return w
}

var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	return gorillamux.NewRouter(doc)
})

func checkAgainstContract(t testing.TB, req *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	plain := req.Clone(req.Context())
	plain.URL.Path = strings.TrimPrefix(plain.URL.Path, "/api")
	route, params, err := router.FindRoute(plain)
	if err != nil {
		return // not a call of the API
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: plain, PathParams: params, Route: route},
		Status:                 w.Code, Header: w.Header(),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	err = openapi3filter.ValidateResponse(context.Background(), input.SetBodyBytes(bytes.Clone(w.Body.Bytes())))
	if err != nil {
		t.Errorf("%s %s: the answer is not what openapi.yaml says: %v", req.Method, req.URL.Path, err)
	}
}

func problemOf(t testing.TB, w *httptest.ResponseRecorder) rest.Problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d with Content-Type %q, want a problem; body: %s", w.Code, got, w.Body)
	}
	var p rest.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code {
		t.Errorf("the problem says status %d, the answer is %d", p.Status, w.Code)
	}
	return p
}

// wantProblem sends the request and wants a problem of this kind, about exactly these fields.
func wantProblem(t testing.TB, api http.Handler, r request, status int, code string, fields ...string) rest.Problem {
	t.Helper()
	w := send(t, api, r)
	p := problemOf(t, w)
	if w.Code != status || p.Code != code {
		t.Fatalf("%s %s %.80s: got %d %s, want %d %s; body: %s", r.method, r.path, r.body, w.Code, p.Code, status, code, w.Body)
	}
	var got []string
	for _, e := range p.Errors {
		got = append(got, e.Field)
		if e.Problem == "" || e.Code == "" {
			t.Errorf("field %q without a problem or a code", e.Field)
		}
	}
	if strings.Join(got, " ") != strings.Join(fields, " ") {
		t.Errorf("%s %s %.80s: the problem is about %q, want %q", r.method, r.path, r.body, got, fields)
	}
	return p
}

func decodeBody[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("status %d: %v: %s", w.Code, err, w.Body)
	}
	return v
}
