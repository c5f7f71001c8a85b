package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// overloadRows are what a node has to bear: more than it can sell, and those who want nothing or too much. They are no part of
// the other rows: see --overload.
func overloadRows() []row {
	rows := []row{
		{name: rowFlood, run: floodRow(payment)},
		{name: rowFreeFlood, run: floodRow(0)},
		{name: rowLogIns, run: disturbedRow(disturbance{Kind: "log-ins", Number: 256})},
		{name: rowSlowViewers, run: disturbedRow(disturbance{Kind: "slow viewers", Number: 5000})},
		{name: rowLoris, run: disturbedRow(disturbance{Kind: "slow-loris", Number: 1000})},
		{name: rowIdle, run: disturbedRow(disturbance{Kind: "idle", Number: 10_000})},
		{name: rowSearches, run: disturbedRow(disturbance{Kind: "searches", Number: 64})},
	}
	for i := range rows {
		rows[i].group = groupOverload
	}
	return rows
}

const (
	steadyRate        = 500.0 // bookings a second, by the clock
	steadyConnections = 2000  // at most
	// alike is a p99 alone below which nobody cares how many times longer it gets, up to twice that.
	alike = 5 * time.Millisecond
)

// disturbedRow books an event steadily, first alone and then while it is disturbed; not one booking may be refused. Generator,
// node and PostgreSQL have all cores.
func disturbedRow(d disturbance) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		s, err := l.shop(ctx)
		if err != nil {
			return measure{}, err
		}
		ids, err := l.open(ctx, s, 2, seats)
		if err != nil {
			return measure{}, err
		}
		alone, err := l.steady(ctx, s, ids[0])
		if err != nil {
			return measure{}, err
		}
		d.URL, d.Event, d.Tokens = s.URL, ids[1], l.buyers.file
		under, err := l.disturb(ctx, d)
		if err != nil {
			return measure{}, err
		}
		m, err := l.steady(ctx, s, ids[1])
		left, leaving := under.leave()
		if err := errors.Join(err, leaving); err != nil {
			return measure{}, err
		}
		m.Values = left
		m.Values["p99 alone, ms"] = milliseconds(alone.P99)
		m.Values[ofWorse] = worse(m.P99, alone.P99)
		_, err = s.drained(ctx)
		return m, err
	}
}

// worse is how many times the p99 alone it is: of a p99 alone that is shorter than nobody cares about, how many times that.
func worse(p99, alone time.Duration) float64 { return float64(p99) / float64(max(alone, alike)) }

// steady books an event by the clock.
func (l *lab) steady(ctx context.Context, s *server, event string) (measure, error) {
	o := offer{job: book(s, event), Phases: []phase{{steadyRate, l.Warm + l.Cell}}}
	o.Clients, o.Buyers = steadyConnections, o.Phases[0].requests()
	all, err := l.offer(ctx, o)
	if err != nil {
		return measure{}, err
	}
	took := times(between(all, l.Warm, l.Warm+l.Cell), false)
	if len(took) == 0 {
		return measure{}, fmt.Errorf("POST /book was not answered %d once", http.StatusCreated)
	}
	return measure{
		Rate: float64(len(took)) / l.Cell.Seconds(), P50: percentile(took, 0.50), P99: percentile(took, 0.99), Max: percentile(took, 1),
	}, nil
}
