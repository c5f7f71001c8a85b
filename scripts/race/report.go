package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// paint colours the verdict: only on a terminal, and never with NO_COLOR set.
type paint struct{ on bool }

func newPaint(w io.Writer, getenv func(string) string) paint {
	f, ok := w.(*os.File)
	if !ok || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return paint{}
	}
	info, err := f.Stat()
	return paint{on: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p paint) green(s string) string { return p.wrap("\x1b[32m", s) }
func (p paint) red(s string) string   { return p.wrap("\x1b[31m", s) }

func (p paint) wrap(code, s string) string {
	if !p.on {
		return s
	}
	return code + s + "\x1b[0m"
}

func printStart(w io.Writer, sc scenario, st stage) {
	fmt.Fprintf(w, "=== %s ===\n", sc.heading)
	where, each := "", ""
	if len(st.event.Sections) > 1 {
		where = fmt.Sprintf(", section %q", st.section.Name)
	}
	if sc.quantity > 1 {
		each = fmt.Sprintf(" for %d tickets each", sc.quantity)
	}
	fmt.Fprintf(w, "Event: %q%s (%s available)\n", st.event.Title, where, count(st.section.Remaining, "ticket"))
	fmt.Fprintf(w, "Sending %s%s...\n", count(sc.users, "simultaneous booking request"), each)
}

func printVerdict(w io.Writer, v verdict, p paint) {
	fmt.Fprintf(w, "\nResults:\n  Successful bookings: %d\n", v.booked)
	if v.soldOut > 0 || v.notEnough == 0 {
		fmt.Fprintf(w, "  Rejected (no tickets): %d\n", v.soldOut)
	}
	if v.notEnough > 0 {
		fmt.Fprintf(w, "  Rejected (not enough tickets): %d\n", v.notEnough)
	}
	for _, s := range v.surprises() {
		fmt.Fprintf(w, "  Unexpected: %s\n", s)
	}
	if v.unknown {
		fmt.Fprintln(w, "  Remaining tickets after test: unknown")
	} else {
		fmt.Fprintf(w, "  Remaining tickets after test: %d\n", v.remaining)
	}
	fmt.Fprintln(w)
	if v.passed() {
		fmt.Fprintln(w, p.green("TEST PASSED: No overselling detected"))
		return
	}
	fmt.Fprintln(w, p.red("TEST FAILED: "+v.reasons[0]))
	for _, r := range v.reasons[1:] {
		fmt.Fprintln(w, p.red("             "+r))
	}
}

// printNotes tells how the race went, which is no part of the verdict.
func printNotes(w io.Writer, outcomes []outcome, took time.Duration, seen sighting) {
	fastest, slowest, reconnected := outcomes[0].took, outcomes[0].took, 0
	for _, o := range outcomes {
		fastest, slowest = min(fastest, o.took), max(slowest, o.took)
		if o.reconnected {
			reconnected++
		}
	}
	fmt.Fprintf(w, "The race took %s (fastest answer %s, slowest %s); ", short(took), short(fastest), short(slowest))
	fmt.Fprintf(w, "remaining was read %s meanwhile, between %d and %d.\n", count(seen.looks, "time"), seen.low, seen.high)
	if seen.missed > 0 {
		fmt.Fprintf(w, "The server was too busy for %s at the remaining count.\n", count(seen.missed, "more look"))
	}
	if reconnected > 0 {
		fmt.Fprintf(w, "%s had to connect anew during the race.\n", count(reconnected, "buyer"))
	}
}

func short(d time.Duration) string {
	if d < time.Second {
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// count says "1 ticket", "2 tickets".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
