package query_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/query"
)

func TestOverviewHasEveryEventWithItsSeats(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	whenever := tables.event(query.Event{Title: "whenever"})
	later := tables.event(query.Event{Title: "later", StartsAt: noon.Add(time.Hour), Closed: true, Sections: []query.Section{
		{ID: uuid.New(), Name: "VIP", Capacity: 5, Remaining: 0},
		{ID: uuid.New(), Name: "Floor", Capacity: 20, Remaining: 12},
	}})
	sooner := tables.event(query.Event{Title: "sooner", StartsAt: noon})
	tables.sql("update listings.sections set held = 2, booked = booked - 2 where event_id = $1", sooner.ID)

	got, err := tables.Overview(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]query.Overview{
		{ID: sooner.ID, Title: "sooner", StartsAt: noon, OnSale: 10, Remaining: 7, Held: 2, Booked: 1},
		{ID: later.ID, Title: "later", StartsAt: noon.Add(time.Hour), Closed: true, OnSale: 25, Remaining: 12, Booked: 13},
		{ID: whenever.ID, Title: "whenever", OnSale: 10, Remaining: 7, Booked: 3},
	}, got, cmp.Comparer(sameTime)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
