package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"onsale/migrations/migrationstest"
)

func TestADumpTakenWhileItSellsIsWhole(t *testing.T) {
	t.Parallel()
	s := settings{"DATABASE_URL": migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), s)
	organizer := p.register("organizer")
	event := organizer.openEvent(100_000)
	stop, ended := make(chan struct{}), make(chan error)
	const buyers = 8
	for i := range buyers {
		buyer := p.register("buyer" + strconv.Itoa(i))
		go func() { ended <- storm(buyer, event, stop) }()
	}
	eventually(t, "a hundred events", func() bool { return organizer.call("GET", "/events/"+event, nil).Version >= 100 })
	file := backup(t, s["DATABASE_URL"])
	close(stop)
	for range buyers {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	p.stop()

	copied := site{t.TempDir(), settings{"DATABASE_URL": restored(t, file)}}
	copied.run(t, "verify")
	node := startProgram(t, copied.dir, copied.settings)
	organizer.url = node.url
	if a := organizer.book(event); a.Status != http.StatusCreated {
		t.Errorf("book: %+v", a)
	}
	if v := organizer.call("GET", "/events/"+event, nil).Version; v < 100 {
		t.Errorf("at version %d", v)
	}
	copied.run(t, "verify")
	for name, g := range listProjections(t, copied.dir, copied.settings) {
		if g.Generation != 1 {
			t.Errorf("%s was made anew: %+v", name, g)
		}
	}
}

// A fallback is an event of which two tickets were sold, a backup, and what was sold after it and is lost.
type fallback struct {
	url, file   string
	event       string
	kept, lost  client
	position    string // of the last answer before the restore
	lostBooking string
}

func (f *fallback) sell(t *testing.T, p *program) {
	t.Helper()
	f.kept, f.lost = p.register("kept"), p.register("lost")
	f.event = f.kept.openEvent(5)
	f.kept.book(f.event)
	f.kept.remaining(f.event) // so that the tables have it
	f.file = backup(t, f.url)
	for range 5 {
		a := f.lost.book(f.event)
		f.lost.call("DELETE", "/bookings/"+a.Booking.ID, nil)
	}
	a := f.lost.book(f.event)
	if a.Status != http.StatusCreated {
		t.Fatalf("book: %+v", a)
	}
	f.position, f.lostBooking = a.Header.Get("Onsale-Position"), a.Booking.ID
	if n := f.lost.remaining(f.event); n != 3 {
		t.Fatalf("%d remain", n)
	}
}

// sellOn has another node sell tickets from the older state, one of them again and again, until the tables have it: a node that
// comes upon them need not show what only another one has answered for.
func (f *fallback) sellOn(t *testing.T, older string, again, tickets int) (position string) {
	t.Helper()
	other := startProgram(t, t.TempDir(), settings{"DATABASE_URL": older})
	defer other.stop()
	buyer := other.register("meanwhile")
	for range again {
		a := buyer.book(f.event)
		buyer.call("DELETE", "/bookings/"+a.Booking.ID, nil)
	}
	for i := range tickets {
		buyer = other.register("meanwhile" + strconv.Itoa(i))
		a := buyer.book(f.event)
		if a.Status != http.StatusCreated {
			t.Fatalf("book: %+v", a)
		}
		position = a.Header.Get("Onsale-Position")
	}
	if n := buyer.remaining(f.event); n != 4-tickets {
		t.Fatalf("%d remain", n)
	}
	return position
}

// wantRestored looks that the node knows nothing of what is lost, and sells on.
func (f *fallback) wantRestored(t *testing.T, p *program, remaining int) {
	t.Helper()
	f.kept.url, f.lost.url = p.url, p.url
	f.lost.position = f.position
	order := map[string]string{"eventId": f.event}
	began := time.Now()
	if n := f.lost.patiently("GET", "/events/"+f.event, nil).RemainingTickets; n != remaining {
		t.Errorf("%d remain, want %d", n, remaining)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a read with a position from before the restore took %s", took)
	}
	if a := f.lost.patiently("GET", "/bookings/"+f.lostBooking, nil); a.Status != http.StatusNotFound {
		t.Errorf("the lost booking: %+v", a)
	}
	f.lost.position = ""
	if a := f.kept.patiently("POST", "/book", order); a.Status != http.StatusConflict || a.Code != "already_booked" {
		t.Errorf("who has a ticket books another: %+v", a)
	}
	if a := f.lost.patiently("POST", "/book", order); a.Status != http.StatusCreated || a.Event.RemainingTickets != remaining-1 {
		t.Errorf("who has lost theirs books again: %+v", a)
	}
	if n := f.kept.patiently("GET", "/events/"+f.event, nil).RemainingTickets; n != remaining-1 {
		t.Errorf("%d remain, want %d", n, remaining-1)
	}
	site{t.TempDir(), settings{"DATABASE_URL": f.url}}.run(t, "verify")
}

// patiently calls again while it is told to: connections that were cut are found out one by one, and then it is looked up anew where the
// tables are.
func (c client) patiently(method, path string, body any) (a answer) {
	c.t.Helper()
	eventually(c.t, method+" "+path+" is not answered with 503", func() bool {
		a = c.call(method, path, body)
		return a.Status != http.StatusServiceUnavailable
	})
	return a
}

func TestARestoreToAnOlderStateWhileNodesAreStopped(t *testing.T) {
	t.Parallel()
	f := fallback{url: migrationstest.Database(t)}
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": f.url})
	f.sell(t, p)
	p.stop()
	f.url = restored(t, f.file)
	p = startProgram(t, t.TempDir(), settings{"DATABASE_URL": f.url})
	f.wantRestored(t, p, 4)
	for name, g := range listProjections(t, t.TempDir(), settings{"DATABASE_URL": f.url}) {
		if g.Generation != 1 {
			t.Errorf("%s was made anew: %+v", name, g)
		}
	}
}

func TestARestoreToAnOlderStateUnderARunningNode(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]struct {
		again, sold int
		level       bool // the log is just as long as the one that the node knows
	}{
		"that nobody used since":                     {},
		"that has grown to just where the node was":  {again: 4, sold: 3, level: true},
		"that has grown past what the node had seen": {again: 30, sold: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fallback{url: migrationstest.Database(t)}
			p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": f.url})
			f.sell(t, p)
			viewer := f.kept.watch(p.url, f.event)
			viewer.until(3)
			older, sold := restored(t, f.file), meanwhile.sold
			if sold > 0 {
				position := f.sellOn(t, older, meanwhile.again, sold)
				if (position == f.position) != meanwhile.level {
					t.Fatalf("it is at %s, and the node at %s", position, f.position)
				}
			}
			if n := f.lost.remaining(f.event); n != 3 { // so that the node has this answer at hand
				t.Fatalf("%d remain", n)
			}
			exchange(t, f.url, older, func() {
				eventually(t, "the node has found out that its connections are cut", func() bool {
					return strings.Contains(p.output.String(), "reader=listings")
				})
			})
			viewer.versions = make(map[string]int64) // as a page that is loaded again
			f.wantRestored(t, p, 4-sold)
			viewer.until(4 - sold - 1)
			if a := f.kept.call("GET", "/readyz", nil); a.Status != http.StatusOK {
				t.Errorf("not ready: %+v", a)
			}
		})
	}
}
