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

const insertBookingsSQL = `
insert into bookings.bookings (id, event_id, section_id, buyer, quantity, amount, status, created_at, expires_at, confirmed_at, cancelled_at)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[], $7::text[],
                     $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])`

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
	p := bookingPage{index: make(map[uuid.UUID]*claim)}
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
	claims []*claim
	index  map[uuid.UUID]*claim
}

func (p *bookingPage) change(id uuid.UUID, status string) *claim {
	c := p.index[id]
	if c == nil {
		c = &claim{id: id}
		p.index[id] = c
		p.claims = append(p.claims, c)
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
	var inserted, changed rows
	for _, c := range p.claims {
		if c.isNew {
			inserted.add(c)
		} else {
			changed.add(c)
		}
	}
	if r := inserted; len(r.ids) > 0 {
		to.Queue(insertBookingsSQL, r.ids, r.events, r.sections, r.buyers, r.quantities, r.amounts, r.statuses,
			r.created, r.expires, r.confirmed, r.cancelled)
	}
	if r := changed; len(r.ids) > 0 {
		to.Queue(changeBookingsSQL, r.ids, r.statuses, r.expires, r.confirmed, r.cancelled)
	}
}

// rows holds claims as the columns that unnest takes. The ids are plain arrays because pgx sends a uuid.UUID by way of its
// text, at thirty times the cost.
type rows struct {
	ids, events, sections, buyers          [][16]byte
	quantities                             []int
	amounts                                []int64
	statuses                               []string
	created, expires, confirmed, cancelled []*time.Time
}

func (r *rows) add(c *claim) {
	r.ids = append(r.ids, c.id)
	r.statuses = append(r.statuses, c.status)
	r.expires = append(r.expires, c.expires)
	r.confirmed = append(r.confirmed, c.confirmed)
	r.cancelled = append(r.cancelled, c.cancelled)
	if !c.isNew {
		return
	}
	r.events = append(r.events, c.event)
	r.sections = append(r.sections, c.seats.Section)
	r.buyers = append(r.buyers, c.buyer)
	r.quantities = append(r.quantities, c.seats.Quantity)
	r.amounts = append(r.amounts, c.seats.Amount)
	r.created = append(r.created, &c.created)
}
