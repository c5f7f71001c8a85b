package main

import (
	"fmt"
	"net/http"
	"strconv"
)

// book sells. It is called with the lock held and lets go of it while it waits.
func (f *fake) book(w http.ResponseWriter, r *http.Request, who string) {
	body, ok := read[struct {
		EventID, SectionID string
		Qty                int
	}](w, r)
	if !ok {
		return
	}
	e := f.event(body.EventID)
	if e == nil {
		problem(w, http.StatusNotFound, "event_not_found")
		return
	}
	var s *fakeSection
	only := body.SectionID == "" && len(e.Sections) == 1
	for i := range e.Sections {
		if e.Sections[i].ID == body.SectionID || only || f.beside {
			s = &e.Sections[i]
		}
	}
	if s == nil {
		problem(w, http.StatusUnprocessableEntity, "unknown_section")
		return
	}

	body.Qty = max(body.Qty, 1)

	f.arrivals++
	arrival, read := f.arrivals, s.Remaining
	f.inFlight++
	defer func() { f.inFlight-- }()
	if f.arrivals == f.gather {
		close(f.gathered)
		if f.booked != nil {
			f.booked()
		}
	}
	if f.gather > 0 && !f.wait(r, f.gathered) || f.during != nil && !f.wait(r, f.glimpsed) {
		return
	}
	if !f.unlocked {
		read = s.Remaining
	}
	switch {
	case f.answer != nil && f.answer(w, arrival):
		return
	case read == 0:
		problem(w, http.StatusConflict, "sold_out")
		return
	case read < body.Qty:
		problem(w, http.StatusConflict, "not_enough_tickets")
		return
	}
	s.Remaining -= body.Qty
	e.RemainingTickets -= body.Qty
	if f.clamp {
		s.Remaining, e.RemainingTickets = max(s.Remaining, 0), max(e.RemainingTickets, 0)
	}
	f.position++
	w.Header().Set(positionHeader, strconv.Itoa(f.position))
	b := f.record(who, e.ID, body.Qty)
	remaining := e.RemainingTickets
	if f.clamp {
		remaining = 0
	}
	if f.confirm != nil {
		f.confirm(&b, &remaining)
	}
	send(w, http.StatusCreated, map[string]any{"booking": b, "event": map[string]any{"id": e.ID, "title": e.Title, "remainingTickets": remaining}})
}

func (f *fake) record(who, eventID string, quantity int) fakeBooking {
	b := fakeBooking{ID: fmt.Sprintf("booking-%d-of-%s", len(f.bookings[who])+1, who), EventID: eventID, Status: "CONFIRMED",
		Quantity: quantity, Event: map[string]string{"id": eventID, "title": "whatever"}}
	f.bookings[who] = append(f.bookings[who], b)
	return b
}

// wait lets go of the lock until the channel is closed; false when the client
// has gone first.
func (f *fake) wait(r *http.Request, c <-chan struct{}) bool {
	f.mu.Unlock()
	defer f.mu.Lock()
	select {
	case <-c:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (f *fake) listBookings(w http.ResponseWriter, _ *http.Request, who string) {
	list, status := f.bookings[who], 0
	if f.list != nil {
		list, status = f.list(list)
	}
	if status != 0 {
		problem(w, status, "sinful")
		return
	}
	send(w, http.StatusOK, map[string]any{"data": list, "meta": map[string]int{"total": len(list)}})
}
