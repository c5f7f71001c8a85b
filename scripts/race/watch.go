package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// lookEvery is the pause between two looks at the remaining count.
const lookEvery = 5 * time.Millisecond

// sighting is what was seen of the event while the race ran.
type sighting struct {
	looks     int
	missed    int    // looks that a busy server refused
	low, high int    // remaining in the section raced for, when looks > 0
	problem   string // the first thing seen that must never be; empty when there was none
}

// watch looks at the event over and over, at least once, until stop is called.
// stop must be called, once; it waits for the last look and tells what was seen.
func watch(ctx context.Context, c *client, st stage) (stop func() sighting) {
	ended, result := make(chan struct{}), make(chan sighting)
	go func() {
		var s sighting
		pace := time.NewTicker(lookEvery)
		defer pace.Stop()
		for {
			s.look(ctx, c, st)
			select {
			case <-ended:
				result <- s
				return
			case <-pace.C:
			}
		}
	}()
	return func() sighting {
		close(ended)
		return <-result
	}
}

func (s *sighting) look(ctx context.Context, c *client, st stage) {
	e, err := c.event(ctx, st.event.ID)
	var a *answerError
	switch {
	case errors.As(err, &a) && a.busy():
		s.missed++
		return
	case err != nil:
		s.found("the event could not be read during the race: " + reason(err))
		return
	}
	remaining := e.section(st.section.ID).Remaining
	if s.looks == 0 {
		s.low, s.high = remaining, remaining
	}
	s.looks++
	s.low, s.high = min(s.low, remaining), max(s.high, remaining)
	if p := st.impossible(e); p != "" {
		s.found(p + " during the race")
	}
}

func (s *sighting) found(problem string) {
	if s.problem == "" {
		s.problem = problem
	}
}

// section returns the section of that id, or a zero one.
func (e event) section(id string) section {
	for _, s := range e.Sections {
		if s.ID == id {
			return s
		}
	}
	return section{}
}

// impossible says what is wrong with the counts of e, whoever books how many of
// the tickets that the race is for; empty when they may be so. Remaining below
// zero and more booked than the capacity are the same thing.
func (st stage) impossible(e event) string {
	if n := e.RemainingTickets; n < 0 || n > st.event.RemainingTickets {
		return fmt.Sprintf("remainingTickets was %d (it began at %d)", n, st.event.RemainingTickets)
	}
	for _, was := range st.event.Sections {
		is := e.section(was.ID)
		switch {
		case is.ID == "":
			return fmt.Sprintf("section %q was missing", was.Name)
		case is.ID == st.section.ID && (is.Remaining < 0 || is.Remaining > was.Remaining):
			return fmt.Sprintf("remaining in section %q was %d (it began at %d)", was.Name, is.Remaining, was.Remaining)
		case is.ID != st.section.ID && is.Remaining != was.Remaining:
			return fmt.Sprintf("remaining in section %q, where nobody books, went from %d to %d", was.Name, was.Remaining, is.Remaining)
		}
	}
	return ""
}
