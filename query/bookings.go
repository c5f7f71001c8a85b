package query

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A Booking is seats that a buyer has or had.
type Booking struct {
	ID          uuid.UUID
	Status      string // CONFIRMED or CANCELLED
	Quantity    int
	Amount      int64     // for all seats, in minor units of the event's currency
	CreatedAt   time.Time // when it was confirmed
	CancelledAt time.Time // zero: it is not cancelled
	Buyer       Buyer
	Event       Event   // without its sections
	Section     Section // as it is now
}

// A Buyer is who has a booking.
type Buyer struct {
	ID    uuid.UUID
	Name  string
	Email string
}

// BookingFilter picks bookings; an id that is zero picks all.
type BookingFilter struct {
	Paging
	BuyerID uuid.UUID
	EventID uuid.UUID
}

// A BookingPage is one page of the bookings that a filter keeps, newest first, of which there are Total.
type BookingPage struct {
	Bookings []Booking
	Total    int
}

const bookingColumns = `
       b.id, b.status, b.quantity, b.amount, b.confirmed_at, b.cancelled_at,
       b.buyer, coalesce(u.name, ''), coalesce(u.email, ''),
       e.id, e.version, e.title, e.description, e.venue, e.starts_at, e.currency, e.organizer, e.opened_at,
       e.price, e.capacity, e.remaining,
       s.id, s.name, s.price, s.capacity, s.remaining`

const bookingTables = `
  from bookings.bookings b
  join listings.events e on e.id = b.event_id
  join listings.sections s on s.id = b.section_id
  left join users u on u.id = b.buyer
 where b.status in ('CONFIRMED', 'CANCELLED')`

// The two ways to narrow bookings down are statements of their own, so that each is planned for its index.
const (
	allBookings     = ""
	buyersBookings  = " and b.buyer = $1"
	eventsBookings  = " and b.event_id = $1"
	newestBookings  = " order by b.created_at desc, b.id desc limit %d offset %d"
	countBookings   = "select count(*) from bookings.bookings b where b.status in ('CONFIRMED', 'CANCELLED')"
	bookingsOfBoth  = buyersBookings + " and b.event_id = $2"
	bookingByIDOnly = " and b.id = $1"
)

// Bookings returns a page of bookings.
func (r *Reader) Bookings(ctx context.Context, f BookingFilter) (BookingPage, error) {
	narrow, args := f.narrow()
	var page BookingPage
	batch := &pgx.Batch{}
	batch.Queue(countBookings+narrow, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	batch.Queue("select "+bookingColumns+bookingTables+narrow+fmt.Sprintf(newestBookings, f.Limit, f.offset()), args...).
		Query(func(rows pgx.Rows) (err error) {
			page.Bookings, err = pgx.CollectRows(rows, scanBooking)
			return err
		})
	if err := r.pool.SendBatch(ctx, batch).Close(); err != nil {
		return BookingPage{}, fmt.Errorf("list bookings: %w", err)
	}
	return page, nil
}

func (f BookingFilter) narrow() (string, []any) {
	switch {
	case f.BuyerID != uuid.Nil && f.EventID != uuid.Nil:
		return bookingsOfBoth, []any{f.BuyerID, f.EventID}
	case f.BuyerID != uuid.Nil:
		return buyersBookings, []any{f.BuyerID}
	case f.EventID != uuid.Nil:
		return eventsBookings, []any{f.EventID}
	default:
		return allBookings, nil
	}
}

// Booking returns one booking, or [ErrNotFound].
func (r *Reader) Booking(ctx context.Context, id uuid.UUID) (Booking, error) {
	rows, err := r.pool.Query(ctx, "select "+bookingColumns+bookingTables+bookingByIDOnly, id)
	if err != nil {
		return Booking{}, fmt.Errorf("booking %s: %w", id, err)
	}
	booking, err := pgx.CollectExactlyOneRow(rows, scanBooking)
	if errors.Is(err, pgx.ErrNoRows) {
		return Booking{}, fmt.Errorf("booking %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Booking{}, fmt.Errorf("booking %s: %w", id, err)
	}
	return booking, nil
}

func scanBooking(row pgx.CollectableRow) (Booking, error) {
	var b Booking
	var startsAt, cancelledAt *time.Time
	err := row.Scan(&b.ID, &b.Status, &b.Quantity, &b.Amount, &b.CreatedAt, &cancelledAt,
		&b.Buyer.ID, &b.Buyer.Name, &b.Buyer.Email,
		&b.Event.ID, &b.Event.Version, &b.Event.Title, &b.Event.Description, &b.Event.Venue, &startsAt, &b.Event.Currency,
		&b.Event.Organizer, &b.Event.OpenedAt, &b.Event.Price, &b.Event.Capacity, &b.Event.Remaining,
		&b.Section.ID, &b.Section.Name, &b.Section.Price, &b.Section.Capacity, &b.Section.Remaining)
	b.CreatedAt = b.CreatedAt.UTC()
	b.CancelledAt, b.Event.StartsAt = orZero(cancelledAt), orZero(startsAt)
	return b, err
}
