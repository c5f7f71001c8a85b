package query

import (
	"context"
	"fmt"
	"slices"
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

// A Buyer is who has a booking. Name and e-mail are empty when there is no such account any more.
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

const bookingFilter = `
   and ($1::uuid is null or b.buyer = $1)
   and ($2::uuid is null or b.event_id = $2)`

const countBookingsSQL = `
select count(*)
  from bookings.bookings b
 where b.confirmed_at is not null` + bookingFilter

const selectBookings = `
select b.id, b.status, b.quantity, b.amount, b.confirmed_at, b.cancelled_at,
       b.buyer, coalesce(u.name, ''), coalesce(u.email, ''),
       ` + eventColumns + `,
       ` + sectionColumns + `
  from bookings.bookings b
  join listings.events e on e.id = b.event_id
  join listings.sections s on s.id = b.section_id
  left join users u on u.id = b.buyer
 where b.confirmed_at is not null`

const bookingsSQL = selectBookings + bookingFilter + `
 order by b.confirmed_at desc, b.id desc
 limit $3 offset $4`

// Bookings returns a page of bookings.
func (r *Reader) Bookings(ctx context.Context, f BookingFilter) (BookingPage, error) {
	buyer := uuid.NullUUID{UUID: f.BuyerID, Valid: f.BuyerID != uuid.Nil}
	event := uuid.NullUUID{UUID: f.EventID, Valid: f.EventID != uuid.Nil}
	var page BookingPage
	err := r.pool.QueryRow(ctx, countBookingsSQL, freshPlan, buyer, event).Scan(&page.Total)
	if err != nil {
		return BookingPage{}, fmt.Errorf("count bookings: %w", err)
	}
	rows, _ := r.pool.Query(ctx, bookingsSQL, freshPlan, buyer, event, f.Limit, f.offset())
	page.Bookings, err = pgx.CollectRows(rows, scanBooking)
	if err != nil {
		return BookingPage{}, fmt.Errorf("list bookings: %w", err)
	}
	return page, nil
}

const bookingSQL = selectBookings + `
   and b.id = $1`

// Booking returns one booking, or [ErrNotFound].
func (r *Reader) Booking(ctx context.Context, id uuid.UUID) (Booking, error) {
	rows, _ := r.pool.Query(ctx, bookingSQL, freshPlan, id)
	booking, err := one(rows, scanBooking)
	if err != nil {
		return Booking{}, fmt.Errorf("booking %s: %w", id, err)
	}
	return booking, nil
}

func scanBooking(row pgx.CollectableRow) (b Booking, err error) {
	to := []any{&b.ID, &b.Status, &b.Quantity, &b.Amount, utc{&b.CreatedAt}, utc{&b.CancelledAt},
		&b.Buyer.ID, &b.Buyer.Name, &b.Buyer.Email}
	err = row.Scan(slices.Concat(to, b.Event.columns(), b.Section.columns())...)
	return b, err
}
