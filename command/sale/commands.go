package sale

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
)

// A Command asks for something to happen to a sale. Its time and the ids it makes are given by who sends it.
type Command interface {
	decide(s *Sale) ([]Event, error)
	// claim is the id of the hold or booking the command is about; the zero UUID when there is none.
	claim(s *Sale) uuid.UUID
}

// Open puts an event's seats on sale.
type Open struct {
	Organizer   uuid.UUID
	Title       string
	Description string
	Venue       string
	StartsAt    time.Time // zero: no date
	TimeZone    string    // IANA name of the zone of the venue, which the sender knows to exist; empty: none
	Currency    string    // ISO 4217, upper case
	Sections    []OpenSection
	At          time.Time
	// Repeatable says that the sale's id stands for this very request: opened again, the sale is what was asked for, or it is
	// [ErrKeyReused]. Without, opening a sale again is [ErrEventExists].
	Repeatable bool
}

// OpenSection is one section to put on sale.
type OpenSection struct {
	ID       uuid.UUID
	Name     string
	Price    int64 // for one seat, in minor units
	Capacity int
	OnSale   int // how many of Capacity are on sale; the others are gone from the start
}

// Order is what a buyer asks for with [Book] and [Hold].
type Order struct {
	ID          uuid.UUID // the id the hold or booking is to have: a new one
	Buyer       uuid.UUID
	Section     uuid.UUID // zero: the only section there is
	Quantity    int
	At          time.Time
	Idempotency Idempotency // zero: none
}

// Book sells free seats at once.
type Book struct{ Order }

// Hold takes free seats until ExpiresAt.
type Hold struct {
	Order
	ExpiresAt time.Time
	Paying    bool // the buyer pays already: the hold ends when the payment fails
}

// StartPayment makes sure that a hold is paid for once: until ExpiresAt, nobody else can start.
type StartPayment struct {
	Hold, Buyer uuid.UUID
	At          time.Time
	ExpiresAt   time.Time
}

// Confirm turns a hold into a booking.
type Confirm struct {
	Hold, Buyer uuid.UUID
	At          time.Time
}

// FailPayment says that a hold was not paid for: one that came with its payment ends, another goes on until its time is over.
type FailPayment struct {
	Hold, Buyer uuid.UUID
	At          time.Time
}

// Release gives the seats of a hold back.
type Release struct {
	Hold, Buyer uuid.UUID
	At          time.Time
}

// Cancel gives the seats of a booking back.
type Cancel struct {
	Booking uuid.UUID
	User    uuid.UUID // zero: the operator
	Admin   bool      // the user may cancel what is not theirs
	Reason  string    // may be empty; anybody may read it
	At      time.Time
}

// Close ends the selling before its time. The first one counts, and there is no way back.
type Close struct {
	User   uuid.UUID // zero: the operator
	Reason string    // anybody may read it
	At     time.Time
}

// ExpireHolds tidies up: it returns the seats of holds whose time is over.
type ExpireHolds struct {
	At    time.Time
	Limit int // at most so many
}

func (Open) claim(*Sale) uuid.UUID           { return uuid.Nil }
func (c StartPayment) claim(*Sale) uuid.UUID { return c.Hold }
func (c Confirm) claim(*Sale) uuid.UUID      { return c.Hold }
func (c FailPayment) claim(*Sale) uuid.UUID  { return c.Hold }
func (c Release) claim(*Sale) uuid.UUID      { return c.Hold }
func (c Cancel) claim(*Sale) uuid.UUID       { return c.Booking }
func (Close) claim(*Sale) uuid.UUID          { return uuid.Nil }
func (ExpireHolds) claim(*Sale) uuid.UUID    { return uuid.Nil }

func (o Order) claim(s *Sale) uuid.UUID {
	if _, made := s.claims.get(o.ID); made {
		return o.ID
	}
	if earlier, err := o.earlier(s); earlier != nil && err == nil {
		return earlier.ID
	}
	return uuid.Nil
}

// Fingerprint digests what a client asked for, so that a key that comes with another request is noticed.
func Fingerprint(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
