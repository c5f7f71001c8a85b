package sale

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What an organiser may put on sale.
const (
	maxTitle       = 200 // characters
	maxDescription = 5000
	maxVenue       = 200
	maxSection     = 100 // characters of a section's name
	maxSections    = 100
	maxCapacity    = 1_000_000         // seats in a section
	maxPrice       = 1_000_000_000_000 // minor units
	maxYear        = 9999              // of RFC 3339
)

func (c Open) decide(*Sale) ([]Event, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	opened := Opened{
		Organizer: c.Organizer, Title: c.Title, Description: c.Description, Venue: c.Venue,
		StartsAt: c.StartsAt, TimeZone: c.TimeZone, Currency: c.Currency, At: c.At,
	}
	for _, s := range c.Sections {
		opened.Sections = append(opened.Sections, OpenedSection(s))
	}
	return []Event{opened}, nil
}

// again says what it is to open a sale that is open already.
func (c Open) again(s *Sale) error {
	switch {
	case !c.Repeatable:
		return ErrEventExists
	case !c.made(s):
		return ErrKeyReused
	}
	return nil
}

// made reports whether such a command opened the sale. The time, and the ids of sections, are new in each.
func (c Open) made(s *Sale) bool {
	return c.Organizer == s.Organizer && c.Title == s.Title && c.Description == s.Description && c.Venue == s.Venue &&
		c.StartsAt.Equal(s.StartsAt) && c.TimeZone == s.TimeZone && c.Currency == s.Currency &&
		slices.EqualFunc(c.Sections, s.Sections, func(asked OpenSection, is Section) bool {
			return asked.Name == is.Name && asked.Price == is.Price && asked.Capacity == is.Capacity && asked.OnSale == is.OnSale
		})
}

// validate tells everything that is wrong at once.
func (c Open) validate() error {
	problems := []error{
		checkText("title", c.Title, 1, maxTitle),
		checkText("description", c.Description, 0, maxDescription),
		checkText("venue", c.Venue, 0, maxVenue),
		checkCurrency(c.Currency),
		checkStart(c.StartsAt, c.At),
	}
	if n := len(c.Sections); n < 1 || n > maxSections {
		problems = append(problems, invalid("sections", "must be 1 to %d sections", maxSections))
	}
	names := make(map[string]bool, len(c.Sections))
	for i, s := range c.Sections[:min(len(c.Sections), maxSections)] {
		field := fmt.Sprintf("sections[%d].", i)
		problems = append(problems, checkText(field+"name", s.Name, 1, maxSection))
		if name := strings.ToLower(s.Name); names[name] {
			problems = append(problems, invalid(field+"name", "must differ from the other sections' names"))
		} else {
			names[name] = true
		}
		if s.Price < 0 || s.Price > maxPrice {
			problems = append(problems, invalid(field+"price", "must be 0 or more, and at most %d minor units", int64(maxPrice)))
		}
		if s.Capacity < 1 || s.Capacity > maxCapacity {
			problems = append(problems, invalid(field+"capacity", "must be 1 to %d", maxCapacity))
		} else if s.OnSale < 0 || s.OnSale > s.Capacity {
			problems = append(problems, invalid(field+"remaining", "must be 0 to the section's capacity, %d", s.Capacity))
		}
	}
	return errors.Join(problems...)
}

// checkText wants shortest to longest characters, of which none controls anything beside the text.
func checkText(field, text string, shortest, longest int) error {
	length := utf8.RuneCountInString(text)
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, controls):
		return invalid(field, "must be text without control characters")
	case length < shortest || length > longest:
		return invalid(field, "must be %d to %d characters", shortest, longest)
	case shortest > 0 && strings.TrimSpace(text) == "":
		return invalid(field, "must not be blank")
	}
	return nil
}

// controls reports whether a character moves a terminal's cursor or turns the direction of what stands beside the text: but for line
// breaks, tabs, and marks that have a direction and turn nothing else.
func controls(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\u200e', '\u200f', '\u061c':
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

func checkCurrency(code string) error {
	if len(code) != 3 || strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return invalid("currency", "must be a three-letter code such as EUR")
	}
	return nil
}

func checkStart(startsAt, now time.Time) error {
	switch {
	case startsAt.IsZero():
		return nil
	case !startsAt.After(now):
		return invalid("date", "must be in the future: nothing is sold after the event has started")
	case startsAt.UTC().Year() > maxYear:
		return invalid("date", "must be before the year %d", maxYear+1)
	}
	return nil
}
