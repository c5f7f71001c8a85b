package main

import (
	"fmt"
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
	read    = "read"
)

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
	Sections  []int         `json:"sections,omitempty"` // of a read: what is left in each
	Position  int64         `json:"position,omitempty"` // 0: none was told
	Expires   time.Duration `json:"expires,omitempty"`  // of a hold, since the run began
	Replayed  bool          `json:"replayed,omitempty"`
	Problem   string        `json:"problem,omitempty"` // why no answer came, or why it cannot be right
}

func (c *call) String() string {
	what := fmt.Sprintf("%9.4f-%9.4f  #%-5d node %d  buyer %2d  %s", c.Called.Seconds(), c.Returned.Seconds(), c.ID, c.Node, c.Buyer, c.What)
	switch c.What {
	case book, hold:
		what += fmt.Sprintf(" %d in section %d", c.Qty, c.Section)
		if c.Key != "" {
			what += " key " + c.Key
		}
	case read:
	default:
		what += " " + short(c.Claim)
	}
	return what + " → " + c.Answer.String()
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
