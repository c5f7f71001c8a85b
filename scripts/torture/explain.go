package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	findingsShown = 10
	stepsShown    = 40
	// shrinkLimit bounds one check of the many that shrinking takes.
	shrinkLimit = 5 * time.Second
)

// explain tells what was wrong in a round, with the shortest history that shows it, and writes the whole of it to a folder.
func explain(out io.Writer, o options, r *round, res result) error {
	for i, f := range res.Findings {
		if i == findingsShown {
			fmt.Fprintf(out, "  and %d more\n", len(res.Findings)-i)
			break
		}
		fmt.Fprintf(out, "  %s, event %d: %s\n", f.By, f.Event, f.What)
	}
	dir, err := keepLogs(r.database.dir, o.keepIn(r.seed))
	problems := []error{err}
	for i, h := range res.failing {
		if i > 0 {
			break // one is enough to work on
		}
		steps := shrink(h.first, h.steps, shrinkLimit)
		fmt.Fprintf(out, "\nThe shortest history of event %d, seats %v, that still fits no order (%d of %d steps; the last %d):\n",
			h.event.index, h.event.seats, len(steps), len(h.steps), min(len(steps), stepsShown))
		for _, s := range steps[max(0, len(steps)-stepsShown):] {
			fmt.Fprintf(out, "  %s\n", s)
		}
		problems = append(problems, draw(h.first, steps, filepath.Join(dir, fmt.Sprintf("event%d.html", h.event.index))))
	}
	problems = append(problems, write(filepath.Join(dir, "history.json"), map[string]any{
		"seed": r.seed, "plan": r.plan, "findings": res.Findings, "calls": r.crowd.calls,
	}))
	fmt.Fprintf(out, "\nThe whole history, porcupine's picture and the nodes' logs are in %s\nTo play the round again: %s\n", dir, o.replay(r.seed))
	return errors.Join(problems...)
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
