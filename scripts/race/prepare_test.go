package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheEventRacedFor(t *testing.T) {
	t.Parallel()
	many := func(last ...*fakeEvent) []*fakeEvent {
		var events []*fakeEvent
		for i := range 120 {
			events = append(events, concert(fmt.Sprintf("m%d", i), fmt.Sprintf("Event %d", i), 3+i))
		}
		return append(events, last...)
	}
	open := concert("open", "No end", 2)
	open.Date = time.Time{}
	over := concert("over", "Limited Concert", 2)
	over.Date = today
	tests := map[string]struct {
		events   []*fakeEvent
		pageSize int
		want     string // title
		made     bool
	}{
		"is the Limited Concert, wherever it stands":           {many(concert("a", "Another", 2), concert("l", "Limited Concert", 2)), 0, "Limited Concert", false},
		"is found whatever the size of the server's pages":     {many(concert("l", "Limited Concert", 2)), 7, "Limited Concert", false},
		"is another with exactly two left for want of that":    {many(concert("l", "Limited Concert", 1), concert("a", "Another", 2), concert("b", "A third", 2)), 0, "Another", false},
		"is made when none has exactly two left":               {many(concert("l", "Limited Concert", 0)), 0, "Limited Concert", true},
		"is made when there are no events":                     {nil, 0, "Limited Concert", true},
		"may have no date":                                     {[]*fakeEvent{open}, 0, "No end", false},
		"is none that has begun":                               {[]*fakeEvent{over}, 0, "Limited Concert", true},
		"is none whose two tickets lie in two sections":        {[]*fakeEvent{concert("s", "Split", 1, 1)}, 0, "Limited Concert", true},
		"may have sold out sections beside the two tickets'":   {[]*fakeEvent{concert("s", "One left over", 0, 2)}, 0, `One left over", section "Section 1`, false},
		"has two left of more, not a capacity of exactly two":  {[]*fakeEvent{concert("c", "Nearly gone", 2)}, 0, "Nearly gone", false},
		"is not the first with two left but more in a section": {[]*fakeEvent{concert("c", "Two of four", 2, 2)}, 0, "Limited Concert", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{events: test.events, pageSize: test.pageSize}
			before := len(f.events)
			play(t.Context(), f.start(t)).mustBe(t, exitPassed, fmt.Sprintf("Event: \"%s\" (2 tickets available)", test.want))
			if made := len(f.events) > before; made != test.made {
				t.Errorf("event made: %t, want %t", made, test.made)
			}
		})
	}
}

func TestRunsInARowAllPass(t *testing.T) {
	t.Parallel()
	f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}}
	url := f.start(t)
	for range 3 {
		if r := play(t.Context(), url); r.stdout != golden {
			t.Errorf("standard output is\n%s", r.stdout)
		}
	}
	if len(f.passwords) != 30 {
		t.Errorf("%d accounts, want ten for each run", len(f.passwords))
	}
}

func TestAnEventThatOthersBookIsNoGround(t *testing.T) {
	t.Parallel()
	f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}}
	f.setUp = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/events/e1" {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.events[0].RemainingTickets, f.events[0].Sections[0].Remaining = 1, 1
		}
		return false
	}
	play(t.Context(), f.start(t)).mustBe(t, exitFailed, `race: event "Limited Concert" has no section with the 2 tickets`, "somebody else books")
}

func TestABusyServerIsWaitedForOutsideTheRace(t *testing.T) {
	t.Parallel()
	paths := []string{"/auth/register", "/events", "/events/made-0", "/bookings"}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for _, path := range paths {
			t.Run(fmt.Sprint(status, path), func(t *testing.T) {
				t.Parallel()
				var refuse sync.Once
				f := &fake{setUp: func(w http.ResponseWriter, r *http.Request) (refused bool) {
					if r.URL.Path == path {
						refuse.Do(func() {
							w.Header().Set("Retry-After", "7")
							problem(w, status, "overloaded")
							refused = true
						})
					}
					return refused
				}}
				r := play(t.Context(), f.start(t))
				r.mustBe(t, exitPassed, "The server is busy and asks to wait 7s")
				if !slices.Equal(r.pauses, []time.Duration{7 * time.Second}) {
					t.Errorf("pauses %v, want one of 7s", r.pauses)
				}
			})
		}
	}
}

func TestAServerThatStaysBusyIsGivenUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		retryAfter string
		pauses     int // by each of the calls at once
		want       string
	}{
		"at once when it asks for longer than we wait": {"3600", 0, "waited 0s and the server asks for 1h0m0s more"},
		"after two minutes of waiting":                 {"60", 2, "waited 2m0s and the server asks for 1m0s more"},
		"also when it names no pause":                  {"", 120, "waited 2m0s and the server asks for 1s more"},
		"also when it names a pause of nothing":        {"0", 120, "waited 2m0s and the server asks for 1s more"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{setUp: func(w http.ResponseWriter, r *http.Request) bool {
				if test.retryAfter != "" {
					w.Header().Set("Retry-After", test.retryAfter)
				}
				problem(w, http.StatusServiceUnavailable, "overloaded")
				return true
			}}
			r := play(t.Context(), f.start(t), "--users", "1")
			r.mustBe(t, exitFailed, test.want, "503 overloaded")
			if len(r.pauses) != test.pauses {
				t.Errorf("%d pauses, want %d", len(r.pauses), test.pauses)
			}
		})
	}
}

func TestAnAccountThatIsThereIsLoggedInto(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	lost := map[string]bool{}
	f := &fake{}
	// Every registration is carried out, and the first answer to each lost.
	f.setUp = func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path != "/auth/register" || lost[r.RemoteAddr] {
			return false
		}
		lost[r.RemoteAddr] = true
		f.register(httptest.NewRecorder(), r)
		problem(w, http.StatusServiceUnavailable, "overloaded")
		return true
	}
	play(t.Context(), f.start(t)).mustBe(t, exitPassed)
	if len(f.passwords) != 10 {
		t.Errorf("%d accounts, want 10", len(f.passwords))
	}
}

func TestRegistrationIsParallelButBounded(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var fill sync.Once
	full := make(chan struct{})
	now, most := 0, 0
	f := &fake{setUp: func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/auth/register" {
			return false
		}
		mu.Lock()
		now++
		most = max(most, now)
		last := now == parallel
		mu.Unlock()
		if last {
			fill.Do(func() {
				for range 100_000 { // time for one too many to arrive
					runtime.Gosched()
				}
				close(full)
			})
		}
		select {
		case <-full:
		case <-r.Context().Done():
		}
		mu.Lock()
		now--
		mu.Unlock()
		return false
	}}
	play(t.Context(), f.start(t), "--users", "40").mustBe(t, exitPassed)
	if most != parallel {
		t.Errorf("%d registrations at once, want %d", most, parallel)
	}
}

func TestBuyersWhoLostTheirConnectionAreTold(t *testing.T) {
	t.Parallel()
	f := &fake{setUp: func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/events/") {
			w.Header().Set("Connection", "close")
		}
		return false
	}}
	play(t.Context(), f.start(t)).mustBe(t, exitPassed, "10 buyers had to connect anew during the race.")
}

func TestNoVerdictIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "<html>")
	}))
	t.Cleanup(pages.Close)
	tests := map[string]struct{ url, want string }{
		"nobody listens":           {"http://" + l.Addr().String(), "(connection refused). Start one with `make run`"},
		"another server answers":   {other.URL, "404 Not Found. Is " + other.URL + " the address of an Onsale API?"},
		"the answers are not JSON": {pages.URL, "POST /auth/register: 201 with a body that cannot be read"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := play(t.Context(), test.url)
			r.mustBe(t, exitFailed, test.want)
			if r.stdout != "" {
				t.Errorf("on standard output: %s", r.stdout)
			}
		})
	}
}
