package verify

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// rush is how long seconds are kept from the first booking on.
const rush = time.Hour

// A timeline is what a ledger's events sold when.
type timeline struct {
	minutes, seconds map[int64]trade // by the Unix time at which they begin
	rushEnds         time.Time       // zero before the first booking
}

type trade struct {
	held, booked, cancelled int
	revenue                 int64
}

func newTimeline() timeline {
	return timeline{minutes: make(map[int64]trade), seconds: make(map[int64]trade)}
}

func (t *timeline) happen(e sale.Event) {
	switch e := e.(type) {
	case sale.SeatsHeld:
		t.add(e.At, trade{held: e.Quantity})
	case sale.BookingConfirmed:
		if t.rushEnds.IsZero() {
			t.rushEnds = e.At.Truncate(time.Second).Add(rush)
		}
		t.add(e.At, trade{booked: e.Quantity, revenue: e.Amount})
	case sale.BookingCancelled:
		t.add(e.At, trade{cancelled: e.Quantity, revenue: -e.Amount})
	}
}

func (t *timeline) add(at time.Time, more trade) {
	t.minutes[at.Truncate(time.Minute).Unix()] = t.minutes[at.Truncate(time.Minute).Unix()].plus(more)
	if t.rushEnds.IsZero() || at.Before(t.rushEnds) {
		t.seconds[at.Truncate(time.Second).Unix()] = t.seconds[at.Truncate(time.Second).Unix()].plus(more)
	}
}

func (a trade) plus(b trade) trade {
	return trade{a.held + b.held, a.booked + b.booked, a.cancelled + b.cancelled, a.revenue + b.revenue}
}

func timelineTables() []table {
	times := func(name, query string, want func(*ledger) map[int64]trade) table {
		return &rows[soldAt]{
			name: name, query: query, fields: (*soldAt).fields, key: (*soldAt).key,
			want: func(l *ledger) iter.Seq[soldAt] { return wantTrades(l.id, want(l)) },
		}
	}
	return []table{
		times("minutes", minutesSQL, func(l *ledger) map[int64]trade { return l.timeline.minutes }),
		times("seconds", secondsSQL, func(l *ledger) map[int64]trade { return l.timeline.seconds }),
		&rows[rushRow]{name: "rushes", query: rushesSQL, fields: (*rushRow).fields, key: (*rushRow).key, want: wantRush},
	}
}

const minutesSQL = `
select event_id, at, held, booked, cancelled, revenue
  from %s.minutes
 order by event_id`

const secondsSQL = `
select event_id, at, held, booked, cancelled, revenue
  from %s.seconds
 order by event_id`

// A soldAt is a row of minutes or seconds.
type soldAt struct {
	event uuid.UUID
	at    moment
	trade
}

func (r *soldAt) fields() []any {
	return []any{(*[16]byte)(&r.event), &r.at, &r.held, &r.booked, &r.cancelled, &r.revenue}
}

func (r *soldAt) key() (sale uuid.UUID, row rowKey) { return r.event, rowKey{at: r.at} }

func wantTrades(event uuid.UUID, trades map[int64]trade) iter.Seq[soldAt] {
	return func(yield func(soldAt) bool) {
		for _, unix := range slices.Sorted(maps.Keys(trades)) {
			if !yield(soldAt{event: event, at: momentOf(time.Unix(unix, 0)), trade: trades[unix]}) {
				return
			}
		}
	}
}

const rushesSQL = `
select event_id, ends_at
  from %s.rushes
 order by event_id`

type rushRow struct {
	event  uuid.UUID
	endsAt moment
}

func (r *rushRow) fields() []any { return []any{(*[16]byte)(&r.event), &r.endsAt} }

func (r *rushRow) key() (sale uuid.UUID, row rowKey) { return r.event, rowKey{id: r.event} }

func wantRush(l *ledger) iter.Seq[rushRow] {
	return func(yield func(rushRow) bool) {
		if !l.timeline.rushEnds.IsZero() {
			yield(rushRow{event: l.id, endsAt: momentOf(l.timeline.rushEnds)})
		}
	}
}
