package rest

import (
	"strconv"
	"strings"

	"onsale/command"
)

// onlySection is what the section of an event with totalTickets and price is called.
const onlySection = "General admission"

func (a *api) createEvent(c *call) error {
	in, err := decode[CreateEvent](c)
	if err != nil {
		return err
	}
	event, err := in.command()
	if err != nil {
		return err
	}
	if event.IdempotencyKey, err = idempotencyKey(c.r); err != nil {
		return err
	}
	event.Organizer, event.CorrelationID = c.caller.UserID, c.id
	receipt, err := a.Commands.CreateEvent(c.r.Context(), event)
	c.position(receipt.Position)
	if err != nil {
		return in.inItsWords(err)
	}
	c.replayed(receipt)
	return c.created("/events/", receipt.Event.ID, newEvent(event, receipt.Event))
}

// command turns either form of the body into the command. What the values may be is the sale's to say.
func (in *CreateEvent) command() (command.CreateEvent, error) {
	var wrong problems
	event := command.CreateEvent{
		Title:       in.title(&wrong),
		Description: trimmed(in.Description), Venue: trimmed(in.Venue), TimeZone: trimmed(in.TimeZone),
		Currency: defaultCurrency,
	}
	if in.Currency != nil {
		event.Currency = *in.Currency
	}
	if in.TimeZone != nil && event.TimeZone == "" {
		wrong.add("timeZone", codeInvalid, "must not be empty: leave it out for none")
	}
	if in.Date != nil {
		event.StartsAt = *in.Date
	}
	switch whole := in.TotalTickets != nil || in.Price != nil; {
	case in.Sections == nil && !whole:
		wrong.add("sections", codeRequired, "is required, or else totalTickets and price")
	case in.Sections != nil && whole:
		wrong.add("sections", codeInvalid, "must not come together with totalTickets or price")
	case whole:
		event.Sections = in.single(event.Currency, &wrong)
	default:
		event.Sections = in.several(event.Currency, &wrong)
	}
	return event, wrong.err()
}

func (in *CreateEvent) title(wrong *problems) string {
	title, name := trimmed(in.Title), trimmed(in.Name)
	switch {
	case in.Title == nil && in.Name == nil:
		wrong.add("title", codeRequired, "is required")
	case in.Title == nil:
		return name
	case in.Name != nil && name != title:
		wrong.add("name", codeInvalid, "is another word for title, and must not differ from it")
	}
	return title
}

func (in *CreateEvent) single(currency string, wrong *problems) []command.SectionSpec {
	if in.TotalTickets == nil {
		wrong.add("totalTickets", codeRequired, "is required with price")
		return nil
	}
	if in.Price == nil {
		wrong.add("price", codeRequired, "is required with totalTickets")
		return nil
	}
	price := wrong.price("price", *in.Price, currency)
	return []command.SectionSpec{{Name: onlySection, Price: price, Capacity: *in.TotalTickets, Remaining: *in.TotalTickets}}
}

func (in *CreateEvent) several(currency string, wrong *problems) []command.SectionSpec {
	sections := make([]command.SectionSpec, 0, len(in.Sections))
	for i, s := range in.Sections {
		spec := command.SectionSpec{
			Name: strings.TrimSpace(s.Name), Capacity: s.Capacity, Remaining: s.Capacity,
			Price: wrong.price("sections["+strconv.Itoa(i)+"].price", s.Price, currency),
		}
		if s.Remaining != nil {
			spec.Remaining = *s.Remaining
		}
		sections = append(sections, spec)
	}
	return sections
}

// inItsWords has an error name the fields as the body had them.
func (in *CreateEvent) inItsWords(err error) error {
	fields := invalidFields(err)
	if len(fields) == 0 {
		return err
	}
	for i, f := range fields {
		switch {
		case f.Field == "title" && in.Title == nil:
			fields[i].Field = "name"
		case f.Field == "sections[0].price" && in.Sections == nil:
			fields[i].Field = "price"
		case f.Field == "sections[0].capacity" && in.Sections == nil:
			fields[i].Field = "totalTickets"
		}
	}
	return &fault{reason: errInvalid, fields: fields}
}

// price reads an amount of money that stands in field.
func (p *problems) price(field string, price Money, currency string) int64 {
	minor, problem := minorUnits(price, currency)
	if problem != "" {
		p.add(field, codeInvalid, problem)
	}
	return minor
}

func trimmed(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}
