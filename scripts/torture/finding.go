package main

// A finding is something that must not be.
type finding struct {
	By    finder `json:"by"`
	Event int    `json:"event"` // its index, or noEvent
	What  string `json:"what"`
}

// noEvent is in the place of a finding's event where it is about no one of them.
const noEvent = -1

// A finder is who finds things.
type finder string

const (
	byPorcupine finder = "porcupine"     // the answers fit no order
	byLog       finder = "the log"       // it does not add up, or answers are not as it says
	byRead      finder = "a read"        // only what it showed is wrong
	byVerify    finder = "onsale verify" // by the program's own rules
	byHarness   finder = "the harness"   // nodes did not catch up, or did not end as they should
)
