package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// slowBuffer is the smallest that there is: a few frames, and the node has to keep the rest, or not.
const slowBuffer = 1

// slowViewers watch the event and never read what comes.
func slowViewers(ctx context.Context, d disturbance, ready func()) (map[string]float64, error) {
	to, err := netip.ParseAddrPort(strings.TrimPrefix(d.URL, "http://"))
	if err != nil {
		return nil, err
	}
	g := generator{job: job{Tokens: d.Tokens, Buyers: d.Number}}
	if err := g.readTokens(); err != nil {
		return nil, err
	}
	for i := range d.Number {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, err := newSpectator(to, strings.TrimPrefix(string(g.tokens[i]), "Bearer "), d.Event, slowBuffer)
		if err != nil {
			return nil, fmt.Errorf("viewer %d: %w", i+1, err)
		}
		defer v.hangUp()
	}
	ready()
	<-ctx.Done()
	return map[string]float64{"viewers": float64(d.Number)}, nil
}
