package command_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/migrations/migrationstest"
)

func TestCreateEvent(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	n := newNode(t, database, setup{})

	t.Run("is one event, trimmed, with times in microseconds UTC", func(t *testing.T) {
		t.Parallel()
		organizer := newUser()
		startsAt := time.Date(2031, 7, 1, 20, 0, 0, 123456789, time.FixedZone("CEST", 7200))
		r, err := n.CreateEvent(t.Context(), command.CreateEvent{
			Organizer: organizer, Title: "  Limited Concert\n", Description: "\tone night ", Venue: " Arena ",
			StartsAt: startsAt, TimeZone: "Europe/Berlin", Currency: "EUR", CorrelationID: "request-1",
			Sections: []command.SectionSpec{
				{Name: " VIP ", Price: 19900, Capacity: 5, Remaining: 5},
				{Name: "Floor", Price: 0, Capacity: 100, Remaining: 40},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		log := n.events(t, r.Event.ID)
		if len(log) != 1 || log[0].Type != "sale.opened.v1" || log[0].Position != r.Position || log[0].Metadata.UserID != organizer || log[0].Metadata.CorrelationID != "request-1" {
			t.Fatalf("recorded %+v", log)
		}
		decoded, err := sale.Decode(log[0].Type, log[0].Schema, log[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		e := decoded.(sale.Opened)
		if e.Organizer != organizer || e.Title != "Limited Concert" || e.Description != "one night" || e.Venue != "Arena" || e.TimeZone != "Europe/Berlin" || e.Currency != "EUR" {
			t.Errorf("opened %+v", e)
		}
		if want := startsAt.UTC().Truncate(time.Microsecond); e.StartsAt != want || e.At != n.clock.now().Truncate(time.Microsecond) {
			t.Errorf("starts %s, opened %s", e.StartsAt, e.At)
		}
		vip, floor := e.Sections[0], e.Sections[1]
		if vip.Name != "VIP" || vip.Price != 19900 || vip.OnSale != 5 || floor.Capacity != 100 || floor.OnSale != 40 || vip.ID == floor.ID || vip.ID == uuid.Nil {
			t.Errorf("sections %+v", e.Sections)
		}
		if s := r.Event; s.Version != 1 || s.Title != e.Title || s.Currency != "EUR" || s.Remaining != 45 || len(s.Sections) != 2 || s.Sections[1].Remaining != 40 || r.Replayed {
			t.Errorf("receipt %+v", r)
		}
	})

	t.Run("without a date it has none, and is sold for ever", func(t *testing.T) {
		t.Parallel()
		later := newNode(t, database, setup{})
		r, err := later.CreateEvent(t.Context(), command.CreateEvent{
			Organizer: newUser(), Title: "Season", Currency: "EUR", Sections: []command.SectionSpec{{Name: "All", Capacity: 1, Remaining: 1}},
		})
		if err != nil {
			t.Fatal(err)
		}
		later.clock.advance(100 * 365 * 24 * time.Hour)
		later.books(t, r.Event.ID, newUser())
	})

	t.Run("under an id that was chosen it is created once", func(t *testing.T) {
		t.Parallel()
		c := command.CreateEvent{
			EventID: uuid.Must(uuid.NewV7()), Organizer: newUser(), Title: "Limited Concert", Currency: "EUR",
			Sections: []command.SectionSpec{{Name: "Floor", Capacity: 2, Remaining: 2}},
		}
		errs := make([]error, 8)
		together(len(errs), func(i int) { _, errs[i] = n.CreateEvent(t.Context(), c) })
		wantCounts(t, errs, map[error]int{nil: 1, sale.ErrEventExists: 7})
		n.wantSeats(t, c.EventID, seats{remaining: 2})
	})

	t.Run("everything that is wrong is told at once, and nothing is recorded", func(t *testing.T) {
		t.Parallel()
		id := uuid.Must(uuid.NewV7())
		r, err := n.CreateEvent(t.Context(), command.CreateEvent{
			EventID: id, Title: "  ", Description: "\x00", Venue: strings.Repeat("v", 201), Currency: "eur", TimeZone: "Mars/Olympus",
			StartsAt: n.clock.now(),
			Sections: []command.SectionSpec{
				{Name: "", Price: -1, Capacity: 0},
				{Name: "A", Capacity: 5, Remaining: 6},
				{Name: " a ", Capacity: 5, Remaining: -1},
			},
		})
		want := []string{
			"title", "description", "venue", "currency", "date", "sections[0].name", "sections[0].price", "sections[0].capacity",
			"sections[1].remaining", "sections[2].name", "sections[2].remaining", "timeZone",
		}
		if got := fields(err); !slices.Equal(got, want) {
			t.Errorf("fields %q, want %q", got, want)
		}
		wantPositionOnly(t, r, 0)
		if log := n.events(t, id); log != nil {
			t.Errorf("recorded %+v", log)
		}
	})

	rows := map[string]struct {
		startsAt time.Time
		sections int
		want     string
	}{
		"no sections":       {startsAt: time.Time{}, sections: 0, want: "sections"},
		"too many sections": {startsAt: time.Time{}, sections: 101, want: "sections"},
		"a start so late that it cannot be written as UTC": {startsAt: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)), sections: 1, want: "date"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := command.CreateEvent{Organizer: newUser(), Title: "Limited Concert", Currency: "EUR", StartsAt: row.startsAt}
			for i := range row.sections {
				c.Sections = append(c.Sections, command.SectionSpec{Name: strings.Repeat("s", i+1), Capacity: 1, Remaining: 1})
			}
			if _, err := n.CreateEvent(t.Context(), c); !slices.Contains(fields(err), row.want) {
				t.Errorf("error %v, want one of field %s", err, row.want)
			}
		})
	}
}

func TestTimeZonesOfEvents(t *testing.T) {
	t.Parallel()
	n := newNode(t, migrationstest.Database(t), setup{})
	for name, row := range map[string]struct {
		zone    string
		refused bool
	}{
		"a place":                                    {zone: "Europe/Berlin"},
		"a place in a place":                         {zone: "America/Argentina/Buenos_Aires"},
		"a place with hyphens":                       {zone: "America/Port-au-Prince"},
		"an offset that has a name":                  {zone: "Etc/GMT+5"},
		"UTC":                                        {zone: "UTC"},
		"none":                                       {zone: ""},
		"no zone of that name":                       {zone: "Europe/Atlantis", refused: true},
		"an offset is no name":                       {zone: "+02:00", refused: true},
		"this machine's own is nobody else's":        {zone: "Local", refused: true},
		"nor is the file of this machine's own":      {zone: "localtime", refused: true},
		"a zone in another making":                   {zone: "right/Europe/Berlin", refused: true},
		"a file that is no zone":                     {zone: "zone.tab", refused: true},
		"a folder of zones":                          {zone: "Europe", refused: true},
		"a way out of the zones":                     {zone: "../../../etc/passwd", refused: true},
		"a way out of the zones that begins in them": {zone: "Europe/../Europe/Berlin", refused: true},
		"a path of this machine":                     {zone: "/usr/share/zoneinfo/Europe/Berlin", refused: true},
		"a name with space around it":                {zone: " Europe/Berlin", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := n.CreateEvent(t.Context(), command.CreateEvent{
				Organizer: newUser(), Title: "Concert", Currency: "EUR", TimeZone: row.zone,
				Sections: []command.SectionSpec{{Name: "All", Capacity: 1, Remaining: 1}},
			})
			if got := fields(err); row.refused != slices.Equal(got, []string{"timeZone"}) || row.refused != (err != nil) {
				t.Errorf("%q: error %v", row.zone, err)
			}
		})
	}
}

// fields are the fields that an error is about, in order.
func fields(err error) []string {
	if invalid := (*sale.FieldError)(nil); errors.As(err, &invalid) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			var all []string
			for _, each := range joined.Unwrap() {
				all = append(all, fields(each)...)
			}
			return all
		}
		return []string{invalid.Field}
	}
	return nil
}
