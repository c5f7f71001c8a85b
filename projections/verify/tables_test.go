package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"onsale/command/sale"
)

func TestTablesThatAreNotTheLogAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 21)
	w.run(60)
	w.apply()
	w.save()
	one := func(table string) string { return " where ctid = (select min(ctid) from " + table + ")" }
	insertBooking := `
insert into bookings.bookings
select $ID, $EVENT, section_id, buyer, quantity, amount, status, created_at, expires_at, confirmed_at, cancelled_at
  from bookings.bookings limit 1`
	booking := func(id, event string) string {
		return strings.NewReplacer("$ID", id, "$EVENT", event).Replace(insertBooking)
	}
	for name, damage := range map[string]struct{ sql, broken string }{
		"listings are emptied":             {"truncate listings.events, listings.sections", "listings"},
		"an event is missing":              {"delete from listings.events" + one("listings.events"), "listings"},
		"an event too many":                {"insert into listings.events select gen_random_uuid(), version, title, description, venue, starts_at, time_zone, currency, organizer, opened_at, price, capacity, remaining, closed from listings.events limit 1", "listings"},
		"a count is changed":               {"update listings.events set remaining = remaining + 1" + one("listings.events"), "listings"},
		"a version is changed":             {"update listings.events set version = version - 1" + one("listings.events"), "listings"},
		"a title is changed":               {"update listings.events set title = title || '!'" + one("listings.events"), "listings"},
		"a time zone is changed":           {"update listings.events set time_zone = time_zone || '!'" + one("listings.events"), "listings"},
		"a date is changed":                {"update listings.events set opened_at = opened_at + interval '1 microsecond'" + one("listings.events"), "listings"},
		"an event is closed":               {"update listings.events set closed = not closed" + one("listings.events"), "listings"},
		"a section is missing":             {"delete from listings.sections" + one("listings.sections"), "listings"},
		"a section's count is changed":     {"update listings.sections set booked = booked + 1, remaining = remaining - 1" + one("listings.sections"), "listings"},
		"a section is another event's":     {"update listings.sections set event_id = gen_random_uuid()" + one("listings.sections"), "listings"},
		"a checkpoint is gone":             {"delete from projections where name = 'bookings'", "bookings"},
		"a checkpoint is ahead":            {"update projections set position = position + 1 where name = 'bookings'", "bookings"},
		"a checkpoint is behind":           {"update projections set position = 10 where name = 'bookings'", "bookings"},
		"a checkpoint saw another log":     {"update projections set last_command = gen_random_uuid() where name = 'bookings'", "bookings"},
		"bookings are emptied":             {"truncate bookings.bookings", "bookings"},
		"a booking is missing":             {"delete from bookings.bookings" + one("bookings.bookings"), "bookings"},
		"a booking too many":               {booking("gen_random_uuid()", "event_id"), "bookings"},
		"a booking of an event before all": {booking("gen_random_uuid()", "'00000000-0000-7000-8000-000000000001'"), "bookings"},
		"a booking of an event after all":  {booking("gen_random_uuid()", "'ffffffff-0000-7000-8000-000000000001'"), "bookings"},
		"a status is wrong":                {"update bookings.bookings set status = 'CANCELLED' where id = (select id from bookings.bookings where status = 'CONFIRMED' limit 1)", "bookings"},
		"an amount is wrong":               {"update bookings.bookings set amount = amount + 1" + one("bookings.bookings"), "bookings"},
		"a buyer is wrong":                 {"update bookings.bookings set buyer = gen_random_uuid()" + one("bookings.bookings"), "bookings"},
		"a time is missing":                {"update bookings.bookings set confirmed_at = null where id = (select id from bookings.bookings where status = 'CONFIRMED' limit 1)", "bookings"},
		"a minute is wrong":                {"update sales_timeline.minutes set revenue = revenue + 1" + one("sales_timeline.minutes"), "sales timeline"},
		"a second is missing":              {"delete from sales_timeline.seconds" + one("sales_timeline.seconds"), "sales timeline"},
		"a minute too many":                {"insert into sales_timeline.minutes select event_id, at + interval '99 days', 1, 1, 1, 1 from sales_timeline.minutes limit 1", "sales timeline"},
		"a rush ends too late":             {"update sales_timeline.rushes set ends_at = ends_at + interval '1 second'" + one("sales_timeline.rushes"), "sales timeline"},
	} {
		t.Run(name, func(t *testing.T) {
			in := *w
			in.TB = t
			in.sql(damage.sql)
			in.wantBroken(damage.broken)
			in.restore()
		})
	}
}

func TestTablesThatAreGoneAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 23)
	w.run(60)
	w.apply()
	w.sql("drop table bookings.bookings")
	w.wantBroken("bookings")
	w.sql("drop schema listings cascade")
	w.wantBroken("bookings", "listings")
}

