package main

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Each row is a server that sins in one way only: the negative controls.
func TestASinningServerFails(t *testing.T) {
	t.Parallel()
	// Of ten arrivals the fifth gets this answer, whatever else is decided.
	fifth := func(answer func(w http.ResponseWriter)) func(http.ResponseWriter, int) bool {
		return func(w http.ResponseWriter, arrival int) bool {
			if arrival == 5 {
				answer(w)
			}
			return arrival == 5
		}
	}
	says := func(status int, code string) func(http.ResponseWriter, int) bool {
		return fifth(func(w http.ResponseWriter) { problem(w, status, code) })
	}
	tests := map[string]struct {
		sin  func(f *fake)
		args string
		want []string
	}{
		"sells without a lock": {func(f *fake) { f.unlocked = true }, "",
			[]string{"Successful bookings: 10", "TEST FAILED: Overselling detected: 10 tickets sold, 2 available", "remainingTickets was -8"}},
		"sells without a lock and hides it": {func(f *fake) { f.unlocked, f.clamp = true, true }, "",
			[]string{"after test: 0", "TEST FAILED: Overselling detected: 10 tickets sold, 2 available"}},
		"sells without a lock and forgets whom": {func(f *fake) {
			f.unlocked, f.clamp = true, true
			f.list = func([]fakeBooking) ([]fakeBooking, int) { return nil, 0 }
		}, "", []string{"TEST FAILED: Overselling detected: 10 tickets sold, 2 available", "10 bookings acknowledged but missing"}},
		"sells without a lock in a section": {func(f *fake) { f.unlocked, f.clamp = true, true }, "--section VIP --tickets 5 --qty 3",
			[]string{"TEST FAILED: Overselling detected: 30 tickets sold, 5 available"}},
		"remaining dips below zero during the race": {func(f *fake) {
			f.during = func(e *fakeEvent) int { e.RemainingTickets = -1; return 0 }
		}, "", []string{"TEST FAILED: remainingTickets was -1 (it began at 2) during the race"}},
		"a section's remaining dips below zero during the race": {func(f *fake) {
			f.during = func(e *fakeEvent) int { e.Sections[0].Remaining = -1; return 0 }
		}, "", []string{`TEST FAILED: remaining in section "Section 0" was -1 (it began at 2) during the race`}},
		"remaining rises above its start during the race": {func(f *fake) {
			f.during = func(e *fakeEvent) int { e.RemainingTickets = 3; return 0 }
		}, "", []string{"TEST FAILED: remainingTickets was 3 (it began at 2) during the race"}},
		"a section's remaining rises above its start during the race": {func(f *fake) {
			f.during = func(e *fakeEvent) int { e.Sections[0].Remaining = 3; return 0 }
		}, "", []string{`TEST FAILED: remaining in section "Section 0" was 3 (it began at 2) during the race`}},
		"a section goes missing during the race": {func(f *fake) {
			f.during = func(e *fakeEvent) int { e.Sections = nil; return 0 }
		}, "", []string{`TEST FAILED: section "Section 0" was missing during the race`}},
		"the event cannot be read during the race": {func(f *fake) {
			f.during = func(*fakeEvent) int { return 500 }
		}, "", []string{"TEST FAILED: the event could not be read during the race: 500 sinful"}},
		"remaining cannot be watched": {func(f *fake) {
			var reads atomic.Int64
			var raced atomic.Bool
			f.setUp = func(w http.ResponseWriter, r *http.Request) (refused bool) {
				if r.URL.Path == "/bookings" {
					raced.Store(true)
				}
				// Ten buyers and the watcher read it once before the race.
				refused = r.URL.Path == "/events/e1" && reads.Add(1) > 11 && !raced.Load()
				if refused {
					problem(w, http.StatusServiceUnavailable, "overloaded")
				}
				return refused
			}
		}, "", []string{"at the remaining count.", "TEST FAILED: remaining could not be watched during the race"}},
		"loses an acknowledged booking": {func(f *fake) {
			f.list = func(list []fakeBooking) ([]fakeBooking, int) { return nil, 0 }
		}, "", []string{"TEST FAILED: 2 bookings acknowledged but missing from GET /bookings"}},
		"an acknowledged booking is not confirmed": {func(f *fake) {
			f.list = func(list []fakeBooking) ([]fakeBooking, int) {
				for i := range list {
					list[i].Status = "PENDING"
				}
				return list, 0
			}
		}, "", []string{"TEST FAILED: 2 bookings acknowledged but missing from GET /bookings"}},
		"records another quantity": {func(f *fake) {
			f.list = func(list []fakeBooking) ([]fakeBooking, int) {
				for i := range list {
					list[i].Quantity = 2
				}
				return list, 0
			}
		}, "--scenario groups", []string{"TEST FAILED: 1 booking recorded with another quantity than the 3 asked for"}},
		"records a booking twice": {func(f *fake) {
			var once sync.Once
			f.list = func(list []fakeBooking) ([]fakeBooking, int) {
				if len(list) > 0 {
					once.Do(func() {
						list = append(list, fakeBooking{ID: "x", Status: "CONFIRMED", Quantity: 1, Event: list[0].Event})
					})
				}
				return list, 0
			}
		}, "", []string{"TEST FAILED: Overselling detected: 3 tickets sold, 2 available", "1 booking in GET /bookings that no buyer was told of"}},
		"refuses a buyer and books all the same": {func(f *fake) {
			f.answer = says(http.StatusConflict, "sold_out")
			var once sync.Once
			f.list = func(list []fakeBooking) ([]fakeBooking, int) {
				if len(list) == 0 {
					once.Do(func() {
						list = append(list, fakeBooking{ID: "x", Status: "CONFIRMED", Quantity: 1, Event: map[string]string{"id": f.events[0].ID}})
					})
				}
				return list, 0
			}
		}, "", []string{"TEST FAILED: Overselling detected: 3 tickets sold, 2 available", "1 booking in GET /bookings that no buyer was told of"}},
		"bookings cannot be listed": {func(f *fake) {
			f.list = func([]fakeBooking) ([]fakeBooking, int) { return nil, 500 }
		}, "", []string{"after test: unknown", "TEST FAILED: the outcome could not be verified: 500 sinful"}},
		"answers one buyer 500": {func(f *fake) { f.answer = says(500, "internal") }, "",
			[]string{"Successful bookings: 2", "(no tickets): 7", "Unexpected: 1 x 500 internal", "TEST FAILED: unexpected answers: 1 x 500 internal"}},
		"answers one buyer 500 without a problem document": {func(f *fake) {
			f.answer = fifth(func(w http.ResponseWriter) { http.Error(w, "<html>", http.StatusInternalServerError) })
		}, "", []string{"TEST FAILED: unexpected answers: 1 x 500 Internal Server Error"}},
		"answers one buyer 429": {func(f *fake) { f.answer = says(429, "rate_limited") }, "",
			[]string{"TEST FAILED: unexpected answers: 1 x 429 rate_limited"}},
		"refuses one buyer for another reason": {func(f *fake) { f.answer = says(409, "already_booked") }, "",
			[]string{"TEST FAILED: unexpected answers: 1 x 409 already_booked"}},
		"sends one buyer elsewhere": {func(f *fake) {
			f.answer = fifth(func(w http.ResponseWriter) { w.Header().Set("Location", "/events"); w.WriteHeader(http.StatusSeeOther) })
		}, "", []string{"TEST FAILED: unexpected answers: 1 x 303 See Other"}},
		"hangs up on one buyer": {func(f *fake) {
			f.answer = fifth(func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
		}, "", []string{"TEST FAILED: unexpected answers: 1 x no answer: EOF"}},
		"answers 201 and no booking": {func(f *fake) {
			f.confirm = func(b *fakeBooking, _ *int) { b.ID = "" }
		}, "", []string{"TEST FAILED: unexpected answers: 2 x 201 without a confirmed booking", "0 bookings succeeded, expected 2"}},
		"answers 201 and a booking of another event": {func(f *fake) {
			f.confirm = func(b *fakeBooking, _ *int) { b.EventID = "e9" }
		}, "", []string{"TEST FAILED: unexpected answers: 2 x 201 without a confirmed booking"}},
		"tells a winner that less than nothing remains": {func(f *fake) {
			f.confirm = func(_ *fakeBooking, remaining *int) { *remaining = -1 }
		}, "", []string{"TEST FAILED: a booking was answered with remainingTickets -1, which must be from 0 to 1"}},
		"refuses where tickets are left": {func(f *fake) {
			f.answer = func(w http.ResponseWriter, arrival int) bool {
				if arrival > 1 {
					problem(w, 409, "sold_out")
				}
				return arrival > 1
			}
		}, "", []string{"after test: 1", "TEST FAILED: 1 booking succeeded, expected 2"}},
		"keeps a ticket that nobody has": {func(f *fake) {
			f.after = func(e *fakeEvent) { e.RemainingTickets, e.Sections[0].Remaining = 1, 1 }
		}, "", []string{"TEST FAILED: 1 ticket remaining, expected 0 (2 available less 2 booked)"}},
		"counts the event's tickets otherwise than its section's": {func(f *fake) {
			f.after = func(e *fakeEvent) { e.RemainingTickets = 1 }
		}, "", []string{"TEST FAILED: the event's remainingTickets is 1, expected 0"}},
		"takes the seats from another section": {func(f *fake) { f.beside = true }, "--section VIP --tickets 2",
			[]string{`remaining in section "Beside VIP", where nobody books, went from 10 to 0 after the race`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}, gather: 10}
			test.sin(f)
			r := play(t.Context(), f.start(t), strings.Fields(test.args)...)
			r.mustBe(t, exitFailed, test.want...)
			if strings.Contains(r.stdout, "PASSED") {
				t.Error("it says PASSED")
			}
		})
	}
}
