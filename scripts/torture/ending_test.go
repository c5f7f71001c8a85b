package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestARunPassesOnlyWhenItCameToItsEndAndShowsSomething(t *testing.T) {
	t.Parallel()
	round := func(by ...finder) result {
		res := result{Faults: map[string]int{killNode: 1}, counts: counts{Acknowledged: 2, Refused: 3, Reads: 4, Steps: 5}}
		for _, f := range by {
			res.Findings = append(res.Findings, finding{f, noEvent, "this must not be"})
		}
		return res
	}
	idle := round()
	idle.Faults = nil
	all := []finder{byLog, byPorcupine, byVerify}
	for name, row := range map[string]struct {
		sin    sin
		rounds []result
		err    error
		code   int
		last   string
	}{
		"all is well":                 {rounds: []result{round()}, code: exitGood, last: "PASSED: 5 steps"},
		"something is found":          {rounds: []result{round(), round(byLog, byRead)}, code: exitBad, last: "FAILED: found by the log, a read"},
		"found, and then interrupted": {rounds: []result{round(byLog)}, err: errInterrupted, code: exitBad, last: "FAILED: found by the log"},
		"nothing is played":           {code: exitNone, last: "NO VERDICT: no round"},
		"nothing goes wrong":          {rounds: []result{idle}, code: exitNone, last: "NO VERDICT: where nothing is"},
		"interrupted":                 {rounds: []result{round(), round()}, err: errInterrupted, code: exitNone, last: "NO VERDICT: interrupted; rounds that came to their end, and in which nothing was found: 2, of 10 steps"},
		"interrupted at once":         {err: errInterrupted, code: exitNone, last: "NO VERDICT: interrupted; no round came to its end"},
		"a round cannot be played":    {rounds: []result{round()}, err: errors.New("round 2: it does not come up\nsee its log"), code: exitNone, last: "NO VERDICT: round 2: it does not come up; rounds that came"},

		"a control is caught":                    {sin: noFence, rounds: []result{round(all...)}, code: exitBad, last: "CAUGHT: found by the log, porcupine, onsale verify"},
		"a control is caught before it fails":    {sin: noFence, rounds: []result{round(all...)}, err: errInterrupted, code: exitBad, last: "CAUGHT: found by"},
		"another is caught by a read":            {sin: forgetful, rounds: []result{round(), round(byRead)}, code: exitBad, last: "CAUGHT: found by a read"},
		"a control is not found":                 {sin: noFence, rounds: []result{round()}, code: exitNone, last: "NOT CAUGHT: nothing was found in 1 rounds"},
		"nor where nothing else goes wrong":      {sin: noFence, rounds: []result{idle}, code: exitNone, last: "NOT CAUGHT: nothing was found in 1 rounds"},
		"a control is found by some only":        {sin: oneLost, rounds: []result{round(byLog, byVerify)}, code: exitNone, last: "NOT CAUGHT: not found by porcupine, but by the log, onsale verify"},
		"a control is found by somebody else":    {sin: forgetful, rounds: []result{round(byPorcupine)}, code: exitNone, last: "NOT CAUGHT: not found by a read"},
		"a control is interrupted":               {sin: oneLost, rounds: []result{round()}, err: errInterrupted, code: exitNone, last: "NO VERDICT: interrupted"},
		"a control is found by some, then fails": {sin: noFence, rounds: []result{round(byLog)}, err: errors.New("no verify"), code: exitNone, last: "NO VERDICT: no verify; until then something was found by the log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &report{Break: row.sin, Faults: make(map[string]int)}
			for _, res := range row.rounds {
				r.add(res)
			}
			r.conclude(row.err)
			if last := r.lastLine(t); !strings.HasPrefix(last, row.last) {
				t.Errorf("the last line is %q, want %q", last, row.last)
			}
			if r.Verdict.exitCode() != row.code || r.Good != (row.code == exitGood) || r.Why == "" {
				t.Errorf("exit code %d, want %d: %+v", r.Verdict.exitCode(), row.code, r)
			}
		})
	}
}

// lastLine is what the report as text ends with.
func (r *report) lastLine(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.print(&out, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[len(lines)-1]
}

func TestEveryControlHasToBeFoundBySomebody(t *testing.T) {
	t.Parallel()
	for _, s := range sins {
		if (len(s.catchers()) > 0) != (s != noSin) || slices.Contains(s.catchers(), byHarness) {
			t.Errorf("%q has to be found by %v", s, s.catchers())
		}
	}
}

func TestAProgramThatCannotBeTorturedHasNoVerdict(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"", "--json"} {
		var stdout, stderr bytes.Buffer
		args := append(strings.Fields("--rounds 1 --program /none/onsale"), strings.Fields(format)...)
		if code := run(t.Context(), args, &stdout, &stderr); code != exitNone || !strings.Contains(stderr.String(), "/none/onsale") {
			t.Errorf("%s: exit code %d, %s", format, code, stderr.String())
		}
		var r report
		switch {
		case format == "" && !strings.Contains(stdout.String(), "\nNO VERDICT: start PostgreSQL: "):
			t.Errorf("it says\n%s", stdout.String())
		case format != "" && (json.Unmarshal(stdout.Bytes(), &r) != nil || r.Good || r.Verdict != noVerdict || !strings.Contains(r.Why, "/none/onsale")):
			t.Errorf("it says\n%s", stdout.String())
		}
	}
}

func TestAnInterruptedRunHasNoVerdict(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	code, r, said := torturedUntil(t, ctx, func(said string) {
		if strings.Contains(said, "Round   1,") {
			interrupt()
		}
	}, "--for 10m --length 1s")
	if code != exitNone || r.Good || r.Verdict != noVerdict || r.Rounds != 1 || !strings.HasPrefix(r.Why, "interrupted; ") {
		t.Errorf("exit code %d, %+v\n%s", code, r, said)
	}
}

func TestAControlInWhichNothingHappensIsNotCaught(t *testing.T) {
	t.Parallel()
	code, r, said := tortured(t, "--rounds 1 --length 1s --break tables") // too short for a crash
	if code != exitNone || r.Good || r.Verdict != notCaught || r.Rounds != 1 {
		t.Errorf("exit code %d, %+v\n%s", code, r, said)
	}
}
