package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onsale/command/gate"
	"onsale/command/sale"
	"onsale/query"
)

func (a *api) listEvents(c *call) error {
	p := c.params()
	filter := query.EventFilter{
		Paging:     p.paging(10),
		Search:     p.text("search", 100),
		SortBy:     p.choice("sortBy", "date", "price", "title"),
		Descending: p.choice("sortOrder", "asc", "desc") == "desc",
	}
	if p.values.Has("organizer") && p.choice("organizer", "me") == "me" {
		filter.Organizer = c.caller.UserID
	}
	if err := p.err(); err != nil {
		return err
	}
	read := func(ctx context.Context) (any, error) {
		found, err := a.Queries.Events(ctx, filter)
		if err != nil {
			return nil, err
		}
		list := EventPage{Data: make([]EventListing, 0, len(found.Events)), Meta: pageMeta(found.Total, filter.Paging)}
		for _, e := range found.Events {
			list.Data = append(list.Data, listingOf(e))
		}
		return list, nil
	}
	turn := atOnce
	if filter.Scans() {
		select {
		case a.searches <- struct{}{}:
			defer func() { <-a.searches }()
		default:
			return gate.ErrFull
		}
		turn = a.scan
	}
	if filter.Organizer != uuid.Nil { // nobody else asks for the same
		return a.unshared(c, turn, read)
	}
	return a.shared(c, fmt.Sprintf("events %+v", filter), unmoved, turn, read)
}

// scanPatience is how long a list waits for its turn.
const scanPatience = 2 * time.Second

// scan is the turn of what all events have to be looked at for: a few at a time.
func (a *api) scan(ctx context.Context, work func() error) error {
	waiting, enough := context.WithTimeout(ctx, scanPatience)
	defer enough()
	began := false
	err := a.scans.Pass(waiting, func() error { began = true; return work() })
	if !began && ctx.Err() == nil && waiting.Err() != nil {
		return gate.ErrFull
	}
	return err
}

func (a *api) getEvent(c *call) error {
	p := c.params()
	if p.values.Has("atVersion") {
		return a.eventAt(c, p)
	}
	id, err := c.pathID()
	if err := cmp.Or(p.err(), err); err != nil {
		return err
	}
	same := func(then, now int64) bool { return then == now || a.Freshness.Unchanged(id, then, now) }
	return a.shared(c, "event "+id.String(), same, atOnce, func(ctx context.Context) (any, error) {
		event, err := a.event(ctx, c)
		if err != nil {
			return nil, err
		}
		return eventOf(event), nil
	})
}

// event reads the event that the path names.
func (a *api) event(ctx context.Context, c *call) (query.Event, error) {
	id, err := c.pathID()
	if err != nil {
		return query.Event{}, err
	}
	event, err := a.Queries.Event(ctx, id)
	if errors.Is(err, query.ErrNotFound) {
		return event, sale.ErrEventNotFound
	}
	return event, err
}

// organizedEvent reads the event that the path names, for its organiser and for admins.
func (a *api) organizedEvent(c *call) (query.Event, error) {
	event, err := a.event(c.r.Context(), c)
	if err == nil && event.Organizer != c.caller.UserID && !c.isAdmin() {
		err = errForbidden
	}
	return event, err
}

// listEventBookings is the organiser's view.
func (a *api) listEventBookings(c *call) error {
	p := c.params()
	filter := query.BookingFilter{Paging: p.paging(50)}
	if err := p.err(); err != nil {
		return err
	}
	event, err := a.organizedEvent(c)
	if err != nil {
		return err
	}
	filter.EventID = event.ID
	return a.bookings(c, filter, withBuyer)
}
