package sale

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
)

// scenarios are rows named after the rule they hold.
type scenarios map[string]scenario

// A scenario says: given these events, when this command comes, then this is decided.
type scenario struct {
	given []Event
	when  Command
	then  decision
}

type decision struct {
	events []Event
	err    error
}

func events(events ...Event) decision { return decision{events: events} }

func refused(err error) decision { return decision{err: err} }

// soldOut and notEnough are refusals for want of seats. Of which version they are follows from what was given.

var soldOut = refused(&Refusal{Reason: ErrSoldOut})

func notEnough(remaining int) decision {
	return refused(&Refusal{Reason: ErrNotEnoughTickets, Remaining: remaining})
}

// refusalOf is the decision's refusal by the sale: one for want of seats tells the version it was decided on.
func (d decision) refusalOf(s *Sale) error {
	r, refused := d.err.(*Refusal)
	if !refused || r.Reason != ErrSoldOut && r.Reason != ErrNotEnoughTickets {
		return d.err
	}
	told := *r
	told.Version = s.Version
	return &told
}

// nothing is what is decided when the work is done already.
var nothing = decision{}

func (rows scenarios) run(t *testing.T) {
	t.Parallel()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.check(t)
		})
	}
}

func (row scenario) check(t *testing.T) {
	t.Helper()
	s := saleOf(row.given...)
	before := view(s)
	got, err := Decide(s, row.when)
	if diff := diffErrors(row.then.refusalOf(s), err); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(row.then.events, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := before.diff(view(s)); diff != "" {
		t.Errorf("deciding changed the sale (-before +after):\n%s", diff)
	}
}

func saleOf(history ...Event) *Sale {
	s := &Sale{ID: id("the event")}
	for _, e := range history {
		s.Evolve(e)
	}
	return s
}

// diffErrors compares what a caller can tell of two errors: the reasons, and all that refusals and field errors add.
func diffErrors(want, got error) string {
	return cmp.Diff(told(want), told(got), cmpopts.EquateErrors())
}

func told(err error) []any {
	var list []any
	for _, e := range unjoin(err) {
		switch e := e.(type) {
		case *Refusal:
			list = append(list, *e)
		case *FieldError:
			list = append(list, *e)
		default:
			list = append(list, e)
		}
	}
	return list
}

func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// What the scenarios are about: an event with five VIP seats and ten on the floor, at about noon.
var (
	now    = time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)
	before = now.Add(-time.Minute)
	soon   = now.Add(time.Minute)
	later  = now.Add(10 * time.Minute)
	doors  = now.Add(time.Hour) // when the event starts

	alice, bob, carol, dave = id("alice"), id("bob"), id("carol"), id("dave")
	organizer               = id("the organizer")
	vip, floor              = id("VIP"), id("floor")
	prices                  = map[uuid.UUID]int64{vip: 10_000, floor: 2_500}

	opened = openedWith(section(vip, 5), section(floor, 10))
	closed = SaleClosed{Reason: "The hall is flooded", At: now}
)

func id(name string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)) }

func section(id uuid.UUID, seats int) OpenedSection {
	return OpenedSection{ID: id, Name: id.String(), Price: prices[id], Capacity: seats, OnSale: seats}
}

func openedWith(sections ...OpenedSection) Opened {
	return Opened{
		Organizer: organizer, Title: "Concert", Currency: "EUR", StartsAt: doors, Sections: sections,
		At: now.Add(-time.Hour),
	}
}

// Orders. An order for VIP seats, one minute ago unless changed.

func order(name string, buyer uuid.UUID, quantity int) Order {
	return Order{ID: id(name), Buyer: buyer, Section: vip, Quantity: quantity, At: before}
}

func (o Order) at(t time.Time) Order       { o.At = t; return o }
func (o Order) in(section uuid.UUID) Order { o.Section = section; return o }
func (o Order) keyed(key, fingerprint string) Order {
	o.Idempotency = Idempotency{Key: key, Fingerprint: fingerprint}
	return o
}

// What orders led to.

func (o Order) taken() Seats {
	return Seats{Section: o.Section, Quantity: o.Quantity, Amount: prices[o.Section] * int64(o.Quantity)}
}

func held(o Order, until time.Time) SeatsHeld {
	return SeatsHeld{
		Hold: o.ID, Buyer: o.Buyer, Seats: o.taken(), ExpiresAt: until, At: o.At, Idempotency: o.Idempotency,
	}
}

func heldPaying(o Order, until time.Time) SeatsHeld {
	e := held(o, until)
	e.Paying = true
	return e
}

func paymentStarted(o Order, until, at time.Time) PaymentStarted {
	return PaymentStarted{Hold: o.ID, Buyer: o.Buyer, ExpiresAt: until, At: at}
}

func paymentFailed(o Order, until, at time.Time) PaymentFailed {
	return PaymentFailed{Hold: o.ID, Buyer: o.Buyer, ExpiresAt: until, At: at}
}

func released(o Order, at time.Time) HoldReleased {
	return HoldReleased{Hold: o.ID, Buyer: o.Buyer, Seats: o.taken(), At: at}
}

func expired(o Order, at time.Time) HoldExpired {
	return HoldExpired{Hold: o.ID, Buyer: o.Buyer, Seats: o.taken(), At: at}
}

func booked(o Order) BookingConfirmed {
	return BookingConfirmed{Booking: o.ID, Buyer: o.Buyer, Seats: o.taken(), At: o.At, Idempotency: o.Idempotency}
}

func confirmed(o Order, at time.Time) BookingConfirmed {
	e := booked(o.at(at))
	e.FromHold = true
	return e
}

func cancelled(o Order, by uuid.UUID, at time.Time) BookingCancelled {
	return BookingCancelled{Booking: o.ID, Buyer: o.Buyer, Seats: o.taken(), By: by, At: at}
}
