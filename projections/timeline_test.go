package projections_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/projections"
)

// A timeline is the tables of the projection, in the order of their keys.
type timeline struct {
	Minutes []timelineRow
	Seconds []timelineRow
	Rushes  []rushRow
}

type timelineRow struct {
	EventID                 uuid.UUID
	At                      time.Time
	Held, Booked, Cancelled int
	Revenue                 int64
}

type rushRow struct {
	EventID uuid.UUID
	EndsAt  time.Time
}

func (w *world) timeline() timeline {
	w.Helper()
	return timeline{
		Minutes: read[timelineRow](w, "select * from sales_timeline.minutes order by event_id, at"),
		Seconds: read[timelineRow](w, "select * from sales_timeline.seconds order by event_id, at"),
		Rushes:  read[rushRow](w, "select * from sales_timeline.rushes order by event_id"),
	}
}

// told is the timeline that the log tells, read event by event.
func (w *world) told() timeline {
	w.Helper()
	page, err := w.store.ReadAfter(w.Context(), 0, 1_000_000)
	if err != nil {
		w.Fatal(err)
	}
	minutes, seconds, rushes := make(map[string]*timelineRow), make(map[string]*timelineRow), make(map[uuid.UUID]time.Time)
	row := func(rows map[string]*timelineRow, event uuid.UUID, at time.Time) *timelineRow {
		key := event.String() + at.String()
		if rows[key] == nil {
			rows[key] = &timelineRow{EventID: event, At: at}
		}
		return rows[key]
	}
	for _, recorded := range page.Events {
		event, err := sale.Decode(recorded.Type, recorded.Schema, recorded.Data)
		if err != nil {
			w.Fatal(err)
		}
		var at time.Time
		var tell func(*timelineRow)
		switch e := event.(type) {
		case sale.SeatsHeld:
			at, tell = e.At, func(r *timelineRow) { r.Held += e.Quantity }
		case sale.BookingConfirmed:
			at, tell = e.At, func(r *timelineRow) { r.Booked += e.Quantity; r.Revenue += e.Amount }
			if _, begun := rushes[recorded.Stream]; !begun {
				rushes[recorded.Stream] = e.At.Add(-time.Duration(e.At.Nanosecond())).Add(time.Hour)
			}
		case sale.BookingCancelled:
			at, tell = e.At, func(r *timelineRow) { r.Cancelled += e.Quantity; r.Revenue -= e.Amount }
		default:
			continue
		}
		at = at.UTC()
		second := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
		tell(row(minutes, recorded.Stream, second.Add(-time.Duration(second.Second())*time.Second)))
		if end, begun := rushes[recorded.Stream]; !begun || second.Before(end) {
			tell(row(seconds, recorded.Stream, second))
		}
	}
	var t timeline
	for _, r := range minutes {
		t.Minutes = append(t.Minutes, *r)
	}
	for _, r := range seconds {
		t.Seconds = append(t.Seconds, *r)
	}
	for id, end := range rushes {
		t.Rushes = append(t.Rushes, rushRow{id, end})
	}
	byKey := func(a, b timelineRow) int {
		return cmp.Or(slices.Compare(a.EventID[:], b.EventID[:]), a.At.Compare(b.At))
	}
	slices.SortFunc(t.Minutes, byKey)
	slices.SortFunc(t.Seconds, byKey)
	slices.SortFunc(t.Rushes, func(a, b rushRow) int { return slices.Compare(a.EventID[:], b.EventID[:]) })
	return t
}

func (w *world) wantTimeline(want timeline) {
	w.Helper()
	if diff := gocmp.Diff(want, w.timeline(), gocmp.Comparer(time.Time.Equal)); diff != "" {
		w.Errorf("the timeline differs (-want +tables):\n%s", diff)
	}
}

