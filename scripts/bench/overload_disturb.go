package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A disturbance is what the role disturb does to a node until it is told to stop.
type disturbance struct {
	Kind   string `json:"kind"`
	Number int    `json:"number"` // of connections
	URL    string `json:"url"`    // of the node, http://127.0.0.1:port
	Event  string `json:"event"`  // that is booked meanwhile
	Tokens string `json:"tokens"` // the file of the buyers' tokens
}

// disturbances do what they are called, call ready when they are at their height, and return what they did when ctx ends:
// numbers by name. An answer that a node ought not to give is an error.
var disturbances = map[string]func(ctx context.Context, d disturbance, ready func()) (map[string]float64, error){
	"log-ins":      logIns,
	"slow viewers": slowViewers,
	"slow-loris":   slowLoris,
	"idle":         idle,
	"searches":     searches,
}

// disturbRole does what is given as JSON, says when it is at its height, and then, as JSON, what it did.
func disturbRole(ctx context.Context, text string, out io.Writer) error {
	var d disturbance
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("the disturbance: %w", err)
	}
	do := disturbances[d.Kind]
	if do == nil {
		return &usageError{fmt.Errorf("there is no disturbance %q", d.Kind)}
	}
	did, err := do(ctx, d, func() { fmt.Fprintln(out, watchReady) })
	if err != nil {
		return fmt.Errorf("%s: %w", d.Kind, err)
	}
	return json.NewEncoder(out).Encode(did)
}

// disturber is a process of the role disturb.
type disturber struct{ *process }

// disturb begins to disturb; it returns when that is at its height.
func (l *lab) disturb(ctx context.Context, d disturbance) (*disturber, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	p, err := l.start(d.Kind, l.dir, nil, l.self, "disturb", string(text))
	if err != nil {
		return nil, err
	}
	if _, err := p.line(ctx, watchReady); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return &disturber{p}, nil
}

// leave ends it, and returns what it did.
func (d *disturber) leave() (did map[string]float64, err error) {
	if err := d.stop(); err != nil {
		return nil, err
	}
	select {
	case line := <-d.lines:
		return did, json.Unmarshal([]byte(line), &did)
	default:
		return nil, errors.New("a disturber ended without a word")
	}
}
