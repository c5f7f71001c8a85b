package projections

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
)

// Listings keeps what there is to buy: events with their sections and how many tickets are left.
func Listings() Projection {
	return Projection{Name: "listings", Version: 1, Tables: listingTables, Apply: applyListings}
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
    currency    text        not null,
    organizer   uuid        not null,
    opened_at   timestamptz not null,
    price       bigint      not null, -- of the cheapest section, in minor units
    capacity    int         not null,
    remaining   int         not null
) with (fillfactor = 50);
create index events_starts_at_idx on events (starts_at, id);
create index events_organizer_idx on events (organizer);

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
create index sections_event_idx on sections (event_id, ordinal);
`

const insertEventsSQL = `
insert into listings.events (id, version, title, description, venue, starts_at, currency, organizer, opened_at, price, capacity, remaining)
values ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

const insertSectionsSQL = `
insert into listings.sections (id, event_id, ordinal, name, price, capacity, on_sale, remaining, held, booked)
values ($1, $2, $3, $4, $5, $6, $7, $7, 0, 0)`

const moveEventsSQL = `
update listings.events e
   set version = d.version, remaining = e.remaining + d.remaining
  from unnest($1::uuid[], $2::bigint[], $3::int[]) as d (id, version, remaining)
 where e.id = d.id`

const moveSectionsSQL = `
update listings.sections s
   set remaining = s.remaining - d.held - d.booked, held = s.held + d.held, booked = s.booked + d.booked
  from unnest($1::uuid[], $2::int[], $3::int[]) as d (id, held, booked)
 where s.id = d.id`

func applyListings(changes []Change, to *pgx.Batch) {
	var m moves
	for _, c := range changes {
		switch e := c.Event.(type) {
		case sale.Opened:
			insertListing(c.Stream, e, to)
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
		default:
			m.move(c, sale.Seats{}, 0, 0)
		}
	}
	m.queue(to)
}

func insertListing(id uuid.UUID, e sale.Opened, to *pgx.Batch) {
	cheapest := slices.MinFunc(e.Sections, func(a, b sale.OpenedSection) int { return int(a.Price - b.Price) }).Price
	capacity, onSale := 0, 0
	for _, s := range e.Sections {
		capacity += s.Capacity
		onSale += s.OnSale
	}
	to.Queue(insertEventsSQL, id, e.Title, e.Description, e.Venue, orNull(e.StartsAt), e.Currency, e.Organizer, e.At,
		cheapest, capacity, onSale)
	for i, s := range e.Sections {
		to.Queue(insertSectionsSQL, s.ID, id, i, s.Name, s.Price, s.Capacity, s.OnSale)
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

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
