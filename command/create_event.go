package command

import (
	"context"
	"crypto/sha256"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// CreateEvent asks for an event's tickets to be put on sale.
type CreateEvent struct {
	EventID        uuid.UUID // a UUIDv7; zero: a new one. Not with an IdempotencyKey, which makes it
	Organizer      uuid.UUID
	Title          string
	Description    string
	Venue          string
	StartsAt       time.Time // zero: no date
	TimeZone       string    // IANA name of the zone of the venue, such as Europe/Berlin; empty: none
	Currency       string    // ISO 4217
	Sections       []SectionSpec
	IdempotencyKey string // the organiser's own name for this request, which makes the event's id; empty: none
	CorrelationID  string
}

// SectionSpec is one section of an event that is created.
type SectionSpec struct {
	Name      string
	Price     int64 // for one seat, in minor units
	Capacity  int
	Remaining int // how many of Capacity are on sale; the others are gone from the start
}

// CreateEvent opens a new sale and returns it. Of requests with one idempotency key the first opens it, and the others get the
// same receipt: they are for the same stream, and of a stream there is one first event.
//
// That the time zone exists is found out here: it takes I/O, which the sale knows nothing of. Whatever else is wrong is told
// with it.
func (h *Handlers) CreateEvent(ctx context.Context, c CreateEvent) (Receipt, error) {
	open := sale.Open{
		Organizer: c.Organizer, Title: strings.TrimSpace(c.Title), Description: strings.TrimSpace(c.Description),
		Venue: strings.TrimSpace(c.Venue), TimeZone: c.TimeZone, Currency: c.Currency, At: h.now(),
	}
	if !c.StartsAt.IsZero() {
		open.StartsAt = c.StartsAt.UTC().Truncate(time.Microsecond)
	}
	for _, s := range c.Sections {
		open.Sections = append(open.Sections, sale.OpenSection{
			ID: newID(), Name: strings.TrimSpace(s.Name), Price: s.Price, Capacity: s.Capacity, OnSale: s.Remaining,
		})
	}
	if !knownTimeZone(c.TimeZone) {
		_, others := sale.Decide(&sale.Sale{}, open)
		return Receipt{}, errors.Join(others, &sale.FieldError{Field: "timeZone", Problem: mustBeTimeZone})
	}
	switch {
	case c.IdempotencyKey != "":
		c.EventID, open.Repeatable = eventOf(c.Organizer, c.IdempotencyKey), true
	case c.EventID == uuid.Nil:
		c.EventID = newID()
	}
	return opened(h.do(ctx, c.EventID, open, by(newID(), c.Organizer, c.CorrelationID)))
}

// eventOf is the id of the event that an organiser's key stands for: a UUIDv8, so that no id which is made otherwise is one.
func eventOf(organizer uuid.UUID, key string) uuid.UUID {
	return uuid.NewHash(sha256.New(), organizer, []byte(key), 8)
}

// opened is the receipt of a sale as it was when it was opened, whatever has been sold since: a repeated request gets the answer
// that the first one got.
func opened(o Outcome, err error) (Receipt, error) {
	r, err := receipt(o, err)
	if err != nil {
		return r, err
	}
	r.Event.Version, r.Event.Remaining = 1, 0
	for i := range r.Event.Sections {
		s := &r.Event.Sections[i]
		s.Remaining, s.Held, s.Booked = s.OnSale, 0, 0
		r.Event.Remaining += s.OnSale
	}
	return r, nil
}

const mustBeTimeZone = "must be the name of an IANA time zone, such as Europe/Berlin"

// timeZoneName keeps out the other files that lie beside the zones on many systems, such as localtime, and the other makings
// of all zones, such as right/Europe/Berlin, which no browser knows.
var timeZoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)

// knownTimeZone reports whether there is such a zone, or none is named. Local is this machine's, and nobody else's.
func knownTimeZone(name string) bool {
	if name == "" {
		return true
	}
	if name == "Local" || !timeZoneName.MatchString(name) {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
