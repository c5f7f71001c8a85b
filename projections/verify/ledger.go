package verify

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
)

// A ledger is one sale as its events so far have it. Like everything that follows the log, it does what an event says even
// where that breaks a rule: what breaks later is then told for itself.
type ledger struct {
	id     uuid.UUID
	report *Report

	version, position int64 // of the last event
	commandID         uuid.UUID
	commandIndex      int16

	opened    sale.Opened
	closed    bool
	sections  []section
	remaining int // in all sections

	claims []sale.Claim
	byID   map[uuid.UUID]int       // into claims
	live   map[uuid.UUID]uuid.UUID // buyer → that buyer's live claim

	timeline timeline
}

// A section keeps its seats twice: as the events moved them, and as its live claims have them.
type section struct {
	sale.Section
	claimed struct{ held, booked int }
	drift   struct{ held, booked int } // by how much the two differ, as far as that has been told
}

func newLedger(id uuid.UUID, report *Report) *ledger {
	return &ledger{
		id: id, report: report, byID: make(map[uuid.UUID]int), live: make(map[uuid.UUID]uuid.UUID), timeline: newTimeline(),
	}
}

// apply checks the sale's next event and lets it happen.
func (l *ledger) apply(e *entry) {
	first := l.version == 0
	l.place(e)
	if e.err != nil {
		l.violate(ruleEvents, "an event", "%v", e.err)
		return
	}
	opened, opens := e.event.(sale.Opened)
	if opens != first {
		l.violate(ruleOpening, openingWords[first], "%s", e.eventType)
	}
	if opens {
		l.open(opened)
		return
	}
	l.happen(e.event)
	l.timeline.happen(e.event)
	for i := range l.sections {
		l.checkSeats(&l.sections[i])
	}
}

var openingWords = map[bool]string{true: "the sale to be opened first", false: "the sale to have been opened before"}

func (l *ledger) violate(broken rule, expected string, found string, args ...any) {
	l.report.violate(broken, Violation{
		Position: l.position, Stream: l.id, Version: l.version, Expected: expected, Found: fmt.Sprintf(found, args...),
	})
}

// place checks where the event stands, and goes there.
func (l *ledger) place(e *entry) {
	version, position := l.version, l.position
	l.version, l.position = e.version, e.position
	if e.version != version+1 {
		l.violate(ruleVersions, fmt.Sprintf("version %d", version+1), "version %d", e.version)
	}
	if e.position <= position {
		l.violate(ruleVersions, fmt.Sprintf("a position after %d", position), "position %d", e.position)
	}
	// That a command's number is taken once in the whole log is the database's to see to. So whatever begins with 0 is a
	// command's only beginning.
	index := int16(0)
	if e.commandID == l.commandID && e.position == position+1 {
		index = l.commandIndex + 1
	}
	if e.commandID == uuid.Nil {
		l.violate(ruleCommands, "the command's id", "none")
	} else if e.commandIndex != index {
		l.violate(ruleCommands, fmt.Sprintf("event %d of command %s", index, e.commandID), "its event %d", e.commandIndex)
	}
	l.commandID, l.commandIndex = e.commandID, e.commandIndex
}

func (l *ledger) open(e sale.Opened) {
	l.opened = e
	for _, s := range e.Sections {
		switch {
		case l.section(s.ID) != nil:
			l.violate(ruleOpening, "every section once", "section %s again", s.ID)
		case s.OnSale < 0 || s.OnSale > s.Capacity || s.Price < 0:
			l.violate(ruleOpening, "0 to capacity seats on sale, for 0 or more each", "%d of %d for %d", s.OnSale, s.Capacity, s.Price)
		}
		l.sections = append(l.sections, section{Section: sale.Section{
			ID: s.ID, Name: s.Name, Price: s.Price, Capacity: s.Capacity, OnSale: s.OnSale, Remaining: s.OnSale,
		}})
		l.remaining += s.OnSale
	}
}

func (l *ledger) section(id uuid.UUID) *section {
	for i := range l.sections {
		if l.sections[i].ID == id {
			return &l.sections[i]
		}
	}
	return nil
}

// move moves seats as an event says: to (or, negative, from) the held and the booked ones.
func (l *ledger) move(seats sale.Seats, held, booked int) {
	s := l.section(seats.Section)
	if s == nil {
		l.violate(ruleAmounts, "a section of this sale", "section %s", seats.Section)
		return
	}
	s.Held += held
	s.Booked += booked
	s.Remaining -= held + booked
	l.remaining -= held + booked
	if took := held + booked; took > 0 && s.Remaining < 0 {
		l.violate(ruleSeats, fmt.Sprintf("at most %d free seats of %q to be taken", s.Remaining+took, s.Name), "%d taken", took)
	}
}

// checkSeats tells when the seats of a section begin to differ from those of its live claims.
func (l *ledger) checkSeats(s *section) {
	held, booked := s.Held-s.claimed.held, s.Booked-s.claimed.booked
	if held == s.drift.held && booked == s.drift.booked {
		return
	}
	s.drift.held, s.drift.booked = held, booked
	if held != 0 || booked != 0 {
		l.violate(ruleSeats, fmt.Sprintf("%d held and %d booked in %q, as its live claims have them", s.claimed.held, s.claimed.booked, s.Name),
			"%d held and %d booked, with %d of %d remaining", s.Held, s.Booked, s.Remaining, s.OnSale)
	}
}

// started reports whether the event had begun by then.
func (l *ledger) started(at time.Time) bool {
	return !l.opened.StartsAt.IsZero() && !at.Before(l.opened.StartsAt)
}
