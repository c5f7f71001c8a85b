package query_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/migrations/migrationstest"
	"onsale/projections"
	"onsale/query"
)

var noon = time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)

// A tables is a database with read tables as package projections makes them, into which tests put rows by hand.
type tables struct {
	testing.TB
	*query.Reader
	pool *pgxpool.Pool
}

func newTables(t testing.TB) *tables {
	t.Helper()
	pool := migrationstest.Pool(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := projections.Prepare(t.Context(), conn.Conn(), projections.All()...); err != nil {
		t.Fatal(err)
	}
	return &tables{TB: t, Reader: query.New(pool), pool: pool}
}

func (t *tables) sql(statement string, args ...any) {
	t.Helper()
	if _, err := t.pool.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// event puts an event there, with a section of ten seats if it has none. What is zero is made up.
func (t *tables) event(e query.Event) query.Event {
	t.Helper()
	if len(e.Sections) == 0 {
		e.Sections = []query.Section{{ID: uuid.New(), Name: "Floor", Price: e.Price, Capacity: 10, Remaining: 7}}
	}
	e.ID, e.Version, e.Currency, e.OpenedAt = uuid.New(), 1, "EUR", noon
	if e.Organizer == uuid.Nil {
		e.Organizer = uuid.New()
	}
	for i, s := range e.Sections {
		e.Capacity += s.Capacity
		e.Remaining += s.Remaining
		t.sql(`insert into listings.sections values ($1, $2, $3, $4, $5, $6, $6, $7, 0, $8)`,
			s.ID, e.ID, i, s.Name, s.Price, s.Capacity, s.Remaining, s.Capacity-s.Remaining)
	}
	var startsAt *time.Time
	if !e.StartsAt.IsZero() {
		startsAt = &e.StartsAt
	}
	t.sql(`insert into listings.events values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		e.ID, e.Version, e.Title, e.Description, e.Venue, startsAt, e.TimeZone, e.Currency, e.Organizer, e.OpenedAt, e.Price, e.Capacity, e.Remaining, e.Closed)
	return e
}

func (t *tables) user(name string) query.Buyer {
	t.Helper()
	b := query.Buyer{ID: uuid.New(), Name: name, Email: name + "@example.com"}
	t.sql(`insert into users values ($1, $2, $3, '', 'user', now(), now())`, b.ID, b.Email, b.Name)
	return b
}

// booking puts a booking there that was held a minute before it was confirmed.
func (t *tables) booking(b query.Booking) query.Booking {
	t.Helper()
	b.ID, b.Status, b.Section = uuid.New(), "CONFIRMED", b.Event.Sections[0]
	b.Event.Sections = nil
	var cancelled *time.Time
	if !b.CancelledAt.IsZero() {
		b.Status, cancelled = "CANCELLED", &b.CancelledAt
	}
	t.sql(`insert into bookings.bookings values ($1, $2, $3, $4, $5, $6, $7, $8, null, $9, $10)`,
		b.ID, b.Event.ID, b.Section.ID, b.Buyer.ID, b.Quantity, b.Amount, b.Status, b.CreatedAt.Add(-time.Minute), b.CreatedAt, cancelled)
	return b
}

// hold puts a hold of any status there.
func (t *tables) hold(h query.Hold, buyer uuid.UUID) query.Hold {
	t.Helper()
	h.ID, h.Section = uuid.New(), h.Event.Sections[0]
	h.Event.Sections = nil
	t.sql(`insert into bookings.bookings values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, null)`,
		h.ID, h.Event.ID, h.Section.ID, buyer, h.Quantity, h.Amount, h.Status, h.CreatedAt, h.ExpiresAt)
	return h
}

// fill puts many events there, and many bookings, of which ten are of the returned buyer and a thousand of the event.
func (t *tables) fill(events, bookings int) (event, buyer, booking uuid.UUID) {
	t.Helper()
	t.sql(`insert into listings.events
	       select gen_random_uuid(), 1, 'Event ' || n, 'What happens', 'Somewhere', $2::timestamptz + n * interval '1 minute', '', 'EUR',
	              gen_random_uuid(), $2, n, 100, 50, false
	         from generate_series(1, $1) n`, events, noon)
	t.sql(`insert into listings.sections
	       select gen_random_uuid(), e.id, i, 'Section ' || i, e.price, 50, 50, 25, 0, 25 from listings.events e, generate_series(0, 1) i`)
	t.sql(`insert into bookings.bookings
	       select gen_random_uuid(), s.event_id, s.id, gen_random_uuid(), 2, 1000, 'CONFIRMED', $2, null, $2::timestamptz + n * interval '1 second'
	         from generate_series(1, $1) n
	         join (select *, row_number() over () as number from listings.sections) s on s.number = 1 + n % $3`, bookings, noon, 2*events)
	t.sql(`update bookings.bookings set buyer = (select buyer from bookings.bookings limit 1)
	        where id in (select id from bookings.bookings limit 10)`)
	t.sql(`with one as (select event_id, section_id from bookings.bookings limit 1)
	       update bookings.bookings b set event_id = one.event_id, section_id = one.section_id
	         from one where b.id in (select id from bookings.bookings limit 1000)`)
	t.sql(`analyze`)
	err := t.pool.QueryRow(t.Context(), `select event_id, buyer, id from bookings.bookings
	        where buyer = (select buyer from bookings.bookings group by buyer order by count(*) desc limit 1)
	          and event_id = (select event_id from bookings.bookings group by event_id order by count(*) desc limit 1) limit 1`).
		Scan(&event, &buyer, &booking)
	if err != nil {
		t.Fatal(err)
	}
	return event, buyer, booking
}

// organizer returns whose event it is.
func (t *tables) organizer(event uuid.UUID) (id uuid.UUID) {
	t.Helper()
	if err := t.pool.QueryRow(t.Context(), `select organizer from listings.events where id = $1`, event).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func all(page, limit int) query.Paging { return query.Paging{Page: page, Limit: limit} }

func titles(events []query.Event) string {
	text := ""
	for _, e := range events {
		text += e.Title + ", "
	}
	return text
}
