// Package sale is the domain: the selling of one event's tickets, one aggregate and one stream each.
//
// It is pure. Time and ids are arguments, nothing is stored, nothing is fetched: [Decide] says which events a command
// causes or why it is refused, and changes nothing; [Sale.Evolve] applies an event and cannot refuse.
//
// The rules it keeps, whatever order commands come in:
//
//   - remaining + held + booked = the seats put on sale, in every section, and none of them is ever negative;
//   - a buyer has at most one live booking or hold per sale; a cancelled one frees the buyer to book again;
//   - 1 to [MaxQuantity] seats per booking;
//   - nothing is sold after the event has started or the sale was closed, except what was being paid for by then;
//   - a hold that has expired is free at the moment somebody else wants its seats, in the same append.
package sale

import (
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MaxQuantity is the most seats that one booking or hold may have.
const MaxQuantity = 10

// keyMemory is how many of a buyer's newest claims are searched for an idempotency key, so that a buyer who books and
// cancels all day does not slow down the others.
const keyMemory = 100

// A Sale is the state of one sale: what its events add up to. The zero Sale is one that has not been opened.
//
// A Sale is not safe for concurrent use.
type Sale struct {
	// ID is the sale's stream, and the id of the event in the API.
	ID uuid.UUID
	// Version counts the events that made this state.
	Version int64

	Organizer   uuid.UUID
	Title       string
	Description string
	Venue       string
	Currency    string    // ISO 4217
	StartsAt    time.Time // zero: no date, the sale never ends by itself
	TimeZone    string    // IANA name of the zone of the venue; empty: none
	OpenedAt    time.Time
	Closed      bool // see [Close]
	Sections    []Section

	claims    forkable[uuid.UUID, *Claim]    // every hold and booking there ever was; a *Claim never changes
	latest    forkable[uuid.UUID, uuid.UUID] // buyer → that buyer's newest claim; older ones are chained by previous
	deadlines deadlines
	claimed   uint32   // how many claims there are
	made      []*Claim // all of them by number, but nil where one is as the archive has it; a fork lets it be
	archive   *archive // of the snapshot that the sale was restored from; nil: of none
}

// A Section is a named block of seats.
type Section struct {
	ID       uuid.UUID
	Name     string
	Price    int64 // for one seat, in minor units of the sale's currency
	Capacity int   // the seats there are
	OnSale   int   // the seats put on sale: Capacity less those that were gone from the start

	Remaining int // free to take
	Held      int // taken by live holds
	Booked    int // sold
}

// Status is where a claim is in its life.
type Status uint8

// A hold is Held until it ends; Paying while its buyer pays; Confirmed is a booking. The last three are ends.
const (
	Held Status = iota + 1
	Paying
	Confirmed
	Cancelled
	Released
	Expired
)

// A Claim is what one buyer has of a sale: a hold, or the booking that it became. It keeps its id throughout.
type Claim struct {
	ID    uuid.UUID
	Buyer uuid.UUID
	Seats
	Status    Status
	number    uint32    // of the sale's claims in the order in which they were made, from 0; here it takes no memory
	CreatedAt time.Time // when the seats were taken
	// ExpiresAt is when a hold, or the time to pay for it, runs out; zero for a claim that does not expire.
	ExpiresAt time.Time
	// HeldUntil is what the buyer of a hold was promised: ExpiresAt goes back to it when the payment fails. Zero for a
	// claim that came with its payment, and ends with it.
	HeldUntil time.Time
	// ConfirmedAt is when the hold became a booking; zero before.
	ConfirmedAt time.Time
	// CancelledAt is when the booking was cancelled; zero before.
	CancelledAt time.Time
	// RemainingAfter is how many seats of all sections were free just after the booking was confirmed, and VersionAfter
	// the sale's version then, so that a repeated request gets the same answer.
	RemainingAfter int
	VersionAfter   int64
	Idempotency    Idempotency

	previous uuid.UUID // the same buyer's claim before this one
}

// Live reports whether the claim has seats: a hold that has not ended, or a booking that is not cancelled.
func (c *Claim) Live() bool { return c.Status == Held || c.Status == Paying || c.Status == Confirmed }

// Pending reports whether the claim is a hold that has not ended.
func (c *Claim) Pending() bool { return c.Status == Held || c.Status == Paying }

// due reports whether the claim is a hold whose time is over: it still has its seats, but only until somebody wants them.
func (c *Claim) due(now time.Time) bool { return c.Pending() && !now.Before(c.ExpiresAt) }

// Seats are seats of one section and what they cost.
type Seats struct {
	Section  uuid.UUID `json:"section"`
	Quantity int       `json:"quantity"`
	Amount   int64     `json:"amount"` // for all of them, in minor units
}

// Idempotency ties a claim to the client's request that made it. The zero Idempotency ties it to none.
type Idempotency struct {
	Key         string `json:"key,omitempty"`         // a digest of what the client chose, which may be personal; scoped to buyer and sale
	Fingerprint string `json:"fingerprint,omitempty"` // a digest of what was asked for; see [Fingerprint]
}

// Exists reports whether the sale has been opened.
func (s *Sale) Exists() bool { return s.Version > 0 }

// Claim returns the hold or booking with the given id.
func (s *Sale) Claim(id uuid.UUID) (Claim, bool) {
	c, ok := s.claims.get(id)
	if !ok {
		return Claim{}, false
	}
	return *c, true
}

// Remaining is the number of free seats in all sections together.
func (s *Sale) Remaining() int {
	n := 0
	for i := range s.Sections {
		n += s.Sections[i].Remaining
	}
	return n
}

// started reports whether the event has begun: nothing is sold any more.
func (s *Sale) started(now time.Time) bool { return !s.StartsAt.IsZero() && !now.Before(s.StartsAt) }

// over says why nothing is sold any more; nil: it is.
func (s *Sale) over(now time.Time) error {
	switch {
	case s.started(now):
		return ErrStarted
	case s.Closed:
		return ErrClosed
	}
	return nil
}

// Fork returns a sale that equals s and evolves without changing it, at a cost that does not depend on the size of s.
// While the fork is in use s must not evolve.
func (s *Sale) Fork() *Sale {
	f := *s
	f.Sections = slices.Clone(s.Sections)
	f.claims = s.claims.fork()
	f.latest = s.latest.fork()
	f.deadlines = s.deadlines.fork()
	return &f
}

// live returns the buyer's live claim, or nil.
func (s *Sale) live(buyer uuid.UUID) *Claim {
	if c := s.newest(buyer); c != nil && c.Live() {
		return c
	}
	return nil
}

func (s *Sale) newest(buyer uuid.UUID) *Claim {
	id, ok := s.latest.get(buyer)
	if !ok {
		return nil
	}
	c, _ := s.claims.get(id)
	return c
}

// recent yields the buyer's claims, the newest first and at most keyMemory of them.
func (s *Sale) recent(buyer uuid.UUID) iter.Seq[*Claim] {
	return func(yield func(*Claim) bool) {
		c := s.newest(buyer)
		for n := 0; n < keyMemory && c != nil && yield(c); n++ {
			c, _ = s.claims.get(c.previous)
		}
	}
}

// section returns the section with the given id, or nil.
func (s *Sale) section(id uuid.UUID) *Section {
	for i := range s.Sections {
		if s.Sections[i].ID == id {
			return &s.Sections[i]
		}
	}
	return nil
}

// Summary is what an answer tells of a sale. It shares nothing with the Sale it was taken from.
type Summary struct {
	ID        uuid.UUID
	Version   int64
	Title     string
	Currency  string
	Remaining int
	Sections  []Section
}

// Summary returns what an answer tells of the sale as it is now.
func (s *Sale) Summary() Summary {
	return Summary{
		ID: s.ID, Version: s.Version, Title: s.Title, Currency: s.Currency,
		Remaining: s.Remaining(), Sections: slices.Clone(s.Sections),
	}
}
