package projections

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
)

// Listings keeps what there is to buy: events with their sections and how many tickets are left.
func Listings() Projection {
	return Projection{
		Name: "listings", Version: 2, Tables: listingTables, Indexes: listingIndexes, Apply: applyListings,
		Pace: 50 * time.Millisecond, // viewers are told ten times a second
	}
}

// Counts change with every page: no index names them, and free space in each block keeps updates in place (heap-only).
const listingTables = `
create table events (
    id          uuid        not null primary key,
    version     bigint      not null, -- of the sale; a higher one is newer
    title       text        not null,
    description text        not null,
    venue       text        not null,
    starts_at   timestamptz,          -- null: no date
    time_zone   text        not null, -- IANA name; empty: none
    currency    text        not null,
    organizer   uuid        not null,
    opened_at   timestamptz not null,
    price       bigint      not null, -- of the cheapest section, in minor units
    capacity    int         not null,
    remaining   int         not null,
    closed      boolean     not null -- nothing is sold any more, whatever remains
) with (fillfactor = 50);

create table sections (
    id        uuid   not null primary key,
    event_id  uuid   not null,
    ordinal   int    not null,
    name      text   not null,
    price     bigint not null,
    capacity  int    not null,
    on_sale   int    not null,
    remaining int    not null,
    held      int    not null,
    booked    int    not null
) with (fillfactor = 50);
`

const listingIndexes = `
create index events_starts_at_idx on events (starts_at, id);
create index events_organizer_idx on events (organizer, starts_at, id);
create index sections_event_idx on sections (event_id, ordinal);
`

const insertEventsSQL = `
insert into listings.events (id, version, title, description, venue, starts_at, time_zone, currency, organizer, opened_at, price, capacity, remaining, closed)
select id, 1, title, description, venue, starts_at, time_zone, currency, organizer, opened_at, price, capacity, remaining, false
  from jsonb_to_recordset($1)
       as d (id uuid, title text, description text, venue text, starts_at timestamptz, time_zone text, currency text,
             organizer uuid, opened_at timestamptz, price bigint, capacity int, remaining int)`

const insertSectionsSQL = `
insert into listings.sections (id, event_id, ordinal, name, price, capacity, on_sale, remaining, held, booked)
select id, event_id, ordinal, name, price, capacity, on_sale, on_sale, 0, 0
  from jsonb_to_recordset($1)
       as d (id uuid, event_id uuid, ordinal int, name text, price bigint, capacity int, on_sale int)`

const moveEventsSQL = `
update listings.events e
   set version = d.version, remaining = e.remaining + d.remaining
  from unnest($1::uuid[], $2::bigint[], $3::int[]) as d (id, version, remaining)
 where e.id = d.id`

const closeEventsSQL = `update listings.events set closed = true where id = any ($1)`

const moveSectionsSQL = `
update listings.sections s
   set remaining = s.remaining - d.held - d.booked, held = s.held + d.held, booked = s.booked + d.booked
  from unnest($1::uuid[], $2::int[], $3::int[]) as d (id, held, booked)
 where s.id = d.id`

func applyListings(changes []Change, to *pgx.Batch) {
	var o openings
	var m moves
	var closed [][16]byte
	for _, c := range changes {
		switch e := c.Event.(type) {
		case sale.Opened:
			o.add(c.Stream, e)
		case sale.SeatsHeld:
			m.move(c, e.Seats, e.Quantity, 0)
		case sale.HoldReleased:
			m.move(c, e.Seats, -e.Quantity, 0)
		case sale.HoldExpired:
			m.move(c, e.Seats, -e.Quantity, 0)
		case sale.BookingConfirmed:
			if e.FromHold {
				m.move(c, e.Seats, -e.Quantity, e.Quantity)
			} else {
				m.move(c, e.Seats, 0, e.Quantity)
			}
		case sale.BookingCancelled:
			m.move(c, e.Seats, 0, -e.Quantity)
		case sale.SaleClosed:
			m.move(c, sale.Seats{}, 0, 0)
			closed = append(closed, c.Stream)
		default:
			m.move(c, sale.Seats{}, 0, 0)
		}
	}
	o.queue(to)
	m.queue(to)
	if len(closed) > 0 {
		to.Queue(closeEventsSQL, closed)
	}
}

