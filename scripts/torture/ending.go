package main

import (
	"fmt"
	"slices"
	"strings"
)

// An ending is what a run has come to.
type ending string

const (
	passed    ending = "passed"
	failed    ending = "failed"     // something was found that must not be
	caught    ending = "caught"     // what was broken on purpose was found, by all who must find it
	notCaught ending = "not caught" // it was not, by one of them at least
	noVerdict ending = "no verdict" // the run has not come to its end, or shows nothing
)

func (e ending) exitCode() int {
	switch e {
	case passed:
		return exitGood
	case failed, caught:
		return exitBad
	default:
		return exitNone
	}
}

// conclude decides what the run has come to. err is why it ended before its time, or could not be carried out. What was found counts
// all the same; that nothing was found does not.
func (r *report) conclude(err error) {
	r.Verdict, r.Why = r.ending(err)
	r.Good = r.Verdict == passed
}

func (r *report) ending(err error) (_ ending, why string) {
	missing := slices.DeleteFunc(r.Break.catchers(), func(f finder) bool { return slices.Contains(r.CaughtBy, f) })
	found, control := len(r.Findings) > 0, r.Break != noSin
	switch {
	case found && !control:
		return failed, "found by " + names(r.CaughtBy)
	case found && len(missing) == 0:
		return caught, "found by " + names(r.CaughtBy)
	case err != nil:
		first, _, _ := strings.Cut(err.Error(), "\n")
		return noVerdict, first + "; " + r.seen()
	case found:
		return notCaught, "not found by " + names(missing) + ", but by " + names(r.CaughtBy)
	case control:
		return notCaught, fmt.Sprintf("nothing was found in %d rounds", r.Rounds)
	case r.Rounds == 0:
		return noVerdict, r.seen()
	case !r.shows():
		return noVerdict, "where nothing is sold, refused, read or broken, nothing is shown"
	default:
		return passed, fmt.Sprintf("%d steps fit one order, nothing is lost, nothing oversold", r.Steps)
	}
}

// seen is what a run has seen that has not come to its end.
func (r *report) seen() string {
	switch {
	case len(r.Findings) > 0:
		return "until then something was found by " + names(r.CaughtBy)
	case r.Rounds == 0:
		return "no round came to its end"
	default:
		return fmt.Sprintf("rounds that came to their end, and in which nothing was found: %d, of %d steps", r.Rounds, r.Steps)
	}
}

// shows reports whether anything was put to the test: a program that sells nothing, or to which nothing happens, loses nothing.
func (r *report) shows() bool {
	faults := 0
	for _, n := range r.Faults {
		faults += n
	}
	return r.Acknowledged > 0 && r.Refused > 0 && r.Reads > 0 && faults > 0
}

// names is the finders in a sentence.
func names(finders []finder) string {
	var all []string
	for _, f := range finders {
		all = append(all, string(f))
	}
	return strings.Join(all, ", ")
}
