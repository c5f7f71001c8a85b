package main

import (
	"fmt"
	"strings"
	"time"
)

// A call is one request to the API and what came of it.
type call struct {
	ID     int    `json:"id"`
	Worker int    `json:"worker"`
	Node   int    `json:"node"`
	Event  int    `json:"event"` // index into the round's events
	What   string `json:"what"`  // one of the words below
	Buyer  int    `json:"buyer"` // index into the event's buyers

	Section int    `json:"section,omitempty"` // index into the event's sections
	Qty     int    `json:"qty,omitempty"`
	Key     string `json:"key,omitempty"`   // the Idempotency-Key; empty: none
	Claim   string `json:"claim,omitempty"` // the hold or booking that is confirmed, released or cancelled
	After   int64  `json:"after,omitempty"` // the Onsale-Position that a read sent

	// Request is the X-Request-Id, under which the log has what the call did.
	Request string `json:"request"`

	Called   time.Duration `json:"called"` // both since the run began
	Returned time.Duration `json:"returned"`
	Answer   answer        `json:"answer"`

	ttl  time.Duration // how long a hold lasts
	paid bool          // a booking is paid for
}

// What is called.
const (
	book    = "book"
	hold    = "hold"
	confirm = "confirm"
	release = "release"
	cancel  = "cancel"

	read         = "read"     // GET /events/{id}
	listEvents   = "list"     // GET /events
	listBookings = "bookings" // GET /bookings, the buyer's own
	listHolds    = "holds"    // GET /holds, likewise
)

// reads reports whether the call only looks.
func (c *call) reads() bool {
	return c.What == read || c.What == listEvents || c.What == listBookings || c.What == listHolds
}

// A verdict is what an answer says of whether the call took place.
type verdict string

const (
	acknowledged verdict = "acknowledged"
	refused      verdict = "refused" // by a rule, which was true
	nothing      verdict = "nothing" // not carried out, and promised so
	unknown      verdict = "unknown" // perhaps, once, at any time after the call
)

// An answer is what the client heard.
type answer struct {
	Verdict   verdict       `json:"verdict"`
	Status    int           `json:"status,omitempty"` // 0: none came
	Code      string        `json:"code,omitempty"`   // of a problem
	Claim     string        `json:"claim,omitempty"`  // the hold or booking it names
	Version   int64         `json:"version,omitempty"`
	Remaining int           `json:"remaining,omitempty"`
	Events    []listing     `json:"events,omitempty"`   // of a read: what it shows
	Claims    []possession  `json:"claims,omitempty"`   // of a list of bookings or holds, likewise
	Total     int           `json:"total,omitempty"`    // of a list: how many there are on all its pages
	Position  int64         `json:"position,omitempty"` // 0: none was told
	Expires   time.Duration `json:"expires,omitempty"`  // of a hold, since the run began
	Replayed  bool          `json:"replayed,omitempty"`
	Problem   string        `json:"problem,omitempty"` // why no answer came, or why it cannot be right
}

// A listing is an event as a read shows it.
type listing struct {
	ID       string `json:"id"`
	Version  int64  `json:"version"`
	Left     int    `json:"left"`
	Sections []int  `json:"sections"` // what is left in each
}

func (l listing) String() string { return fmt.Sprintf("version %d, left %v", l.Version, l.Sections) }

// A possession is a booking or hold as a read shows it.
type possession struct {
	ID      string `json:"id"`
	Event   string `json:"event"`
	Section string `json:"section"`
	Qty     int    `json:"qty"`
	Status  string `json:"status"`
}

func (p possession) String() string {
	return fmt.Sprintf("%s %s of %d", strings.ToLower(p.Status), short(p.ID), p.Qty)
}

func (c *call) String() string { return c.asked() + " → " + c.Answer.String() }

// asked is the call without what came of it.
func (c *call) asked() string {
	what := fmt.Sprintf("%9.4f-%9.4f  #%-5d node %d  buyer %2d  %s", c.Called.Seconds(), c.Returned.Seconds(), c.ID, c.Node, c.Buyer, c.What)
	switch c.What {
	case book, hold:
		what += fmt.Sprintf(" %d in section %d", c.Qty, c.Section)
		if c.Key != "" {
			what += " key " + c.Key
		}
	case read, listEvents, listBookings, listHolds:
		if c.After > 0 {
			what += fmt.Sprint(" with position ", c.After)
		}
	default:
		what += " " + short(c.Claim)
	}
	return what
}

func (a answer) String() string {
	text := string(a.Verdict)
	if a.Code != "" {
		text += " " + a.Code
	}
	if a.Claim != "" {
		text += " " + short(a.Claim)
	}
	if a.Version != 0 {
		text += fmt.Sprintf(", version %d, %d left", a.Version, a.Remaining)
	}
	if a.Events != nil {
		text += fmt.Sprint(" ", a.Events)
	}
	if a.Claims != nil {
		text += fmt.Sprint(" ", a.Claims)
	}
	if a.Replayed {
		text += ", again"
	}
	if a.Problem != "" {
		text += " (" + a.Problem + ")"
	}
	return text
}

// short is enough of an id to tell it from others: its end, for they begin with the time.
func short(id string) string { return "…" + id[max(0, len(id)-6):] }
