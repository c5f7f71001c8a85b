package query_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onsale/query"
)

// explain returns how the server would go about a statement.
func (t *tables) explain(statement string, args ...any) string {
	t.Helper()
	rows, _ := t.pool.Query(t.Context(), "explain (costs off) "+statement, append([]any{query.FreshPlan}, args...)...)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func statements(t *testing.T, f query.EventFilter) (count, page pgx.QueuedQuery) {
	t.Helper()
	count, page, err := f.Statements()
	if err != nil {
		t.Fatal(err)
	}
	return count, page
}

func TestPlansForLargeTables(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	event, buyer, booking := tables.fill(5_000, 50_000)
	_, next := statements(t, query.EventFilter{Paging: all(1, 10)})
	mineCounted, mine := statements(t, query.EventFilter{Organizer: tables.organizer(event), Paging: all(1, 10)})
	for name, plan := range map[string]string{
		"an event":                 tables.explain(query.EventSQL, event),
		"the next events":          tables.explain(next.SQL, next.Arguments...),
		"an organiser's events":    tables.explain(mine.SQL, mine.Arguments...),
		"the number of those":      tables.explain(mineCounted.SQL, mineCounted.Arguments...),
		"a booking":                tables.explain(query.BookingSQL, booking),
		"a buyer's bookings":       tables.explain(query.BookingsSQL, buyer, nil, 10, 0),
		"their number":             tables.explain(query.CountBookingsSQL, buyer, nil),
		"an event's bookings":      tables.explain(query.BookingsSQL, nil, event, 10, 0),
		"the number of its":        tables.explain(query.CountBookingsSQL, nil, event),
		"a buyer's for one event":  tables.explain(query.BookingsSQL, buyer, event, 10, 0),
		"a buyer's holds":          tables.explain(query.HoldsSQL, buyer, noon),
		"events with holds to end": tables.explain(query.DueSQL, noon),
	} {
		for _, table := range []string{"bookings", "events", "sections"} {
			if strings.Contains(plan, "Seq Scan on "+table) {
				t.Errorf("%s: all of %s is read:\n%s", name, table, plan)
			}
		}
	}
	t.Run("can be told from those that read a whole table", func(t *testing.T) {
		if plan := tables.explain(query.CountBookingsSQL, nil, nil); !strings.Contains(plan, "Seq Scan on bookings") {
			t.Errorf("all bookings are counted by:\n%s", plan)
		}
	})
}
