package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	findingsShown = 3 // of each who found some
	stepsShown    = 40
	// shrinkLimit bounds one check of the many that shrinking takes.
	shrinkLimit = 5 * time.Second
)

// explain tells what was wrong in a round, with the shortest history that shows it, and writes the whole of it to a folder.
func explain(out io.Writer, o options, r *round, res result) error {
	list(out, res.Findings)
	dir, err := keepLogs(r.database.dir, o.keepIn(r.seed))
	problems := []error{err}
	if len(res.failing) > 0 { // one is enough to work on
		h := res.failing[0]
		problems = append(problems, h.explain(out, filepath.Join(dir, fmt.Sprintf("event%d.html", h.event.index))))
	}
	problems = append(problems, write(filepath.Join(dir, "history.json"), map[string]any{
		"seed": r.seed, "plan": r.plan, "findings": res.Findings, "calls": r.crowd.calls,
	}))
	fmt.Fprintf(out, "\nThe whole history, porcupine's picture and the nodes' logs are in %s\nTo play the round again: %s\n", dir, o.replay(r.seed))
	return errors.Join(problems...)
}

// list tells the first that everybody has found.
func list(out io.Writer, findings []finding) {
	times := make(map[finder]int)
	for _, f := range findings {
		if times[f.By]++; times[f.By] > findingsShown {
			continue
		}
		about := ""
		if f.Event != noEvent {
			about = fmt.Sprint(", event ", f.Event)
		}
		fmt.Fprintf(out, "  %s%s: %s\n", f.By, about, f.What)
	}
	for _, by := range slices.Sorted(maps.Keys(times)) {
		if more := times[by] - findingsShown; more > 0 {
			fmt.Fprintf(out, "  and %d more by %s\n", more, by)
		}
	}
}

// explain tells how far the shortest history that still fails can be put in order, and what then does not fit. The picture of it goes
// to a file.
func (h history) explain(out io.Writer, picture string) error {
	steps := shrink(h.first, h.steps, shrinkLimit)
	order, err := farthest(h.first, steps, picture)
	fmt.Fprintf(out, "\nThe shortest history of event %d that still fits no order has %d of its %d steps. A line is one step: the seconds\n"+
		"since the round began at which its call was made and answered, the call's number in history.json, what was asked → what was told.\n"+
		"A booking that is paid for is two steps. Put on sale: %v seats, by section.\n\nAs far as they can be put in order, with the sale after each:\n",
		h.event.index, len(steps), len(h.steps), h.event.seats)
	s := h.first
	for i, step := range order {
		if _, s = s.next(step); i >= len(order)-stepsShown {
			fmt.Fprintf(out, "  %s\n%14s %s\n", step, "=", s)
		}
	}
	fmt.Fprintf(out, "\nThen one of these would have to be next, and none can be: what it was told is not so then.\n")
	for _, step := range candidates(steps, order) {
		fmt.Fprintf(out, "  %s\n", step)
	}
	return err
}

// candidates are the steps that may follow an order of others: no step that is left has ended before they begin.
func candidates(steps, order []*step) (next []*step) {
	left := slices.DeleteFunc(slices.Clone(steps), func(s *step) bool { return slices.Contains(order, s) })
	first := never
	for _, s := range left {
		first = min(first, s.until)
	}
	return slices.DeleteFunc(left, func(s *step) bool { return s.from > first })
}

func write(path string, value any) error {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// keepLogs copies the logs of a run that is over.
func keepLogs(from, to string) (string, error) {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return to, err
	}
	logs, err := filepath.Glob(filepath.Join(from, "*.log"))
	if err != nil {
		return to, err
	}
	var failed []error
	for _, path := range logs {
		text, err := os.ReadFile(path)
		failed = append(failed, err, os.WriteFile(filepath.Join(to, filepath.Base(path)), text, 0o600))
	}
	return to, errors.Join(failed...)
}