func TestTheTimelineIsTheReplayOfTheLog(t *testing.T) {
	t.Parallel()
	for i, pageSize := range []int{1, 2, 7, 50, 0} {
		t.Run(fmt.Sprintf("in pages of %d", pageSize), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, uint64(20+i))
			r := w.start(projections.Options{PageSize: pageSize}, projections.SalesTimeline())
			for range 6 {
				w.run(80)
				r.catchUp(t, w.head)
				w.wantTimeline(w.told())
			}
			if told := w.told(); len(told.Seconds) >= len(told.Minutes) || len(told.Seconds) < 20 {
				t.Errorf("a history that tells nothing of rushes: %d seconds, %d minutes", len(told.Seconds), len(told.Minutes))
			}
		})
	}
}

// A deed is one event of a sale with a single section, so and so long after noon.
type deed struct {
	after    time.Duration
	what     string // held, booked, confirmed (what was held), cancelled, released
	quantity int
}

func TestTheTimelineKeeps(t *testing.T) {
	t.Parallel()
	const ms, s, m, h = time.Millisecond, time.Second, time.Minute, time.Hour
	at := func(after time.Duration, held, booked, cancelled int, revenue int64) timelineRow {
		return timelineRow{At: noon.Add(after), Held: held, Booked: booked, Cancelled: cancelled, Revenue: revenue}
	}
	for name, test := range map[string]struct {
		deeds            []deed
		minutes, seconds []timelineRow
		rushEnds         time.Duration // 0: none began
	}{
		"nothing of a sale in which nothing was sold": {},
		"seats that were held, and what was booked of them": {
			deeds:    []deed{{10 * s, "held", 3}, {11 * s, "held", 2}, {70 * s, "confirmed", 3}, {71 * s, "released", 2}},
			minutes:  []timelineRow{at(0, 5, 0, 0, 0), at(m, 0, 3, 0, 300)},
			seconds:  []timelineRow{at(10*s, 3, 0, 0, 0), at(11*s, 2, 0, 0, 0), at(70*s, 0, 3, 0, 300)},
			rushEnds: 70*s + h,
		},
		"what is cancelled off the revenue of that minute": {
			deeds:    []deed{{0, "booked", 2}, {1 * s, "booked", 4}, {61 * s, "cancelled", 2}},
			minutes:  []timelineRow{at(0, 0, 6, 0, 600), at(m, 0, 0, 2, -200)},
			seconds:  []timelineRow{at(0, 0, 2, 0, 200), at(s, 0, 4, 0, 400), at(61*s, 0, 0, 2, -200)},
			rushEnds: h,
		},
		"one row for what happens within a second": {
			deeds:    []deed{{0, "booked", 1}, {400 * ms, "booked", 2}, {999 * ms, "held", 3}},
			minutes:  []timelineRow{at(0, 3, 3, 0, 300)},
			seconds:  []timelineRow{at(0, 3, 3, 0, 300)},
			rushEnds: h,
		},
		"seconds for an hour from the second of the first booking on, minutes for ever": {
			deeds:    []deed{{1500 * ms, "booked", 1}, {h + s - ms, "booked", 2}, {h + s, "booked", 3}, {300 * h, "booked", 4}},
			minutes:  []timelineRow{at(0, 0, 1, 0, 100), at(h, 0, 5, 0, 500), at(300*h, 0, 4, 0, 400)},
			seconds:  []timelineRow{at(s, 0, 1, 0, 100), at(h, 0, 2, 0, 200)},
			rushEnds: h + s,
		},
		"the seconds before the first booking too": {
			deeds:    []deed{{0, "held", 1}, {5 * h, "held", 2}, {5*h + s, "booked", 3}, {6*h + s, "held", 4}},
			minutes:  []timelineRow{at(0, 1, 0, 0, 0), at(5*h, 2, 3, 0, 300), at(6*h, 4, 0, 0, 0)},
			seconds:  []timelineRow{at(0, 1, 0, 0, 0), at(5*h, 2, 0, 0, 0), at(5*h+s, 0, 3, 0, 300)},
			rushEnds: 6*h + s,
		},
		"the first booking of the log, though another clock says it was not": {
			deeds:    []deed{{m, "booked", 1}, {0, "booked", 2}, {h, "booked", 3}, {h + m, "booked", 4}},
			minutes:  []timelineRow{at(0, 0, 2, 0, 200), at(m, 0, 1, 0, 100), at(h, 0, 3, 0, 300), at(h+m, 0, 4, 0, 400)},
			seconds:  []timelineRow{at(0, 0, 2, 0, 200), at(m, 0, 1, 0, 100), at(h, 0, 3, 0, 300)},
			rushEnds: h + m,
		},
		"what came before it in the log, though a clock was hours ahead": {
			deeds:    []deed{{2 * h, "held", 1}, {0, "booked", 2}, {2 * h, "held", 4}, {0, "held", 8}},
			minutes:  []timelineRow{at(0, 8, 2, 0, 200), at(2*h, 5, 0, 0, 0)},
			seconds:  []timelineRow{at(0, 8, 2, 0, 200), at(2*h, 1, 0, 0, 0)},
			rushEnds: h,
		},
	} {
		for _, pageSize := range []int{1, 2, 3, 0} {
			t.Run(fmt.Sprintf("%s/in pages of %d", name, pageSize), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 1)
				s := w.open(100)
				for _, d := range test.deeds {
					w.deed(s, d)
				}
				w.append()
				w.start(projections.Options{PageSize: pageSize}, projections.SalesTimeline()).catchUp(t, w.head)
				var want timeline
				for _, row := range test.minutes {
					row.EventID = s.ID
					want.Minutes = append(want.Minutes, row)
				}
				for _, row := range test.seconds {
					row.EventID = s.ID
					want.Seconds = append(want.Seconds, row)
				}
				if test.rushEnds > 0 {
					want.Rushes = []rushRow{{s.ID, noon.Add(test.rushEnds)}}
				}
				w.wantTimeline(want)
			})
		}
	}
}

