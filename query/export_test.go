package query

// The statements whose plans are tested.
const (
	EventSQL         = eventSQL
	EventsSQL        = eventsSQL
	BookingsSQL      = bookingsSQL
	CountBookingsSQL = countBookingsSQL
	BookingSQL       = bookingSQL
	HoldsSQL         = holdsSQL
	DueSQL           = dueSQL
	FreshPlan        = freshPlan
)
