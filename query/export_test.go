package query

import "github.com/jackc/pgx/v5"

// The statements whose plans are tested.
const (
	EventSQL         = eventSQL
	BookingsSQL      = bookingsSQL
	CountBookingsSQL = countBookingsSQL
	BookingSQL       = bookingSQL
	HoldsSQL         = holdsSQL
	DueSQL           = dueSQL
	FreshPlan        = freshPlan
)

// Statements are those that the filter is asked for with.
func (f EventFilter) Statements() (count, page pgx.QueuedQuery, err error) { return f.statements() }