// openings gathers what a page puts on sale.
type openings struct {
	events   []openedEvent
	sections []openedSection
}

type openedEvent struct {
	ID          uuid.UUID `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Venue       string    `json:"venue"`
	StartsAt    time.Time `json:"starts_at,omitzero"`
	TimeZone    string    `json:"time_zone"`
	Currency    string    `json:"currency"`
	Organizer   uuid.UUID `json:"organizer"`
	OpenedAt    time.Time `json:"opened_at"`
	Price       int64     `json:"price"`
	Capacity    int       `json:"capacity"`
	Remaining   int       `json:"remaining"`
}

type openedSection struct {
	ID       uuid.UUID `json:"id"`
	EventID  uuid.UUID `json:"event_id"`
	Ordinal  int       `json:"ordinal"`
	Name     string    `json:"name"`
	Price    int64     `json:"price"`
	Capacity int       `json:"capacity"`
	OnSale   int       `json:"on_sale"`
}

func (o *openings) add(id uuid.UUID, e sale.Opened) {
	event := openedEvent{
		ID: id, Title: e.Title, Description: e.Description, Venue: e.Venue, StartsAt: e.StartsAt, TimeZone: e.TimeZone,
		Currency: e.Currency, Organizer: e.Organizer, OpenedAt: e.At, Price: e.Sections[0].Price,
	}
	for i, s := range e.Sections {
		event.Price = min(event.Price, s.Price)
		event.Capacity += s.Capacity
		event.Remaining += s.OnSale
		o.sections = append(o.sections, openedSection{
			ID: s.ID, EventID: id, Ordinal: i, Name: s.Name, Price: s.Price, Capacity: s.Capacity, OnSale: s.OnSale,
		})
	}
	o.events = append(o.events, event)
}

func (o *openings) queue(to *pgx.Batch) {
	if len(o.events) > 0 {
		to.Queue(insertEventsSQL, o.events)
		to.Queue(insertSectionsSQL, o.sections)
	}
}

// moves adds up what a page does to the counts of each event and section.
type moves struct {
	events     [][16]byte
	versions   []int64
	remaining  []int
	eventIndex map[uuid.UUID]int

	sections     [][16]byte
	held         []int
	booked       []int
	sectionIndex map[uuid.UUID]int
}

func (m *moves) move(c Change, seats sale.Seats, held, booked int) {
	e := indexOf(&m.eventIndex, &m.events, c.Stream)
	m.versions, m.remaining = grow(m.versions, e), grow(m.remaining, e)
	m.versions[e] = c.Version
	m.remaining[e] -= held + booked
	if held == 0 && booked == 0 {
		return
	}
	s := indexOf(&m.sectionIndex, &m.sections, seats.Section)
	m.held, m.booked = grow(m.held, s), grow(m.booked, s)
	m.held[s] += held
	m.booked[s] += booked
}

func (m *moves) queue(to *pgx.Batch) {
	if len(m.events) > 0 {
		to.Queue(moveEventsSQL, m.events, m.versions, m.remaining)
	}
	if len(m.sections) > 0 {
		to.Queue(moveSectionsSQL, m.sections, m.held, m.booked)
	}
}

// indexOf returns the place of id in ids, where it is put if it is new.
func indexOf(index *map[uuid.UUID]int, ids *[][16]byte, id uuid.UUID) int {
	if *index == nil {
		*index = make(map[uuid.UUID]int)
	}
	i, known := (*index)[id]
	if !known {
		i = len(*ids)
		(*index)[id] = i
		*ids = append(*ids, id)
	}
	return i
}

func grow[T any](s []T, i int) []T {
	if i == len(s) {
		var zero T
		s = append(s, zero)
	}
	return s
}
