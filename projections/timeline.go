package projections

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
)

// SalesTimeline keeps what was sold when: for every event, the minutes in which anything was, and the seconds up to the
// end of its rush, which is the first hour of bookings.
//
// Time is the one that the events tell, in UTC. The rush begins with the second of the first booking in the log's order, so
// that it is the same whenever and however the log is read. Seconds before it are kept too: who books first has most often
// held seats before.
func SalesTimeline() Projection {
	return Projection{
		Name: "sales_timeline", Version: 1, Tables: timelineTables, Apply: applyTimeline,
		Pace: 250 * time.Millisecond, // what is sold in so many events in between becomes one row of each
	}
}

// rush is how long seconds are kept from the first booking on.
const rush = time.Hour

// The newest rows change with every page: no index names what changes, and free space in each block keeps updates in place
// (heap-only).
const timelineTables = `
create table minutes (
    event_id  uuid        not null,
    at        timestamptz not null, -- when it begins
    held      int         not null, -- seats that a hold took, whatever became of it
    booked    int         not null, -- seats sold, held before or not
    cancelled int         not null, -- seats of bookings that were cancelled
    revenue   bigint      not null, -- of what was booked less what was cancelled, in minor units; may be negative
    primary key (event_id, at)
) with (fillfactor = 70);
create table seconds (like minutes including all) with (fillfactor = 70);

create table rushes (
    event_id uuid        not null primary key,
    ends_at  timestamptz not null -- no second from here on is kept
);
`

const addMinutesSQL = `
insert into sales_timeline.minutes as t (event_id, at, held, booked, cancelled, revenue)
select * from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::int[], $6::bigint[])
on conflict (event_id, at) do update
   set held = t.held + excluded.held, booked = t.booked + excluded.booked, cancelled = t.cancelled + excluded.cancelled,
       revenue = t.revenue + excluded.revenue`

const addSecondsSQL = `
insert into sales_timeline.seconds as t (event_id, at, held, booked, cancelled, revenue)
select * from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::int[], $6::bigint[])
              as d (event_id, at, held, booked, cancelled, revenue)
 where not exists (select from sales_timeline.rushes r where r.event_id = d.event_id and r.ends_at <= d.at)
on conflict (event_id, at) do update
   set held = t.held + excluded.held, booked = t.booked + excluded.booked, cancelled = t.cancelled + excluded.cancelled,
       revenue = t.revenue + excluded.revenue`

const beginRushesSQL = `
insert into sales_timeline.rushes (event_id, ends_at)
select * from unnest($1::uuid[], $2::timestamptz[])
on conflict (event_id) do nothing`

func applyTimeline(changes []Change, to *pgx.Batch) {
	p := timelinePage{booked: make(map[uuid.UUID]bool)}
	for _, c := range changes {
		switch e := c.Event.(type) {
		case sale.SeatsHeld:
			p.add(c.Stream, e.At, trade{held: e.Quantity})
		case sale.BookingConfirmed:
			p.book(c.Stream, e.At)
			p.add(c.Stream, e.At, trade{booked: e.Quantity, revenue: e.Amount})
		case sale.BookingCancelled:
			p.add(c.Stream, e.At, trade{cancelled: e.Quantity, revenue: -e.Amount})
		}
	}
	p.queue(to)
}

// A trade is what happened in some time.
type trade struct {
	held, booked, cancelled int // seats
	revenue                 int64
}

// A timelinePage adds up what a page tells of each minute and second. Whether the seconds before an event's first booking
// in the page are kept depends on earlier pages only, so that they are stored before rushes begin, and the others after.
type timelinePage struct {
	minutes, before, after times
	booked                 map[uuid.UUID]bool // the events with a booking in this page
	rushes                 [][16]byte
	ends                   []time.Time
}

func (p *timelinePage) book(event uuid.UUID, at time.Time) {
	if !p.booked[event] {
		p.booked[event] = true
		p.rushes = append(p.rushes, event)
		p.ends = append(p.ends, at.Truncate(time.Second).Add(rush))
	}
}

func (p *timelinePage) add(event uuid.UUID, at time.Time, what trade) {
	p.minutes.add(event, at.Truncate(time.Minute), what)
	if p.booked[event] {
		p.after.add(event, at.Truncate(time.Second), what)
	} else {
		p.before.add(event, at.Truncate(time.Second), what)
	}
}

func (p *timelinePage) queue(to *pgx.Batch) {
	p.minutes.queue(to, addMinutesSQL)
	p.before.queue(to, addSecondsSQL)
	if len(p.rushes) > 0 {
		to.Queue(beginRushesSQL, p.rushes, p.ends)
	}
	p.after.queue(to, addSecondsSQL)
}

// times holds trades as the columns that unnest takes, each event's minute or second once.
type times struct {
	index map[eventTime]int

	events                  [][16]byte
	at                      []time.Time
	held, booked, cancelled []int
	revenue                 []int64
}

type eventTime struct {
	event uuid.UUID
	unix  int64
}

func (t *times) add(event uuid.UUID, at time.Time, what trade) {
	if t.index == nil {
		t.index = make(map[eventTime]int)
	}
	key := eventTime{event, at.Unix()}
	i, known := t.index[key]
	if !known {
		i = len(t.events)
		t.index[key] = i
		t.events, t.at = append(t.events, event), append(t.at, at)
		t.held, t.booked, t.cancelled = append(t.held, 0), append(t.booked, 0), append(t.cancelled, 0)
		t.revenue = append(t.revenue, 0)
	}
	t.held[i] += what.held
	t.booked[i] += what.booked
	t.cancelled[i] += what.cancelled
	t.revenue[i] += what.revenue
}

func (t *times) queue(to *pgx.Batch, sql string) {
	if len(t.events) > 0 {
		to.Queue(sql, t.events, t.at, t.held, t.booked, t.cancelled, t.revenue)
	}
}
