package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"onsale/query"
	"onsale/transport/rest"
)

// A library is an API whose searches are read when the test lets them: one at a time, and two may wait.
type library struct {
	*testing.T
	*fakes
	api  http.Handler
	next chan struct{}

	mu   sync.Mutex
	read []string // what was searched for, in the order in which it was read
}

const slots = 32 // of the library

func newLibrary(t *testing.T) *library {
	l := &library{T: t, fakes: &fakes{}, next: make(chan struct{})}
	l.viewedTo.Store(1)
	l.fakes.events = func(f query.EventFilter) (query.EventPage, error) {
		l.mu.Lock()
		l.read = append(l.read, f.Search)
		l.mu.Unlock()
		if f.Scans() {
			<-l.next
		}
		if f.Search == "panic" {
			panic(f.Search)
		}
		return query.EventPage{}, nil
	}
	l.api = newAPI(t, l.fakes, func(o *rest.Options) { o.MaxInFlight, o.SearchSlots, o.SearchQueue = slots, 1, 2 })
	return l
}

// asks sends a request and returns where its answer will be, once it has come as far as it can. leave hangs up.
func (l *library) asks(r request) (w *httptest.ResponseRecorder, leave func()) {
	l.Helper()
	ctx, hangUp := context.WithCancel(l.Context())
	w = httptest.NewRecorder()
	w.Code = 0
	go func() {
		defer hangUp()
		l.api.ServeHTTP(w, r.build().WithContext(ctx))
	}()
	synctest.Wait()
	return w, func() { hangUp(); synctest.Wait() }
}

func (l *library) searches(word string) (w *httptest.ResponseRecorder, leave func()) {
	l.Helper()
	return l.asks(get("/events?search=" + word))
}

// goesOn lets so many searches come to their end, and wants these to have been read in this order, the last still under way.
func (l *library) goesOn(n int, want ...string) {
	l.Helper()
	for range n {
		l.next <- struct{}{}
		synctest.Wait()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.read, want) {
		l.Errorf("read %q, want %q", l.read, want)
	}
	l.read = nil
}

func (l *library) want(code int, answers ...*httptest.ResponseRecorder) {
	l.Helper()
	for _, w := range answers {
		if w.Code != code {
			l.Errorf("got %d %s, want %d", w.Code, w.Body, code)
		}
	}
}

func TestSearches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*library){
		"are read one at a time in order of arrival, and refused at once when too many wait": func(l *library) {
			a, _ := l.searches("a")
			b, _ := l.searches("b")
			c, _ := l.searches("c")
			l.want(0, a, b, c)
			wantProblem(l.T, l.api, get("/events?search=d"), 503, "overloaded")
			if w := send(l.T, l.api, get("/events?sortBy=price")); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
				l.Errorf("got %d %v", w.Code, w.Header())
			}
			l.goesOn(3, "a", "b", "c")
			l.want(200, a, b, c)
		},
		"hold up neither the list in its usual order nor an event": func(l *library) {
			for i := range 3 {
				l.searches(fmt.Sprint(i))
			}
			list, _ := l.asks(get("/events?limit=20&page=2"))
			one, _ := l.asks(get("/events/" + event.String()))
			l.want(200, list, one)
			l.goesOn(3, "0", "", "1", "2")
		},
		"wait for their turn no longer than a moment": func(l *library) {
			a, _ := l.searches("a")
			b, _ := l.searches("b")
			again, _ := l.searches("b")
			<-time.After(3 * time.Second)
			synctest.Wait()
			l.want(0, a)
			l.want(503, b, again)
			l.goesOn(1, "a")
			l.want(200, a)
		},
		"for the same leave three quarters of the slots to others": func(l *library) {
			var all []*httptest.ResponseRecorder
			for range slots / 4 {
				w, _ := l.searches("a")
				all = append(all, w)
			}
			wantProblem(l.T, l.api, get("/events?search=a"), 503, "overloaded")
			list, _ := l.asks(get("/events"))
			l.want(200, list)
			l.goesOn(1, "a", "")
			l.want(200, all...)
			again, _ := l.searches("a") // is kept
			l.want(200, again)
		},
		"of one's own events have to wait for nobody": func(l *library) {
			l.searches("a")
			own, _ := l.asks(get("/events?search=d&organizer=me"))
			l.want(200, own)
			l.goesOn(1, "a", "d")
		},
		"that are the same take one place": func(l *library) {
			a, _ := l.searches("a")
			b, _ := l.searches("b")
			again, _ := l.searches("b")
			c, _ := l.searches("c")
			another, _ := l.searches("c")
			l.goesOn(3, "a", "b", "c")
			l.want(200, a, b, again, c, another)
		},
		"show what there is when their turn comes, and so serve all who came until then": func(l *library) {
			l.searches("a")
			before, _ := l.searches("b")
			l.viewedTo.Store(2)
			after, _ := l.searches("b")
			l.goesOn(2, "a", "b")
			l.want(200, before, after)
			l.searches("b") // is kept
			l.goesOn(0)
		},
		"under way are not for those who know of something newer": func(l *library) {
			before, _ := l.searches("a")
			same, _ := l.searches("a")
			l.viewedTo.Store(2)
			after, _ := l.searches("a")
			l.goesOn(1, "a", "a")
			l.want(200, before, same)
			l.want(0, after)
			l.goesOn(1)
			l.want(200, after)
		},
		"are not read for who hung up, and the place is free": func(l *library) {
			l.searches("a")
			b, hangUp := l.searches("b")
			l.searches("c")
			hangUp()
			d, _ := l.searches("d")
			l.want(0, b, d)
			l.goesOn(3, "a", "c", "d")
		},
		"are read for those who waited for the same as who hung up": func(l *library) {
			l.searches("a")
			_, hangUp := l.searches("b")
			b, _ := l.searches("b")
			_, leave := l.searches("b")
			leave() // without whom it goes on
			hangUp()
			l.goesOn(2, "a", "b")
			l.want(200, b)
		},
		"under way are finished for the others when their client hangs up": func(l *library) {
			_, hangUp := l.searches("a")
			a, _ := l.searches("a")
			hangUp()
			l.goesOn(1, "a")
			l.want(200, a)
		},
		"that panic make room": func(l *library) {
			a, _ := l.searches("panic")
			b, _ := l.searches("b")
			l.goesOn(2, "panic", "b")
			l.want(500, a)
			l.want(200, b)
		},
		"go in turn too while nobody knows where the views are": func(l *library) {
			l.viewedTo.Store(0)
			a, _ := l.searches("a")
			b, _ := l.searches("a")
			l.goesOn(2, "a", "a")
			l.want(200, a, b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(newLibrary(t)) })
		})
	}
}
