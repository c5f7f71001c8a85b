package sale

import (
	"time"

	"github.com/google/uuid"
)

// An Event is a fact about a sale. What it is stored under is a literal that never changes: a renamed struct must not
// orphan history.
//
// Events repeat what a reader of the log needs to apply them alone, such as the seats of a booking that is cancelled.
// They hold user ids and no other personal data.
type Event interface {
	EventType() string
}

// Opened begins every sale: an organiser put an event's seats on sale.
type Opened struct {
	Organizer   uuid.UUID       `json:"organizer"`
	Title       string          `json:"title"`
	Description string          `json:"description,omitempty"`
	Venue       string          `json:"venue,omitempty"`
	StartsAt    time.Time       `json:"startsAt,omitzero"`
	TimeZone    string          `json:"timeZone,omitempty"` // IANA name; empty: none
	Currency    string          `json:"currency"`
	Sections    []OpenedSection `json:"sections"`
	At          time.Time       `json:"at"`
}

// OpenedSection is one section as the sale was opened.
type OpenedSection struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Price    int64     `json:"price"`
	Capacity int       `json:"capacity"`
	OnSale   int       `json:"onSale"`
}

// SeatsHeld takes seats for a while: until ExpiresAt they are nobody else's.
type SeatsHeld struct {
	Hold  uuid.UUID `json:"hold"`
	Buyer uuid.UUID `json:"buyer"`
	Seats
	// Paying says that the buyer is paying already, so that the hold ends when the payment fails.
	Paying      bool        `json:"paying,omitempty"`
	ExpiresAt   time.Time   `json:"expiresAt"`
	At          time.Time   `json:"at"`
	Idempotency Idempotency `json:"idempotency,omitzero"`
}

// PaymentStarted says that the buyer of a hold pays for it now, and has until ExpiresAt.
type PaymentStarted struct {
	Hold      uuid.UUID `json:"hold"`
	Buyer     uuid.UUID `json:"buyer"`
	ExpiresAt time.Time `json:"expiresAt"`
	At        time.Time `json:"at"`
}

// PaymentFailed gives a hold back what is left of its own time.
type PaymentFailed struct {
	Hold      uuid.UUID `json:"hold"`
	Buyer     uuid.UUID `json:"buyer"`
	ExpiresAt time.Time `json:"expiresAt"`
	At        time.Time `json:"at"`
}

// HoldReleased returns the seats of a hold: its buyer gave them back, or could not pay.
type HoldReleased struct {
	Hold  uuid.UUID `json:"hold"`
	Buyer uuid.UUID `json:"buyer"`
	Seats
	PaymentFailed bool      `json:"paymentFailed,omitempty"`
	At            time.Time `json:"at"`
}

// HoldExpired returns the seats of a hold whose time is over.
type HoldExpired struct {
	Hold  uuid.UUID `json:"hold"`
	Buyer uuid.UUID `json:"buyer"`
	Seats
	At time.Time `json:"at"`
}

// BookingConfirmed sells seats: those of the hold with the same id if there is one, else free ones.
type BookingConfirmed struct {
	Booking uuid.UUID `json:"booking"`
	Buyer   uuid.UUID `json:"buyer"`
	Seats
	// FromHold says that the seats were held before, under the booking's id.
	FromHold    bool        `json:"fromHold,omitempty"`
	At          time.Time   `json:"at"`
	Idempotency Idempotency `json:"idempotency,omitzero"`
}

// BookingCancelled returns the seats of a booking.
type BookingCancelled struct {
	Booking uuid.UUID `json:"booking"`
	Buyer   uuid.UUID `json:"buyer"`
	Seats
	By     uuid.UUID `json:"by,omitzero"`      // the buyer, or an admin; zero: the operator
	Reason string    `json:"reason,omitempty"` // the operator's words, which are public
	At     time.Time `json:"at"`
}

// SaleClosed ends the selling before its time, for good.
type SaleClosed struct {
	By     uuid.UUID `json:"by,omitzero"` // zero: the operator
	Reason string    `json:"reason"`      // the operator's words, which are public
	At     time.Time `json:"at"`
}

// The names under which events are stored, for ever.

func (Opened) EventType() string           { return "sale.opened.v1" }
func (SeatsHeld) EventType() string        { return "seats.held.v1" }
func (PaymentStarted) EventType() string   { return "payment.started.v1" }
func (PaymentFailed) EventType() string    { return "payment.failed.v1" }
func (HoldReleased) EventType() string     { return "hold.released.v1" }
func (HoldExpired) EventType() string      { return "hold.expired.v1" }
func (BookingConfirmed) EventType() string { return "booking.confirmed.v1" }
func (BookingCancelled) EventType() string { return "booking.cancelled.v1" }
func (SaleClosed) EventType() string       { return "sale.closed.v1" }
