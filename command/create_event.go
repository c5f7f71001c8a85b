package command

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// CreateEvent asks for an event's tickets to be put on sale.
type CreateEvent struct {
	EventID       uuid.UUID // a UUIDv7; zero: a new one
	Organizer     uuid.UUID
	Title         string
	Description   string
	Venue         string
	StartsAt      time.Time // zero: no date
	Currency      string    // ISO 4217
	Sections      []SectionSpec
	CorrelationID string
}

// SectionSpec is one section of an event that is created.
type SectionSpec struct {
	Name      string
	Price     int64 // for one seat, in minor units
	Capacity  int
	Remaining int // how many of Capacity are on sale; the others are gone from the start
}

// CreateEvent opens a new sale and returns it.
func (h *Handlers) CreateEvent(_ context.Context, c CreateEvent) (Receipt, error) {
	open := sale.Open{
		Organizer: c.Organizer, Title: strings.TrimSpace(c.Title), Description: strings.TrimSpace(c.Description),
		Venue: strings.TrimSpace(c.Venue), Currency: c.Currency, At: h.now(),
	}
	if !c.StartsAt.IsZero() {
		open.StartsAt = c.StartsAt.UTC().Truncate(time.Microsecond)
	}
	for _, s := range c.Sections {
		open.Sections = append(open.Sections, sale.OpenSection{
			ID: newID(), Name: strings.TrimSpace(s.Name), Price: s.Price, Capacity: s.Capacity, OnSale: s.Remaining,
		})
	}
	if c.EventID == uuid.Nil {
		c.EventID = newID()
	}
	return receipt(h.writer.Do(c.EventID, open, by(newID(), c.Organizer, c.CorrelationID)))
}
