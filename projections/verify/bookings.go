package verify

import (
	"iter"

	"github.com/google/uuid"
)

func bookingsTables() []table {
	return []table{&rows[booking]{
		name: "bookings", query: bookingsSQL, fields: (*booking).fields, want: wantBookings,
		key: func(r *booking) (uuid.UUID, rowKey) { return r.event, rowKey{id: r.id} },
	}}
}

const bookingsSQL = `
select id, event_id, section_id, buyer, quantity, amount, status, created_at, expires_at, confirmed_at, cancelled_at
  from %s.bookings
 order by event_id`

type booking struct {
	id, event, section, buyer                      uuid.UUID
	quantity                                       int
	amount                                         int64
	status                                         string
	createdAt, expiresAt, confirmedAt, cancelledAt moment
}

func (r *booking) fields() []any {
	return []any{
		(*[16]byte)(&r.id), (*[16]byte)(&r.event), (*[16]byte)(&r.section), (*[16]byte)(&r.buyer), &r.quantity, &r.amount,
		&r.status, &r.createdAt, &r.expiresAt, &r.confirmedAt, &r.cancelledAt,
	}
}

func wantBookings(l *ledger) iter.Seq[booking] {
	return func(yield func(booking) bool) {
		for i := range l.claims {
			c := &l.claims[i]
			if !yield(booking{
				id: c.ID, event: l.id, section: c.Section, buyer: c.Buyer, quantity: c.Quantity, amount: c.Amount,
				status: statuses[c.Status], createdAt: momentOf(c.CreatedAt), expiresAt: momentOf(c.ExpiresAt),
				confirmedAt: momentOf(c.ConfirmedAt), cancelledAt: momentOf(c.CancelledAt),
			}) {
				return
			}
		}
	}
}