// The tables that damage is done to.
var damaged = []string{
	"listings.events", "listings.sections", "bookings.bookings",
	"sales_timeline.minutes", "sales_timeline.seconds", "sales_timeline.rushes", "public.projections",
}

func (w *world) save() {
	w.Helper()
	w.sql("create schema saved")
	for i, table := range damaged {
		w.sql(fmt.Sprintf("create table saved.t%d as select * from %s", i, table))
	}
}

func (w *world) restore() {
	w.Helper()
	w.sql("truncate " + strings.Join(damaged, ", "))
	for i, table := range damaged {
		w.sql(fmt.Sprintf("insert into %s select * from saved.t%d", table, i))
	}
}

func TestADifferenceNamesItsColumns(t *testing.T) {
	t.Parallel()
	p := plant(t)
	p.add(p.Sale, p.booked(2))
	p.apply()
	p.sql("update listings.sections set booked = 1, remaining = 8 where event_id = $1", p.Sale.ID)
	for _, c := range p.verify().Checks {
		if c.Name != "listings" {
			continue
		}
		want := "row " + p.Sections[0].ID.String() + " in sections with remaining 7, booked 2"
		if v := c.First[0]; c.Broken != 1 || v.Expected != want || v.Found != "remaining 8, booked 1" || v.Stream != p.Sale.ID || v.Position != p.head {
			t.Errorf("%+v, want %q", c.First, want)
		}
	}
}

func TestTablesOfAnotherVersionAreNotCompared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 22)
	w.run(100)
	w.apply()
	w.sql("update projections set version = version + 1 where name = 'listings'")
	w.sql("truncate listings.events")
	if report := w.wantBroken("compared"); !report.Clean() || report.Warnings != 1 {
		t.Errorf("%d violations, %d warnings; want a warning", report.Violations, report.Warnings)
	}
}

func TestSnapshotsThatAreNotTheSaleAreFound(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		damage func(p planted)
		broken string
	}{
		"nothing": {damage: func(planted) {}},
		"an older one is good": {damage: func(p planted) {
			p.add(p.Sale, p.booked(2), p.held(2))
		}},
		"a sold seat is free": {broken: "snapshots", damage: func(p planted) {
			other := &sale.Sale{ID: p.Sale.ID}
			for e := range p.events() {
				if b, ok := e.(sale.BookingConfirmed); ok {
					b.Quantity--
					e = b
				}
				other.Evolve(e)
			}
			p.replace(other)
		}},
		"a booking is somebody else's": {broken: "snapshots", damage: func(p planted) {
			other := &sale.Sale{ID: p.Sale.ID}
			for e := range p.events() {
				if b, ok := e.(sale.BookingConfirmed); ok {
					b.Buyer = p.id()
					e = b
				}
				other.Evolve(e)
			}
			p.replace(other)
		}},
		"it knows more than the log": {broken: "snapshots", damage: func(p planted) {
			p.sql("delete from events where position = $1", p.head)
		}},
		"it says another version": {broken: "snapshots", damage: func(p planted) {
			p.sql("update snapshots set version = version - 1 where stream = $1", p.Sale.ID)
		}},
		"its sale is unknown": {broken: "snapshots", damage: func(p planted) {
			p.sql("update snapshots set stream = gen_random_uuid() where stream = $1", p.Sale.ID)
		}},
		"it is of another schema": {broken: "compared", damage: func(p planted) {
			p.sql("update snapshots set schema = 9 where stream = $1", p.Sale.ID)
		}},
		"it is unreadable": {broken: "compared", damage: func(p planted) {
			p.sql("update snapshots set state = '\\x0102' where stream = $1", p.Sale.ID)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plant(t)
			p.add(p.Sale, p.booked(3), p.booked(2))
			p.snapshot(p.Sale)
			story.damage(p)
			if story.broken == "" {
				p.wantClean()
			} else {
				p.wantBroken(story.broken)
			}
		})
	}
}

// events yields what has happened to the sale.
func (p planted) events() func(yield func(sale.Event) bool) {
	return func(yield func(sale.Event) bool) {
		for recorded, err := range p.store.Load(p.Context(), p.Sale.ID, 0) {
			if err != nil {
				p.Fatal(err)
			}
			e, err := sale.Decode(recorded.Type, recorded.Schema, recorded.Data)
			if err != nil || !yield(e) {
				return
			}
		}
	}
}

// replace puts another state into the sale's snapshot.
func (p planted) replace(other *sale.Sale) {
	state, err := other.Snapshot()()
	if err != nil {
		p.Fatal(err)
	}
	p.sql("update snapshots set state = $2 where stream = $1", p.Sale.ID, state)
}
