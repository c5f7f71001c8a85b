package query

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// An Event is what people attend, with how many of its tickets are left.
type Event struct {
	ID          uuid.UUID
	Version     int64 // of its sale; a view with a higher one is newer
	Title       string
	Description string
	Venue       string
	StartsAt    time.Time // zero: no date
	TimeZone    string    // IANA name of the zone of the venue; empty: none
	Currency    string    // ISO 4217
	Organizer   uuid.UUID
	OpenedAt    time.Time
	Price       int64 // of the cheapest section, in minor units
	Capacity    int
	Remaining   int
	Closed      bool      // nothing is sold any more, whatever remains
	Sections    []Section // in the organiser's order
}

// A Section is a named block of an event's seats.
type Section struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	Price     int64     `json:"price"` // for one seat, in minor units
	Capacity  int       `json:"capacity"`
	Remaining int       `json:"remaining"`
}

// EventFilter picks and orders events.
type EventFilter struct {
	Paging
	// Search keeps the events whose title contains it, whatever the case; empty keeps all.
	Search string
	// Organizer keeps the events of one organiser; zero keeps all.
	Organizer uuid.UUID
	// SortBy is "date", "price" or "title"; empty means date. Events without a date come last.
	SortBy string
	// Descending turns the order round.
	Descending bool
}

// An EventPage is one page of the events that a filter keeps, of which there are Total.
type EventPage struct {
	Events []Event
	Total  int
}

const eventColumns = `e.id, e.version, e.title, e.description, e.venue, e.starts_at, e.time_zone, e.currency, e.organizer,
       e.opened_at, e.price, e.capacity, e.remaining, e.closed`

const sectionColumns = `s.id, s.name, s.price, s.capacity, s.remaining`

const selectEvents = `
select ` + eventColumns + `,
       (select json_agg(json_build_object('id', s.id, 'name', s.name, 'price', s.price,
                                          'capacity', s.capacity, 'remaining', s.remaining) order by s.ordinal)
          from listings.sections s
         where s.event_id = e.id)
  from `

const oneEvent = selectEvents + `listings.events e`

// pageOfEvents looks for the sections of the page's events only, not of all those before it.
const pageOfEvents = selectEvents + `(select * from listings.events e`

const countEvents = `
select count(*)
  from listings.events e`

// The pattern is made lower case once; ilike would do it for each title.
const eventFilter = `
 where ($1 = '' or lower(e.title) like (select lower($1)))`

const organizerFilter = `
   and e.organizer = $2`

const eventPage = `
 order by %[1]s
 limit $%[2]d offset $%[3]d) e
 order by %[1]s`

// eventOrders are the orders one can ask for; the id makes each of them total, so that no event is on two pages.
var eventOrders = map[string]string{
	"date":       "e.starts_at asc nulls last, e.id",
	"date desc":  "e.starts_at desc nulls last, e.id",
	"price":      "e.price asc, e.id",
	"price desc": "e.price desc, e.id",
	"title":      "lower(e.title) asc, e.id",
	"title desc": "lower(e.title) desc, e.id",
}

// statements are what counts the events that the filter keeps, and what reads a page of them. An organiser's are asked for
// by statements of their own, whose plans have the index of organisers.
func (f EventFilter) statements() (count, page pgx.QueuedQuery, err error) {
	order, known := eventOrders[f.order()]
	if !known {
		return count, page, fmt.Errorf("no order %q", f.order())
	}
	where, args := eventFilter, []any{containing(f.Search)}
	if f.Organizer != uuid.Nil {
		where, args = where+organizerFilter, append(args, f.Organizer)
	}
	n := len(args)
	count = pgx.QueuedQuery{SQL: countEvents + where, Arguments: args}
	page = pgx.QueuedQuery{
		SQL:       pageOfEvents + where + fmt.Sprintf(eventPage, order, n+1, n+2),
		Arguments: append(args[:n:n], f.Limit, f.offset()),
	}
	return count, page, nil
}

func (f EventFilter) order() string {
	by := cmp.Or(f.SortBy, "date")
	if f.Descending {
		by += " desc"
	}
	return by
}

// Scans tells whether all events have to be looked at for a page: where something is searched for, or no index has the order. Of one
// organiser there are few.
func (f EventFilter) Scans() bool {
	return f.Organizer == uuid.Nil && (f.Search != "" || f.order() != "date")
}

// Events returns a page of events.
func (r *Reader) Events(ctx context.Context, f EventFilter) (EventPage, error) {
	counting, reading, err := f.statements()
	if err != nil {
		return EventPage{}, fmt.Errorf("list events: %w", err)
	}
	var page EventPage
	batch := &pgx.Batch{}
	batch.Queue(counting.SQL, counting.Arguments...).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	batch.Queue(reading.SQL, reading.Arguments...).Query(func(rows pgx.Rows) (err error) {
		page.Events, err = pgx.CollectRows(rows, scanEvent)
		return err
	})
	if err := r.pool.SendBatch(ctx, batch).Close(); err != nil {
		return EventPage{}, fmt.Errorf("list events: %w", err)
	}
	return page, nil
}

const eventSQL = oneEvent + `
 where e.id = $1`

// Event returns one event, or [ErrNotFound].
func (r *Reader) Event(ctx context.Context, id uuid.UUID) (Event, error) {
	rows, _ := r.pool.Query(ctx, eventSQL, id)
	event, err := one(rows, scanEvent)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", id, err)
	}
	return event, nil
}

func scanEvent(row pgx.CollectableRow) (e Event, err error) {
	err = row.Scan(append(e.columns(), &e.Sections)...)
	return e, err
}

// columns are where eventColumns go.
func (e *Event) columns() []any {
	return []any{&e.ID, &e.Version, &e.Title, &e.Description, &e.Venue, utc{&e.StartsAt}, &e.TimeZone, &e.Currency,
		&e.Organizer, utc{&e.OpenedAt}, &e.Price, &e.Capacity, &e.Remaining, &e.Closed}
}

func (s *Section) columns() []any {
	return []any{&s.ID, &s.Name, &s.Price, &s.Capacity, &s.Remaining}
}

// containing is the like pattern for texts that contain s literally; empty for an empty s.
func containing(s string) string {
	if s == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
