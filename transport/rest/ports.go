package rest

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/identity"
	"onsale/query"
)

// Commands changes things. A Receipt's Position is told to the client even when the command was refused; zero is not
// known.
//
// A command that was accepted is finished although ctx ends: that is the implementation's promise, not the caller's.
type Commands interface {
	CreateEvent(ctx context.Context, c command.CreateEvent) (command.Receipt, error)
	Book(ctx context.Context, c command.Book) (command.Receipt, error)
	Hold(ctx context.Context, c command.Hold) (command.Receipt, error)
	ConfirmHold(ctx context.Context, c command.ConfirmHold) (command.Receipt, error)
	ReleaseHold(ctx context.Context, c command.ReleaseHold) (command.Receipt, error)
	CancelBooking(ctx context.Context, c command.CancelBooking) (command.Receipt, error)
}

// Queries reads the views.
type Queries interface {
	Events(ctx context.Context, f query.EventFilter) (query.EventPage, error)
	// Event's error is query.ErrNotFound when there is none.
	Event(ctx context.Context, id uuid.UUID) (query.Event, error)
	Bookings(ctx context.Context, f query.BookingFilter) (query.BookingPage, error)
	// Booking's error is query.ErrNotFound when there is none.
	Booking(ctx context.Context, id uuid.UUID) (query.Booking, error)
	// Holds returns those that have not run out at the given time.
	Holds(ctx context.Context, buyer uuid.UUID, now time.Time) ([]query.Hold, error)
	// SalesTimeline's error may be a query.FieldError.
	SalesTimeline(ctx context.Context, f query.SalesFilter) (query.SalesTimeline, error)
	// History is the newest first, from the log itself.
	History(ctx context.Context, f query.HistoryFilter) ([]query.RecordedEvent, error)
	// Replay is the oldest first, up to the version, and empty when there is no such version.
	Replay(ctx context.Context, event uuid.UUID, through int64) iter.Seq2[query.RecordedEvent, error]
}

// Accounts keeps users and their tokens.
type Accounts interface {
	Register(ctx context.Context, r identity.Registration) (identity.User, identity.Tokens, error)
	LogIn(ctx context.Context, email, password string) (identity.User, identity.Tokens, error)
	Refresh(ctx context.Context, refreshToken string) (identity.User, identity.Tokens, error)
	LogOut(ctx context.Context, refreshToken string) error
	User(ctx context.Context, id uuid.UUID) (identity.User, error)
	// Authenticate is asked for nearly every request, and may not wait for anything.
	Authenticate(accessToken string) (identity.Caller, error)
}

// Freshness holds a read back until the views are new enough.
type Freshness interface {
	// CatchUp waits until the named views show everything this node has acknowledged and everything up to position, or until
	// ctx ends, and then returns ctx's error.
	CatchUp(ctx context.Context, position int64, views ...string) error
	// Position is up to where the named views are known to show everything, 0 when that is not known just now.
	Position(views ...string) int64
	// Unchanged reports whether the listing of an event is known to be at a position as it was at an earlier one. It may not know.
	Unchanged(event uuid.UUID, then, now int64) bool
}
