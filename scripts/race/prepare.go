package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Calls at once before and after the race: the server hashes passwords, and the
// test is of bookings, not of that.
const parallel = 8

// stage is where a race takes place: an event as it was just before, and the
// section in it that all buyers want.
type stage struct {
	event   event
	section section
}

// register makes n accounts of this run's own, so that no booking of an earlier
// run can stand in the way. It returns the clients connected so far also with
// an error.
func register(ctx context.Context, s *server, n int, w world) ([]*client, error) {
	run, password := strings.ToLower(w.random()[:12]), "race-1-"+w.random()
	buyers := make([]*client, n)
	for i := range buyers {
		buyers[i] = s.connect("")
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, b := range buyers {
		g.Go(func() (err error) {
			b.token, err = patiently(ctx, s, func(ctx context.Context) (string, error) {
				return b.enter(ctx, credentials{
					Email:    fmt.Sprintf("race-%s-%d@example.com", run, i+1),
					Password: password,
					Name:     fmt.Sprintf("Race buyer %d", i+1),
				})
			})
			return err
		})
	}
	return buyers, g.Wait()
}

// enter registers, or logs in where the account is there already: it is when an
// earlier try was carried out but its answer lost.
func (c *client) enter(ctx context.Context, who credentials) (token string, err error) {
	token, err = c.register(ctx, who)
	var a *answerError
	if errors.As(err, &a) && a.status == http.StatusConflict {
		token, err = c.logIn(ctx, who)
	}
	if err == nil && token == "" {
		err = fmt.Errorf("enter as %s: the server answered without an accessToken", who.Email)
	}
	return token, err
}

// prepare finds or makes the event, has every buyer connect and look at it, and
// reads its state at the start of the race through the watcher.
func prepare(ctx context.Context, sc scenario, buyers []*client, watcher *client, now time.Time) (stage, error) {
	id, err := buyers[0].seek(ctx, sc, now)
	if err != nil {
		return stage{}, err
	}
	g, warming := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, c := range buyers {
		g.Go(func() error {
			_, err := c.look(warming, id)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return stage{}, err
	}
	e, err := watcher.look(ctx, id)
	if err != nil {
		return stage{}, err
	}
	for _, s := range e.Sections {
		if s.Remaining == sc.tickets && (!sc.fresh || s.Name == sc.section) {
			return stage{event: e, section: s}, nil
		}
	}
	return stage{}, fmt.Errorf("event %q has no section with the %s that the race is for: somebody else books there; run the race again",
		e.Title, count(sc.tickets, "ticket"))
}

// seek returns the id of the event to race for.
func (c *client) seek(ctx context.Context, sc scenario, now time.Time) (id string, err error) {
	if !sc.fresh {
		id, err = c.find(ctx, sc.tickets, now)
	}
	if err == nil && id == "" {
		id, err = c.make(ctx, sc, now)
	}
	return id, err
}

// find returns an event that has not begun and has exactly so many tickets
// left, all in one section: the seed's for preference. Empty when there is none.
func (c *client) find(ctx context.Context, tickets int, now time.Time) (id string, err error) {
	type pageOf struct {
		events []event
		pages  int
	}
	for page, pages := 1, 1; page <= pages; page++ {
		p, err := patiently(ctx, c.server, func(ctx context.Context) (p pageOf, err error) {
			p.events, p.pages, err = c.events(ctx, page)
			return p, err
		})
		if err != nil {
			return "", err
		}
		for _, e := range p.events {
			if e.begun(now) || !e.hasExactly(tickets) {
				continue
			}
			if e.Title == limitedConcert {
				return e.ID, nil
			}
			if id == "" {
				id = e.ID
			}
		}
		pages = p.pages
		if len(p.events) == 0 {
			break
		}
	}
	return id, nil
}

func (e event) begun(now time.Time) bool {
	return !e.Date.IsZero() && !e.Date.After(now)
}

func (e event) hasExactly(tickets int) bool {
	if e.RemainingTickets != tickets {
		return false
	}
	for _, s := range e.Sections {
		if s.Remaining == tickets {
			return true
		}
	}
	return false
}

// make creates the scenario's event, a month ahead.
func (c *client) make(ctx context.Context, sc scenario, now time.Time) (id string, err error) {
	n := newEvent{
		Title:       sc.title,
		Description: "Made by the race test.",
		Venue:       "Test Hall",
		Date:        now.AddDate(0, 1, 0).UTC().Truncate(time.Second),
		Sections:    []newSection{{Name: sc.section, Price: 25, Capacity: sc.tickets}},
	}
	if sc.beside {
		n.Sections = append(n.Sections, newSection{Name: "Beside " + sc.section, Price: 10, Capacity: 10})
	}
	id, err = patiently(ctx, c.server, func(ctx context.Context) (string, error) { return c.createEvent(ctx, n) })
	if err == nil && id == "" {
		err = errors.New("POST /events: the server answered without an id")
	}
	return id, err
}

// look reads the event, however busy the server is.
func (c *client) look(ctx context.Context, id string) (event, error) {
	return patiently(ctx, c.server, func(ctx context.Context) (event, error) { return c.event(ctx, id) })
}
