package projections_test

import (
	"cmp"
	"slices"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
)

// tables are the read tables, each row whole and in the order of their ids.
type tables struct {
	Events   []eventRow
	Sections []sectionRow
	Bookings []bookingRow
}

type eventRow struct {
	ID          uuid.UUID
	Version     int64
	Title       string
	Description string
	Venue       string
	StartsAt    *time.Time
	TimeZone    string
	Currency    string
	Organizer   uuid.UUID
	OpenedAt    time.Time
	Price       int64
	Capacity    int
	Remaining   int
	Closed      bool
}

type sectionRow struct {
	ID        uuid.UUID
	EventID   uuid.UUID
	Ordinal   int
	Name      string
	Price     int64
	Capacity  int
	OnSale    int
	Remaining int
	Held      int
	Booked    int
}

type bookingRow struct {
	ID          uuid.UUID
	EventID     uuid.UUID
	SectionID   uuid.UUID
	Buyer       uuid.UUID
	Quantity    int
	Amount      int64
	Status      string
	CreatedAt   time.Time
	ExpiresAt   *time.Time
	ConfirmedAt *time.Time
	CancelledAt *time.Time
}

// wantTables fails the test unless the tables are what the sales add up to.
func (w *world) wantTables() {
	w.Helper()
	if diff := w.differences(); diff != "" {
		w.Errorf("the tables differ from the log (-log +tables):\n%s", diff)
	}
}

func (w *world) differences() string {
	w.Helper()
	return gocmp.Diff(w.replayed(), tables{
		Events:   read[eventRow](w, "select * from listings.events order by id"),
		Sections: read[sectionRow](w, "select * from listings.sections order by id"),
		Bookings: read[bookingRow](w, "select * from bookings.bookings order by id"),
	}, gocmp.Comparer(time.Time.Equal))
}

func read[Row any](w *world, query string) []Row {
	w.Helper()
	rows, _ := w.pool.Query(w.Context(), query)
	read, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Row])
	if err != nil {
		w.Fatal(err)
	}
	if len(read) == 0 {
		return nil
	}
	return read
}

// replayed are the tables as the sales have it, which know nothing of projections.
func (w *world) replayed() tables {
	var t tables
	for _, s := range w.sales {
		event := eventRow{
			ID: s.ID, Version: s.Version, Title: s.Title, Description: s.Description, Venue: s.Venue,
			StartsAt: given(s.StartsAt), TimeZone: s.TimeZone, Currency: s.Currency, Organizer: s.Organizer, OpenedAt: s.OpenedAt,
			Price:  slices.MinFunc(s.Sections, func(a, b sale.Section) int { return cmp.Compare(a.Price, b.Price) }).Price,
			Closed: s.Closed,
		}
		for i, section := range s.Sections {
			event.Capacity += section.Capacity
			event.Remaining += section.Remaining
			t.Sections = append(t.Sections, sectionRow{
				ID: section.ID, EventID: s.ID, Ordinal: i, Name: section.Name, Price: section.Price, Capacity: section.Capacity,
				OnSale: section.OnSale, Remaining: section.Remaining, Held: section.Held, Booked: section.Booked,
			})
		}
		t.Events = append(t.Events, event)
		for _, id := range w.claims[s] {
			if c, made := s.Claim(id); made {
				t.Bookings = append(t.Bookings, bookingRow{
					ID: c.ID, EventID: s.ID, SectionID: c.Section, Buyer: c.Buyer, Quantity: c.Quantity, Amount: c.Amount,
					Status: statuses[c.Status], CreatedAt: c.CreatedAt, ExpiresAt: given(c.ExpiresAt),
					ConfirmedAt: given(c.ConfirmedAt), CancelledAt: given(c.CancelledAt),
				})
			}
		}
	}
	byID := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(t.Events, func(a, b eventRow) int { return byID(a.ID, b.ID) })
	slices.SortFunc(t.Sections, func(a, b sectionRow) int { return byID(a.ID, b.ID) })
	slices.SortFunc(t.Bookings, func(a, b bookingRow) int { return byID(a.ID, b.ID) })
	return t
}

var statuses = map[sale.Status]string{
	sale.Held: "HELD", sale.Paying: "PAYING", sale.Confirmed: "CONFIRMED", sale.Cancelled: "CANCELLED",
	sale.Released: "RELEASED", sale.Expired: "EXPIRED",
}

func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
