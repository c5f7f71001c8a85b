package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/query"
	"onsale/transport/rest"
)

func TestSharedAnswers(t *testing.T) {
	t.Parallel()
	now := noon
	f := &fakes{}
	f.viewedTo.Store(7)
	title, reads := "before", 0
	f.event = func(id uuid.UUID) (query.Event, error) {
		reads++
		return query.Event{ID: id, Title: title, Currency: "EUR", Capacity: 1, Remaining: 1, Sections: []query.Section{{Name: "Floor"}}}, nil
	}
	api := newAPI(t, f, func(o *rest.Options) { o.Clock = func() time.Time { return now } })
	shows := func(want string, wantReads int) {
		t.Helper()
		reads = 0
		w := send(t, api, get("/events/"+event.String()))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"title":"`+want+`"`) || reads != wantReads {
			t.Errorf("got %d %s after %d reads, want %q after %d", w.Code, w.Body, reads, want, wantReads)
		}
	}
	shows("before", 1)
	title = "after"
	t.Run("are given again while the views stand still", func(*testing.T) { shows("before", 0) })
	t.Run("are read again when the views have moved", func(*testing.T) { f.viewedTo.Store(8); shows("after", 1); shows("after", 0) })
	t.Run("of one event are given again when the views have moved and the event has not", func(*testing.T) {
		title = "stale"
		f.unchanged = func(id uuid.UUID, then, now int64) bool { return id == event && then == 8 && now == 9 }
		f.viewedTo.Store(9)
		shows("after", 0)
		if w := send(t, api, get("/events/"+uuid.NewString())); !strings.Contains(w.Body.String(), "stale") {
			t.Errorf("another event's: got %s", w.Body)
		}
		f.unchanged = nil
		title = "after"
		f.viewedTo.Store(10)
		shows("after", 1)
	})
	t.Run("are read again after a while even so", func(*testing.T) { now = now.Add(2 * time.Second); shows("after", 1) })
	t.Run("are read each time while nobody knows where the views are", func(*testing.T) {
		f.viewedTo.Store(0)
		shows("after", 1)
		shows("after", 1)
		f.viewedTo.Store(11)
	})
	t.Run("are of one URL", func(*testing.T) {
		shows("after", 1)
		title = "another"
		if w := send(t, api, get("/events/"+uuid.NewString())); !strings.Contains(w.Body.String(), "another") {
			t.Errorf("got %s", w.Body)
		}
		shows("after", 0)
	})
	t.Run("are the same whatever else stands in the URL", func(*testing.T) {
		title = "the newest"
		if w := send(t, api, get("/events/"+event.String()+"?utm_source=mail")); !strings.Contains(w.Body.String(), `"title":"after"`) {
			t.Errorf("got %s", w.Body)
		}
		title = "another"
	})
	t.Run("still need a token", func(*testing.T) {
		r := get("/events/" + event.String())
		r.token = ""
		if w := send(t, api, r); w.Code != http.StatusUnauthorized {
			t.Errorf("got %d", w.Code)
		}
	})
	t.Run("errors are not kept", func(*testing.T) {
		f.viewedTo.Store(12)
		working := f.event
		f.event = func(uuid.UUID) (query.Event, error) { return query.Event{}, errors.New("away") }
		if w := send(t, api, get("/events/"+event.String())); w.Code != http.StatusInternalServerError {
			t.Errorf("got %d", w.Code)
		}
		f.event = working
		shows("another", 1)
	})
}

func TestAStormOfReadsIsOneQuery(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	f.viewedTo.Store(1)
	var reads atomic.Int64
	arrived, proceed := make(chan struct{}, 1), make(chan struct{})
	f.events = func(query.EventFilter) (query.EventPage, error) {
		if reads.Add(1) == 1 {
			arrived <- struct{}{}
			<-proceed
		}
		return query.EventPage{}, nil
	}
	api := newAPI(t, f)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if w := send(t, api, get("/events?limit=5")); w.Code != http.StatusOK {
				t.Errorf("got %d", w.Code)
			}
		})
	}
	<-arrived
	close(proceed)
	all.Wait()
	if n := reads.Load(); n != 1 {
		t.Errorf("%d queries", n)
	}
}

func TestTwoOrganisersNeverSeeEachOthersAnswer(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	f.viewedTo.Store(7) // answers may be kept
	owners := map[uuid.UUID]string{user: "the user's own", organizer: "the organizer's own", uuid.Nil: "everybody's"}
	reads := make(map[uuid.UUID]int)
	f.events = func(filter query.EventFilter) (query.EventPage, error) {
		reads[filter.Organizer]++
		e := someEvent()
		e.Title, e.Organizer = owners[filter.Organizer], filter.Organizer
		return query.EventPage{Events: []query.Event{e}, Total: 1}, nil
	}
	api := newAPI(t, f)
	for range 3 {
		for _, row := range []struct{ token, path, want string }{
			{"user", "/events?organizer=me", owners[user]},
			{"organizer", "/events?organizer=me", owners[organizer]},
			{"user", "/events", owners[uuid.Nil]},
			{"organizer", "/events", owners[uuid.Nil]},
		} {
			page := decodeBody[rest.EventPage](t, send(t, api, request{path: row.path, token: row.token}))
			if len(page.Data) != 1 || page.Data[0].Title != row.want {
				t.Errorf("%s asks for %s and gets %+v, want %s", row.token, row.path, page.Data, row.want)
			}
		}
	}
	if reads[user] != 3 || reads[organizer] != 3 || reads[uuid.Nil] != 1 {
		t.Errorf("reads %v: what one user alone asks for is not kept, and takes no room from what all do", reads)
	}
}
