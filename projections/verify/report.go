package verify

import "github.com/google/uuid"

// Examples is how many violations of each rule a report shows.
const Examples = 20

// A Report is what a verification found.
type Report struct {
	Position    int64        `json:"position"` // of the last event in the log
	Events      int64        `json:"events"`   // replayed
	Sales       int64        `json:"sales"`
	Bookings    int64        `json:"bookings"` // confirmed, cancelled ones included
	Violations  int64        `json:"violations"`
	Warnings    int64        `json:"warnings"`
	Projections []Projection `json:"projections"`
	Checks      []Check      `json:"checks"` // every rule, broken or not
}

// Clean reports whether no rule is broken.
func (r Report) Clean() bool { return r.Violations == 0 }

// A Projection says how far the tables were that were compared.
type Projection struct {
	Name     string `json:"name"`
	Position int64  `json:"position"`
	Behind   int64  `json:"behind"`           // the log, in events
	Halted   string `json:"halted,omitempty"` // why it cannot go on
}

// A Check is one rule and how often it is broken.
type Check struct {
	Name    string `json:"name"`
	Promise string `json:"promise"`
	// Warning says that nobody is misled when the rule is broken: it is worth knowing, and no violation.
	Warning bool        `json:"warning,omitempty"`
	Broken  int64       `json:"broken"`
	First   []Violation `json:"first,omitempty"` // at most Examples
}

// A Violation is one place at which a rule is broken.
type Violation struct {
	Position int64     `json:"position,omitempty"` // in the log: of the event, or up to which a table was compared
	Stream   uuid.UUID `json:"stream,omitzero"`
	Version  int64     `json:"version,omitempty"`
	Expected string    `json:"expected"`
	Found    string    `json:"found"`
}

// A rule is an index into [Report].Checks.
type rule int

const (
	rulePositions rule = iota
	ruleVersions
	ruleCommands
	ruleEvents
	ruleOpening
	ruleAmounts
	ruleSeats
	ruleOneEach
	ruleClaims
	ruleStarted
	ruleClosed
	ruleListings
	ruleBookings
	ruleTimeline
	ruleSnapshots
	ruleCompared
)

func newReport() *Report {
	return &Report{Projections: []Projection{}, Checks: []Check{
		rulePositions: {Name: "positions", Promise: "positions in the log run 1, 2, 3, … without gaps or repeats"},
		ruleVersions:  {Name: "versions", Promise: "each sale's versions run 1, 2, 3, … and their positions increase"},
		ruleCommands:  {Name: "commands", Promise: "each event names its command, and a command's events stand together"},
		ruleEvents:    {Name: "events", Promise: "each event is of a type and schema that this program reads"},
		ruleOpening:   {Name: "opening", Promise: "a sale begins by being opened, and is opened once"},
		ruleAmounts:   {Name: "amounts", Promise: "who takes seats takes 1 to 10 of one section, at its price each"},
		ruleSeats:     {Name: "seats", Promise: "remaining + held + booked = the seats on sale, and none is negative"},
		ruleOneEach:   {Name: "one each", Promise: "a buyer has at most one live hold or booking of a sale"},
		ruleClaims:    {Name: "claims", Promise: "what is paid for, confirmed or ended was there for that, with the same buyer and seats"},
		ruleStarted:   {Name: "started", Promise: "nothing is sold once the event has started, except what was being paid for"},
		ruleClosed:    {Name: "closed", Promise: "a sale is closed once, and nothing is sold from then on, except what was being paid for"},
		ruleListings:  {Name: "listings", Promise: "the tables of listings are what the log adds up to"},
		ruleBookings:  {Name: "bookings", Promise: "the table of bookings is what the log adds up to"},
		ruleTimeline:  {Name: "sales timeline", Promise: "the tables of the sales timeline are what the log adds up to"},
		// A snapshot is worse than none when it is wrong: a writer decides on it, and the key that judges its append
		// compares versions only.
		ruleSnapshots: {Name: "snapshots", Promise: "each snapshot is the sale at its version; wrong ones mislead, and may be deleted"},
		ruleCompared:  {Name: "compared", Promise: "all there is can be compared", Warning: true},
	}}
}

func (r *Report) violate(broken rule, v Violation) {
	c := &r.Checks[broken]
	c.Broken++
	if len(c.First) < Examples {
		c.First = append(c.First, v)
	}
}

// total counts what is broken.
func (r *Report) total() Report {
	for _, c := range r.Checks {
		if c.Warning {
			r.Warnings += c.Broken
		} else {
			r.Violations += c.Broken
		}
	}
	return *r
}
