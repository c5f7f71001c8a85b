package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// verdict is what a race showed.
type verdict struct {
	booked     int
	soldOut    int
	notEnough  int            // refused because fewer were left than asked for
	unexpected map[string]int // every other answer, and how often
	remaining  int            // in the section raced for
	unknown    bool           // remaining could not be learnt
	reasons    []string       // why the test failed, the worst first
}

func (v verdict) passed() bool { return len(v.reasons) == 0 }

// judge holds everything that was answered and seen against the promises.
func judge(st stage, quantity int, outcomes []outcome, seen sighting, end aftermath) verdict {
	v := tally(st, outcomes)
	v.remaining, v.unknown = end.event.section(st.section.ID).Remaining, end.err != nil
	fail := func(format string, args ...any) { v.reasons = append(v.reasons, fmt.Sprintf(format, args...)) }

	l := compare(st, quantity, outcomes, end.bookings)
	start := st.section.Remaining
	sold := max(v.booked*quantity, l.tickets)
	if sold > start {
		fail("Overselling detected: %s sold, %d available", count(sold, "ticket"), start)
	}
	if p := boast(st, quantity, outcomes); p != "" {
		fail("%s", p)
	}
	if seen.problem != "" {
		fail("%s", seen.problem)
	}
	if seen.looks == 0 {
		fail("remaining could not be watched during the race")
	}
	if end.err != nil {
		fail("the outcome could not be verified: %s", reason(end.err))
	} else {
		if l.lost > 0 {
			fail("%s acknowledged but missing from GET /bookings", count(l.lost, "booking"))
		}
		if l.untold > 0 {
			fail("%s in GET /bookings that no buyer was told of", count(l.untold, "booking"))
		}
		if l.altered > 0 {
			fail("%s recorded with another quantity than the %d asked for", count(l.altered, "booking"), quantity)
		}
		if p := st.impossible(end.event); p != "" {
			fail("%s after the race", p)
		} else if want := start - l.tickets; v.remaining != want {
			fail("%s remaining, expected %d (%d available less %d booked)", count(v.remaining, "ticket"), want, start, l.tickets)
		} else if want := st.event.RemainingTickets - l.tickets; end.event.RemainingTickets != want {
			fail("the event's remainingTickets is %d, expected %d", end.event.RemainingTickets, want)
		}
	}
	if len(v.unexpected) > 0 {
		fail("unexpected answers: %s", strings.Join(v.surprises(), ", "))
	}
	if want := min(len(outcomes), start/quantity); v.booked != want && sold <= start {
		fail("%s succeeded, expected %d", count(v.booked, "booking"), want)
	}
	return v
}

// tally counts the answers by kind.
func tally(st stage, outcomes []outcome) verdict {
	v := verdict{unexpected: map[string]int{}}
	for _, o := range outcomes {
		var a *answerError
		switch {
		case o.err == nil && o.answer.confirms(st.event.ID):
			v.booked++
		case o.err == nil:
			v.unexpected["201 without a confirmed booking of this event"]++
		case !errors.As(o.err, &a):
			v.unexpected[reason(o.err)]++
		case a.status == http.StatusConflict && a.code == "sold_out":
			v.soldOut++
		case a.status == http.StatusConflict && a.code == "not_enough_tickets":
			v.notEnough++
		default:
			v.unexpected[a.label()]++
		}
	}
	return v
}

// boast says which remaining count in the answers can never have been.
func boast(st stage, quantity int, outcomes []outcome) string {
	most := st.event.RemainingTickets - quantity
	for _, o := range outcomes {
		if n := o.answer.Event.RemainingTickets; o.err == nil && (n < 0 || n > most) {
			return fmt.Sprintf("a booking was answered with remainingTickets %d, which must be from 0 to %d", n, most)
		}
	}
	return ""
}

func (b bookAnswer) confirms(eventID string) bool {
	return b.Booking.ID != "" && b.Booking.EventID == eventID && b.Booking.Status == statusConfirmed
}

// surprises lists the unexpected answers, the most frequent first.
func (v verdict) surprises() []string {
	var list []string
	for label := range v.unexpected {
		list = append(list, label)
	}
	slices.SortFunc(list, func(a, b string) int {
		if d := v.unexpected[b] - v.unexpected[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for i, label := range list {
		list[i] = fmt.Sprintf("%d x %s", v.unexpected[label], label)
	}
	return list
}

// ledger compares what the buyers were told with the bookings they have.
type ledger struct {
	tickets int // in all their bookings
	lost    int // acknowledged, and not there
	untold  int // there, and not acknowledged though the buyer had an answer
	altered int // of another quantity
}

func compare(st stage, quantity int, outcomes []outcome, bookings [][]booking) ledger {
	var l ledger
	for i, o := range outcomes {
		acknowledged := o.err == nil && o.answer.confirms(st.event.ID)
		found := false
		for _, b := range bookings[i] {
			l.tickets += b.Quantity
			if b.Quantity != quantity {
				l.altered++
			}
			found = found || b.ID == o.answer.Booking.ID
		}
		var refused *answerError
		switch {
		case acknowledged && !found:
			l.lost++
		case errors.As(o.err, &refused) && refused.status == http.StatusConflict:
			l.untold += len(bookings[i])
		case acknowledged:
			l.untold += len(bookings[i]) - 1
		}
	}
	return l
}

// reason names in few words why a call had no good answer.
func reason(err error) string {
	var a *answerError
	var late interface{ Timeout() bool }
	switch {
	case errors.As(err, &a):
		return a.label()
	case errors.As(err, &late) && late.Timeout():
		return "no answer in time"
	default:
		return "no answer: " + rootCause(err)
	}
}
