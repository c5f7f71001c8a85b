package verify

import (
	"iter"

	"github.com/google/uuid"
)

func listingsTables() []table {
	return []table{
		&rows[listing]{
			name: "events", query: listingsSQL, fields: (*listing).fields, want: wantListing,
			key: func(r *listing) (uuid.UUID, rowKey) { return r.id, rowKey{id: r.id} },
		},
		&rows[listedSection]{
			name: "sections", query: sectionsSQL, fields: (*listedSection).fields, want: wantSections,
			key: func(r *listedSection) (uuid.UUID, rowKey) { return r.event, rowKey{id: r.id} },
		},
	}
}

const listingsSQL = `
select id, version, title, description, venue, starts_at, time_zone, currency, organizer, opened_at, price, capacity, remaining,
       closed
  from %s.events
 order by id`

type listing struct {
	id                        uuid.UUID
	version                   int64
	title, description, venue string
	startsAt                  moment
	timeZone, currency        string
	organizer                 uuid.UUID
	openedAt                  moment
	price                     int64
	capacity, remaining       int
	closed                    bool
}

func (r *listing) fields() []any {
	return []any{
		(*[16]byte)(&r.id), &r.version, &r.title, &r.description, &r.venue, &r.startsAt, &r.timeZone, &r.currency,
		(*[16]byte)(&r.organizer), &r.openedAt, &r.price, &r.capacity, &r.remaining,
		&r.closed,
	}
}

func wantListing(l *ledger) iter.Seq[listing] {
	return func(yield func(listing) bool) {
		if len(l.sections) == 0 {
			return
		}
		o := l.opened
		r := listing{
			id: l.id, version: l.version, title: o.Title, description: o.Description, venue: o.Venue,
			startsAt: momentOf(o.StartsAt), timeZone: o.TimeZone, currency: o.Currency, organizer: o.Organizer, openedAt: momentOf(o.At),
			price: l.sections[0].Price, closed: l.closed,
		}
		for _, s := range l.sections {
			r.price = min(r.price, s.Price)
			r.capacity += s.Capacity
			r.remaining += s.Remaining
		}
		yield(r)
	}
}

const sectionsSQL = `
select id, event_id, ordinal, name, price, capacity, on_sale, remaining, held, booked
  from %s.sections
 order by event_id`

type listedSection struct {
	id, event               uuid.UUID
	ordinal                 int
	name                    string
	price                   int64
	capacity, onSale        int
	remaining, held, booked int
}

func (r *listedSection) fields() []any {
	return []any{
		(*[16]byte)(&r.id), (*[16]byte)(&r.event), &r.ordinal, &r.name, &r.price, &r.capacity, &r.onSale,
		&r.remaining, &r.held, &r.booked,
	}
}

func wantSections(l *ledger) iter.Seq[listedSection] {
	return func(yield func(listedSection) bool) {
		for i, s := range l.sections {
			if !yield(listedSection{
				id: s.ID, event: l.id, ordinal: i, name: s.Name, price: s.Price, capacity: s.Capacity, onSale: s.OnSale,
				remaining: s.Remaining, held: s.Held, booked: s.Booked,
			}) {
				return
			}
		}
	}
}
