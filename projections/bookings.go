package projections

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
)

// Bookings keeps who has which seats: every hold, and every booking that one became or that was made at once.
func Bookings() Projection {
	return Projection{
		Name: "bookings", Version: 1, Tables: bookingTables, Indexes: bookingIndexes, Apply: applyBookings,
		Pace: 100 * time.Millisecond,
	}
}

const bookingTables = `
create table bookings (
    id           uuid        not null primary key,
    event_id     uuid        not null,
    section_id   uuid        not null,
    buyer        uuid        not null,
    quantity     int         not null,
    amount       bigint      not null, -- for all seats, in minor units
    status       text        not null, -- HELD, PAYING, CONFIRMED, CANCELLED, RELEASED, EXPIRED
    created_at   timestamptz not null, -- when the seats were taken
    expires_at   timestamptz,          -- when the hold runs out, or ran out; null for a booking
    confirmed_at timestamptz,          -- when it became a booking; null for a hold
    cancelled_at timestamptz
) with (fillfactor = 80);
`

const bookingIndexes = `
create index bookings_buyer_idx on bookings (buyer);
create index bookings_event_idx on bookings (event_id, confirmed_at desc, id desc) where confirmed_at is not null;
create index bookings_pending_idx on bookings (expires_at) where status in ('HELD', 'PAYING');
`

// insertBookingsSQL has its unnest where it selects, not after from: there the server would first put each array into a store of its own.
const insertBookingsSQL = `
insert into bookings.bookings (id, event_id, section_id, buyer, quantity, amount, status, created_at, expires_at, confirmed_at, cancelled_at)
select unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::uuid[]), unnest($5::int[]), unnest($6::bigint[]), unnest($7::text[]),
       unnest($8::timestamptz[]), unnest($9::timestamptz[]), unnest($10::timestamptz[]), unnest($11::timestamptz[])`

const changeBookingsSQL = `
update bookings.bookings b
   set status       = d.status,
       expires_at   = case when coalesce(d.confirmed_at, b.confirmed_at) is null then coalesce(d.expires_at, b.expires_at) end,
       confirmed_at = coalesce(d.confirmed_at, b.confirmed_at),
       cancelled_at = coalesce(d.cancelled_at, b.cancelled_at)
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
       as d (id, status, expires_at, confirmed_at, cancelled_at)
 where b.id = d.id`

// A claim is what a page makes of one hold or booking: a new row, or changes to one that is there. Times that do not
// change are nil.
type claim struct {
	id        uuid.UUID
	status    string
	expires   *time.Time
	confirmed *time.Time
	cancelled *time.Time

	isNew   bool
	event   uuid.UUID
	buyer   uuid.UUID
	seats   sale.Seats
	created time.Time
}

func applyBookings(changes []Change, to *pgx.Batch) {
	p := bookingPage{claims: make([]claim, 0, len(changes)), index: make(map[uuid.UUID]*claim, len(changes))}
	for _, c := range changes {
		switch e := c.Event.(type) {
		case sale.SeatsHeld:
			held := p.insert(e.Hold, c.Stream, e.Buyer, e.Seats, e.At)
			held.status, held.expires = "HELD", &e.ExpiresAt
			if e.Paying {
				held.status = "PAYING"
			}
		case sale.PaymentStarted:
			p.change(e.Hold, "PAYING").expires = &e.ExpiresAt
		case sale.PaymentFailed:
			p.change(e.Hold, "HELD").expires = &e.ExpiresAt
		case sale.HoldReleased:
			p.change(e.Hold, "RELEASED")
		case sale.HoldExpired:
			p.change(e.Hold, "EXPIRED")
		case sale.BookingConfirmed:
			if !e.FromHold {
				p.insert(e.Booking, c.Stream, e.Buyer, e.Seats, e.At)
			}
			booked := p.change(e.Booking, "CONFIRMED")
			booked.confirmed, booked.expires = &e.At, nil
		case sale.BookingCancelled:
			p.change(e.Booking, "CANCELLED").cancelled = &e.At
		}
	}
	p.queue(to)
}

// A bookingPage merges what a page does to each claim.
type bookingPage struct {
	claims []claim // has room for one of each event, so that they stay where they are
	index  map[uuid.UUID]*claim
}

func (p *bookingPage) change(id uuid.UUID, status string) *claim {
	c := p.index[id]
	if c == nil {
		p.claims = append(p.claims, claim{id: id})
		c = &p.claims[len(p.claims)-1]
		p.index[id] = c
	}
	c.status = status
	return c
}

func (p *bookingPage) insert(id, event, buyer uuid.UUID, seats sale.Seats, at time.Time) *claim {
	c := p.change(id, "")
	c.isNew, c.event, c.buyer, c.seats, c.created = true, event, buyer, seats, at
	return c
}

func (p *bookingPage) queue(to *pgx.Batch) {
	var made, changed []*claim
	for i := range p.claims {
		if c := &p.claims[i]; c.isNew {
			made = append(made, c)
		} else {
			changed = append(changed, c)
		}
	}
	if len(made) > 0 {
		to.Queue(insertBookingsSQL,
			column(made, func(c *claim) [16]byte { return c.id }),
			column(made, func(c *claim) [16]byte { return c.event }),
			column(made, func(c *claim) [16]byte { return c.seats.Section }),
			column(made, func(c *claim) [16]byte { return c.buyer }),
			column(made, func(c *claim) int { return c.seats.Quantity }),
			column(made, func(c *claim) int64 { return c.seats.Amount }),
			column(made, func(c *claim) string { return c.status }),
			column(made, func(c *claim) *time.Time { return &c.created }),
			column(made, func(c *claim) *time.Time { return c.expires }),
			column(made, func(c *claim) *time.Time { return c.confirmed }),
			column(made, func(c *claim) *time.Time { return c.cancelled }))
	}
	if len(changed) > 0 {
		to.Queue(changeBookingsSQL,
			column(changed, func(c *claim) [16]byte { return c.id }),
			column(changed, func(c *claim) string { return c.status }),
			column(changed, func(c *claim) *time.Time { return c.expires }),
			column(changed, func(c *claim) *time.Time { return c.confirmed }),
			column(changed, func(c *claim) *time.Time { return c.cancelled }))
	}
}

// column holds claims as one of the columns that unnest takes. An id is a plain array because pgx sends a uuid.UUID by way
// of its text, at thirty times the cost.
func column[T any](claims []*claim, value func(*claim) T) []T {
	values := make([]T, len(claims))
	for i, c := range claims {
		values[i] = value(c)
	}
	return values
}
