package rest

import (
	"fmt"
	"math"
	"net/http"

	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/query"
)

// eventHistory is for the organiser.
func (a *api) eventHistory(c *call) error {
	p := c.params()
	filter := query.HistoryFilter{Limit: p.integer("limit", 50, 200), Before: int64(p.integer("before", 0, math.MaxInt))}
	if err := p.err(); err != nil {
		return err
	}
	event, err := a.organizedEvent(c)
	if err != nil {
		return err
	}
	filter.EventID = event.ID
	recorded, err := a.Queries.History(c.r.Context(), filter)
	if err != nil {
		return err
	}
	page := HistoryPage{Data: make([]HistoryEntry, 0, len(recorded))}
	for _, r := range recorded {
		entry, err := entryOf(r, event)
		if err != nil {
			return err
		}
		page.Data = append(page.Data, entry)
	}
	if n := len(recorded); n > 0 && recorded[n-1].Version > 1 {
		page.Next = &recorded[n-1].Version
	}
	return c.json(http.StatusOK, page)
}

func entryOf(r query.RecordedEvent, of query.Event) (HistoryEntry, error) {
	happened, err := decodeRecorded(of.ID, r)
	if err != nil {
		return HistoryEntry{}, err
	}
	summary, at := teller{of}.tell(happened)
	entry := HistoryEntry{
		Version: r.Version, Position: r.Position, Type: r.Type, At: at.UTC(), RecordedAt: r.RecordedAt, Summary: summary, Data: r.Data,
	}
	if r.By != uuid.Nil {
		entry.By = &r.By
	}
	return entry, nil
}

func decodeRecorded(event uuid.UUID, r query.RecordedEvent) (sale.Event, error) {
	happened, err := sale.Decode(r.Type, r.Schema, r.Data)
	if err != nil {
		return nil, fmt.Errorf("event %s version %d: %w", event, r.Version, err)
	}
	return happened, nil
}
