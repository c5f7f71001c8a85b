package query_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/query"
)

func TestEvent(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	tables.event(query.Event{Title: "another"})
	t.Run("is whole, with its sections in the organiser's order and times in UTC", func(t *testing.T) {
		want := tables.event(query.Event{
			Title: "Nacht & Tag", Description: "zwei\nZeilen", Venue: "Köln", StartsAt: noon.Add(time.Hour), TimeZone: "Europe/Berlin", Price: 500, Closed: true,
			Sections: []query.Section{
				{ID: uuid.New(), Name: "VIP", Price: 9000, Capacity: 5, Remaining: 0},
				{ID: uuid.New(), Name: "Balcony", Price: 500, Capacity: 20, Remaining: 20},
				{ID: uuid.New(), Name: "Floor", Price: 700, Capacity: 10, Remaining: 3},
			},
		})
		got, err := tables.Event(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(sameTime)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("without a date has the zero time", func(t *testing.T) {
		want := tables.event(query.Event{Title: "whenever"})
		if got, err := tables.Event(t.Context(), want.ID); err != nil || !got.StartsAt.IsZero() {
			t.Errorf("got %v, %v", got.StartsAt, err)
		}
	})
	t.Run("that does not exist is not found", func(t *testing.T) {
		if _, err := tables.Event(t.Context(), uuid.New()); !errors.Is(err, query.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// sameTime also wants the zone: a view is in UTC wherever it is read.
func sameTime(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() }

func TestEventsAreFoundByTitle(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	for i, title := range []string{"100% Jazz", "100 Jahre", "a_b", "axb", `back\slash`, "Ärzte", "ÉTÉ", "Дом", "Rock", "rocket"} {
		tables.event(query.Event{Title: title, StartsAt: noon.Add(time.Duration(i) * time.Hour), Venue: "Jazzrock", Description: "Jazzrock"})
	}
	for search, want := range map[string]string{
		"rock":        "Rock, rocket, ",
		"ROCK":        "Rock, rocket, ",
		"ocke":        "rocket, ",
		"100%":        "100% Jazz, ",
		"%":           "100% Jazz, ",
		"_":           "a_b, ",
		`\`:           `back\slash, `,
		`%\_`:         "",
		"ärzte":       "Ärzte, ",
		"été":         "ÉTÉ, ",
		"дом":         "Дом, ",
		"jazzrock":    "",
		"'; select 1": "",
		"nothing":     "",
	} {
		t.Run(search, func(t *testing.T) {
			page, err := tables.Events(t.Context(), query.EventFilter{Search: search, Paging: all(1, 50)})
			if err != nil || titles(page.Events) != want || page.Total != len(page.Events) {
				t.Errorf("got %s of %d, %v; want %s", titles(page.Events), page.Total, err, want)
			}
		})
	}
}

func TestEventsAreSorted(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	for title, e := range map[string]query.Event{
		"b": {Price: 300, StartsAt: noon.Add(2 * time.Hour)},
		"C": {Price: 100},
		"a": {Price: 200, StartsAt: noon.Add(3 * time.Hour)},
		"D": {Price: 400, StartsAt: noon.Add(time.Hour)},
	} {
		e.Title = title
		tables.event(e)
	}
	for _, row := range []struct {
		by         string
		descending bool
		want       string
	}{
		{"", false, "D, b, a, C, "},
		{"date", false, "D, b, a, C, "},
		{"date", true, "a, b, D, C, "}, // no date comes last either way
		{"price", false, "C, a, b, D, "},
		{"price", true, "D, b, a, C, "},
		{"title", false, "a, b, C, D, "},
		{"title", true, "D, C, b, a, "},
	} {
		page, err := tables.Events(t.Context(), query.EventFilter{SortBy: row.by, Descending: row.descending, Paging: all(1, 50)})
		if err != nil || titles(page.Events) != row.want {
			t.Errorf("by %q, descending %t: got %s, %v; want %s", row.by, row.descending, titles(page.Events), err, row.want)
		}
	}
	if _, err := tables.Events(t.Context(), query.EventFilter{SortBy: "id; drop table users", Paging: all(1, 50)}); err == nil {
		t.Error("an order that does not exist was taken")
	}
}

func TestAnOrganisersEvents(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	ada, bob := uuid.New(), uuid.New()
	for i, e := range []query.Event{
		{Title: "late", Organizer: ada}, {Title: "foreign", Organizer: bob}, {Title: "early", Organizer: ada},
	} {
		e.StartsAt = noon.Add(time.Duration(10-i) * time.Hour)
		tables.event(e)
	}
	for name, row := range map[string]struct {
		filter query.EventFilter
		total  int
		want   string
	}{
		"are theirs alone, in order":         {query.EventFilter{Organizer: ada, Paging: all(1, 50)}, 2, "early, late, "},
		"are no one else's":                  {query.EventFilter{Organizer: bob, Paging: all(1, 50)}, 1, "foreign, "},
		"are none for who has none":          {query.EventFilter{Organizer: uuid.New(), Paging: all(1, 50)}, 0, ""},
		"are found by title":                 {query.EventFilter{Organizer: ada, Search: "LAT", Paging: all(1, 50)}, 1, "late, "},
		"are not found by another's title":   {query.EventFilter{Organizer: ada, Search: "foreign", Paging: all(1, 50)}, 0, ""},
		"are paged":                          {query.EventFilter{Organizer: ada, Paging: all(2, 1)}, 2, "late, "},
		"are sorted as asked for":            {query.EventFilter{Organizer: ada, Descending: true, Paging: all(1, 50)}, 2, "late, early, "},
		"are everybody's when none is named": {query.EventFilter{Paging: all(1, 50)}, 3, "early, foreign, late, "},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := tables.Events(t.Context(), row.filter)
			if err != nil || page.Total != row.total || titles(page.Events) != row.want {
				t.Errorf("got %s of %d, %v; want %s of %d", titles(page.Events), page.Total, err, row.want, row.total)
			}
		})
	}
}

func TestEventsArePaged(t *testing.T) {
	t.Parallel()
	tables := newTables(t)
	const events = 11
	for range events {
		tables.event(query.Event{Title: "same", Price: 100}) // ties in every order
	}
	for _, by := range []string{"date", "price", "title"} {
		for _, descending := range []bool{false, true} {
			seen := make(map[uuid.UUID]bool)
			for page, want := range []int{4, 4, 3, 0} {
				got, err := tables.Events(t.Context(), query.EventFilter{SortBy: by, Descending: descending, Paging: all(page+1, 4)})
				if err != nil || len(got.Events) != want || got.Total != events {
					t.Errorf("page %d by %s: %d events of %d, %v; want %d of %d", page+1, by, len(got.Events), got.Total, err, want, events)
				}
				for _, e := range got.Events {
					seen[e.ID] = true
				}
			}
			if len(seen) != events {
				t.Errorf("by %s, descending %t: %d different events on all pages; want %d", by, descending, len(seen), events)
			}
		}
	}
	t.Run("the last page one can ask for is empty and knows the total", func(t *testing.T) {
		got, err := tables.Events(t.Context(), query.EventFilter{Paging: all(1_000_000, 50)})
		if err != nil || len(got.Events) != 0 || got.Total != events {
			t.Errorf("%d events of %d, %v", len(got.Events), got.Total, err)
		}
	})
}
