package rest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/identity"
	"onsale/command/sale"
	"onsale/query"
	"onsale/transport/rest"
)

// What the program wires in fits.
var (
	_ rest.Commands = (*command.Handlers)(nil)
	_ rest.Queries  = (*query.Reader)(nil)
	_ rest.Accounts = (*identity.Service)(nil)
)

// fakes stands in for everything behind the API. A nil function answers with something sensible.
type fakes struct {
	mu       sync.Mutex
	given    []any                 // the commands that came through
	bookings []query.BookingFilter // what was asked for of them

	command func(any) (command.Receipt, error)
	event   func(uuid.UUID) (query.Event, error)
	events  func(query.EventFilter) (query.EventPage, error)
	booking func(uuid.UUID) (query.Booking, error)
	catchUp func(context.Context, int64) error

	unchanged func(event uuid.UUID, then, now int64) bool // nil: nothing is known
	session   func(method string, args ...string) (identity.User, identity.Tokens, error)
	account   func(uuid.UUID) (identity.User, error)
	sales     func(query.SalesFilter) (query.SalesTimeline, error)
	history   func(query.HistoryFilter) ([]query.RecordedEvent, error)
	replay    func(uuid.UUID, int64) iter.Seq2[query.RecordedEvent, error]

	viewedTo atomic.Int64 // 0: not known, so that nothing is kept
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
		TimeZone: "Europe/Berlin", Currency: "USD", Organizer: organizer, OpenedAt: noon, Price: 2500, Capacity: 2, Remaining: 2,
		Sections: []query.Section{{ID: section, Name: "General admission", Price: 2500, Capacity: 2, Remaining: 2}},
	}
}

func someBooking() query.Booking {
	return query.Booking{
		ID: claim, Status: "CONFIRMED", Quantity: 2, Amount: 5000, CreatedAt: noon, Event: someEvent(),
		Section: someEvent().Sections[0], Buyer: query.Buyer{ID: user, Name: "Demo User", Email: "user@example.com"},
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
	f.mu.Lock()
	f.bookings = append(f.bookings, filter)
	f.mu.Unlock()
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

func (f *fakes) SalesTimeline(_ context.Context, filter query.SalesFilter) (query.SalesTimeline, error) {
	if f.sales != nil {
		return f.sales(filter)
	}
	return query.SalesTimeline{}, nil
}

func (f *fakes) History(_ context.Context, filter query.HistoryFilter) ([]query.RecordedEvent, error) {
	if f.history != nil {
		return f.history(filter)
	}
	return []query.RecordedEvent{someOpening()}, nil
}

func (f *fakes) Replay(_ context.Context, event uuid.UUID, through int64) iter.Seq2[query.RecordedEvent, error] {
	if f.replay != nil {
		return f.replay(event, through)
	}
	return func(yield func(query.RecordedEvent, error) bool) { yield(someOpening(), nil) }
}

// someOpening is what made someEvent.
func someOpening() query.RecordedEvent {
	return query.RecordedEvent{
		Version: 1, Position: 6, Type: "sale.opened.v1", Schema: 1, By: organizer, RecordedAt: noon,
		Data: []byte(`{"organizer": "` + organizer.String() + `", "title": "Limited Concert", "venue": "Hall", "currency": "USD",
			"startsAt": "2031-02-15T12:00:00Z", "timeZone": "Europe/Berlin", "at": "2031-01-15T12:00:00Z",
			"sections": [{"id": "` + section.String() + `", "name": "General admission", "price": 2500, "capacity": 2, "onSale": 2}]}`),
	}
}

func (f *fakes) Position(...string) int64 { return f.viewedTo.Load() }

func (f *fakes) Unchanged(event uuid.UUID, then, now int64) bool {
	return f.unchanged != nil && f.unchanged(event, then, now)
}

func (f *fakes) CatchUp(ctx context.Context, position int64, views ...string) error {
	if f.catchUp != nil {
		return f.catchUp(ctx, position)
	}
	return nil
}

func (f *fakes) open(method string, args ...string) (identity.User, identity.Tokens, error) {
	if f.session != nil {
		return f.session(method, args...)
	}
	return identity.User{ID: user, Email: "user@example.com", Name: "Demo User", Role: identity.RoleUser, CreatedAt: noon},
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
