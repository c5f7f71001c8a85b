package rest

import (
	"slices"
	"time"

	"onsale/command"
	"onsale/command/sale"
	"onsale/query"
)

// visibility says whether an answer may name the buyer.
type visibility bool

const (
	withoutBuyer visibility = false
	withBuyer    visibility = true
)

func eventOf(e query.Event) Event {
	listing := listingOf(e)
	return Event{
		ID: listing.ID, Title: listing.Title, Name: listing.Title, Description: listing.Description, Date: listing.Date,
		Venue: listing.Venue, TotalTickets: listing.TotalTickets, RemainingTickets: listing.RemainingTickets,
		TimeZone: listing.TimeZone, Price: listing.Price, Currency: listing.Currency, Sections: listing.Sections,
		OrganizerID: listing.OrganizerID, Version: listing.Version, Closed: listing.Closed,
	}
}

func listingOf(e query.Event) EventListing {
	out := EventListing{
		ID: e.ID, Title: e.Title, Description: e.Description, Date: dateOf(e.StartsAt), TimeZone: zoneOf(e.TimeZone),
		Venue: e.Venue, TotalTickets: e.Capacity, RemainingTickets: e.Remaining, Price: money(e.Price, e.Currency), Currency: e.Currency,
		Sections: make([]Section, 0, len(e.Sections)), OrganizerID: e.Organizer, Version: e.Version, Closed: e.Closed,
	}
	for _, s := range e.Sections {
		out.Sections = append(out.Sections, Section{
			ID: s.ID, Name: s.Name, Price: money(s.Price, e.Currency), Capacity: s.Capacity, Remaining: s.Remaining,
		})
	}
	return out
}

// newEvent shows an event that was just put on sale, before the views know of it.
func newEvent(c command.CreateEvent, s sale.Summary) Event {
	out := Event{
		ID: s.ID, Title: s.Title, Name: s.Title, Description: c.Description, Date: dateOf(c.StartsAt), TimeZone: zoneOf(c.TimeZone),
		Venue: c.Venue, RemainingTickets: s.Remaining, Currency: s.Currency, Sections: make([]Section, 0, len(s.Sections)),
		OrganizerID: c.Organizer, Version: s.Version,
	}
	for _, section := range s.Sections {
		out.TotalTickets += section.Capacity
		out.Sections = append(out.Sections, Section{
			ID: section.ID, Name: section.Name, Price: money(section.Price, s.Currency),
			Capacity: section.Capacity, Remaining: section.Remaining,
		})
	}
	cheapest := slices.MinFunc(s.Sections, func(a, b sale.Section) int { return int(min(max(a.Price-b.Price, -1), 1)) })
	out.Price = money(cheapest.Price, s.Currency)
	return out
}

// dateOf is null for an event without a date.
func dateOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// zoneOf is null for an event without a time zone of its own.
func zoneOf(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}

func bookingDetailsOf(b query.Booking, show visibility) BookingDetails {
	out := BookingDetails{
		ID: b.ID, Status: BookingStatus(b.Status), Quantity: b.Quantity,
		Amount: money(b.Amount, b.Event.Currency), Currency: b.Event.Currency, CreatedAt: b.CreatedAt, CancelledAt: b.CancelledAt,
		Event: eventBriefOf(b.Event), Section: sectionBriefOf(b.Section, b.Event.Currency),
	}
	if show == withBuyer {
		out.User = &Buyer{ID: b.Buyer.ID, Name: b.Buyer.Name, Email: b.Buyer.Email}
	}
	return out
}

func eventBriefOf(e query.Event) EventBrief {
	return EventBrief{ID: e.ID, Title: e.Title, Date: dateOf(e.StartsAt), TimeZone: zoneOf(e.TimeZone), Venue: e.Venue}
}

func sectionBriefOf(s query.Section, currency string) SectionBrief {
	return SectionBrief{ID: s.ID, Name: s.Name, Price: money(s.Price, currency)}
}
