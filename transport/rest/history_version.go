package rest

import (
	"fmt"
	"math"
	"net/http"

	"onsale/command/sale"
	"onsale/query"
)

// eventAt answers with the event as it was at a version of its sale, for the organiser.
func (a *api) eventAt(c *call, p *params) error {
	version := p.integer("atVersion", 1, math.MaxInt)
	if err := p.err(); err != nil {
		return err
	}
	event, err := a.organizedEvent(c)
	if err != nil {
		return err
	}
	s, err := a.replay(c, event, int64(version))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, eventOf(viewOf(s)))
}

// forgetEvery is after how many events a replayed sale forgets its claims.
const forgetEvery = 10_000

// replay returns the sale as it was. Only what is seen of it counts: its claims are not all there.
func (a *api) replay(c *call, event query.Event, version int64) (*sale.Sale, error) {
	s := &sale.Sale{ID: event.ID}
	for recorded, err := range a.Queries.Replay(c.r.Context(), event.ID, version) {
		if err != nil {
			return nil, err
		}
		if recorded.Version != s.Version+1 {
			return nil, fmt.Errorf("event %s: version %d follows %d", event.ID, recorded.Version, s.Version)
		}
		happened, err := decodeRecorded(event.ID, recorded)
		if err != nil {
			return nil, err
		}
		s.Evolve(happened)
		if s.Version%forgetEvery == 0 {
			s = withoutClaims(s)
		}
	}
	if !s.Exists() {
		return nil, errVersionMissing
	}
	return s, nil
}

// withoutClaims keeps a long replay small. Each event repeats the seats that it moves, so that no count misses the claims.
func withoutClaims(s *sale.Sale) *sale.Sale {
	return &sale.Sale{
		ID: s.ID, Version: s.Version, Organizer: s.Organizer, Title: s.Title, Description: s.Description, Venue: s.Venue,
		Currency: s.Currency, StartsAt: s.StartsAt, TimeZone: s.TimeZone, OpenedAt: s.OpenedAt, Closed: s.Closed,
		Sections: s.Sections,
	}
}

// viewOf shows a sale as the views would have.
func viewOf(s *sale.Sale) query.Event {
	out := query.Event{
		ID: s.ID, Version: s.Version, Title: s.Title, Description: s.Description, Venue: s.Venue, StartsAt: s.StartsAt,
		TimeZone: s.TimeZone, Currency: s.Currency, Organizer: s.Organizer, OpenedAt: s.OpenedAt, Remaining: s.Remaining(), Closed: s.Closed,
		Price: s.Sections[0].Price, Sections: make([]query.Section, 0, len(s.Sections)),
	}
	for _, section := range s.Sections {
		out.Price = min(out.Price, section.Price)
		out.Capacity += section.Capacity
		out.Sections = append(out.Sections, query.Section{
			ID: section.ID, Name: section.Name, Price: section.Price, Capacity: section.Capacity, Remaining: section.Remaining,
		})
	}
	return out
}
