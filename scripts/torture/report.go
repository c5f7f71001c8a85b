package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Counts is what clients were told.
type counts struct {
	Acknowledged int `json:"acknowledged"`
	Refused      int `json:"refused"`
	Nothing      int `json:"notCarriedOut"` // 503, or not sent: promised to have done nothing
	Unknown      int `json:"unknown"`
	Reads        int `json:"reads"`  // that were answered
	RanOut       int `json:"ranOut"` // holds, and payments whose node had died
	Lost         int `json:"lost"`   // acknowledged, and not in the log
	Oversold     int `json:"oversold"`
	Steps        int `json:"steps"` // of the histories that porcupine was given

	Codes map[string]int `json:"answers"` // by code, or status; 0: none came
}

func (n *counts) count(c *call) {
	if n.Codes == nil {
		n.Codes = make(map[string]int)
	}
	n.Codes[cmp.Or(c.Answer.Code, strconv.Itoa(c.Answer.Status))]++
	switch {
	case c.reads():
		if c.Answer.Verdict == acknowledged {
			n.Reads++
		}
	case c.Answer.Verdict == acknowledged:
		n.Acknowledged++
	case c.Answer.Verdict == refused:
		n.Refused++
	case c.Answer.Verdict == nothing:
		n.Nothing++
	default:
		n.Unknown++
	}
}

// A result is what became of one round.
type result struct {
	Seed     uint64
	Faults   map[string]int
	Plan     []fault
	Findings []finding
	counts

	clocks  []offsets
	failing []history
}

// A history is the steps of a sale that fit no order.
type history struct {
	event *event
	first *state
	steps []*step
}

func (res *result) good() bool { return len(res.Findings) == 0 }

func (res *result) line() string {
	faults := 0
	for _, n := range res.Faults {
		faults += n
	}
	verdict := "good"
	if !res.good() {
		verdict = "BAD"
	}
	return fmt.Sprintf("%3d faults, %5d acknowledged, %5d refused, %4d unknown, %d lost, %d oversold: %s",
		faults, res.Acknowledged, res.Refused, res.Unknown, res.Lost, res.Oversold, verdict)
}

// A report is what became of all rounds that came to their end, or in which something was found.
type report struct {
	Seed   uint64         `json:"seed"`
	Break  sin            `json:"break,omitempty"`
	Rounds int            `json:"rounds"`
	Faults map[string]int `json:"faults"`
	counts
	Findings []finding `json:"findings"`
	CaughtBy []finder  `json:"caughtBy,omitempty"`
	Verdict  ending    `json:"verdict"`
	Why      string    `json:"why"`  // it is that
	Good     bool      `json:"good"` // it passed
}

func (r *report) add(res result) {
	r.Rounds++
	for kind, n := range res.Faults {
		r.Faults[kind] += n
	}
	r.Acknowledged += res.Acknowledged
	r.Refused += res.Refused
	r.Nothing += res.Nothing
	r.Unknown += res.Unknown
	r.Reads += res.Reads
	r.RanOut += res.RanOut
	if r.Codes == nil {
		r.Codes = make(map[string]int)
	}
	for code, n := range res.Codes {
		r.Codes[code] += n
	}
	r.Lost += res.Lost
	r.Oversold += res.Oversold
	r.Steps += res.Steps
	r.Findings = append(r.Findings, res.Findings...)
	for _, f := range res.Findings {
		if !slices.Contains(r.CaughtBy, f.By) {
			r.CaughtBy = append(r.CaughtBy, f.By)
		}
	}
}

// print writes the report; its last line is what the run has come to.
func (r *report) print(out io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n=== Torture ===\nRounds:           %d (seed %d)\nFaults:\n", r.Rounds, r.Seed)
	if len(r.Faults) == 0 {
		fmt.Fprintln(&b, "  none")
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Faults)) {
		fmt.Fprintf(&b, "  %-38s %d\n", kind, r.Faults[kind])
	}
	fmt.Fprintf(&b, "Acknowledged:     %d\nRefused:          %d\nNot carried out:  %d\nUnknown:          %d\nReads:            %d\nHolds that ended: %d\nLost:             %d\nOversold:         %d\n",
		r.Acknowledged, r.Refused, r.Nothing, r.Unknown, r.Reads, r.RanOut, r.Lost, r.Oversold)
	if r.Break != noSin {
		fmt.Fprintf(&b, "Broken on purpose: %s, which must be found by %s\n", r.Break, names(r.Break.catchers()))
	}
	fmt.Fprintf(&b, "\n%s: %s\n", strings.ToUpper(string(r.Verdict)), r.Why)
	_, err := io.WriteString(out, b.String())
	return err
}