// deed adds the event itself: no rule asks whether clocks agree. A seat costs 100.
func (w *world) deed(s *sale.Sale, d deed) {
	w.Helper()
	seats := sale.Seats{Section: s.Sections[0].ID, Quantity: d.quantity, Amount: int64(d.quantity) * 100}
	at := noon.Add(d.after)
	switch d.what {
	case "held":
		w.add(s, sale.SeatsHeld{Hold: w.id(), Buyer: w.id(), Seats: seats, ExpiresAt: at.Add(time.Hour), At: at})
	case "booked":
		w.add(s, sale.BookingConfirmed{Booking: w.id(), Buyer: w.id(), Seats: seats, At: at})
	case "confirmed":
		w.add(s, sale.BookingConfirmed{Booking: w.id(), Buyer: w.id(), Seats: seats, FromHold: true, At: at})
	case "cancelled":
		w.add(s, sale.BookingCancelled{Booking: w.id(), Buyer: w.id(), Seats: seats, At: at})
	case "released":
		w.add(s, sale.HoldReleased{Hold: w.id(), Buyer: w.id(), Seats: seats, At: at})
	default:
		w.Fatalf("no deed %q", d.what)
	}
}

// Two events in one page have each their own rush.
func TestEachEventHasItsOwnRush(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	first, second := w.open(100), w.open(100)
	w.deed(first, deed{0, "booked", 1})
	w.deed(second, deed{2 * time.Hour, "booked", 1})
	w.deed(first, deed{2 * time.Hour, "booked", 1})
	w.append()
	w.start(projections.Options{}, projections.SalesTimeline()).catchUp(t, w.head)
	w.wantTimeline(w.told())
	if got := w.timeline(); len(got.Seconds) != 2 || len(got.Minutes) != 3 || len(got.Rushes) != 2 {
		t.Errorf("%d seconds, %d minutes, %d rushes", len(got.Seconds), len(got.Minutes), len(got.Rushes))
	}
}
