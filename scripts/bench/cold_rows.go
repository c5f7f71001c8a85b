package main

import (
	"context"
	"time"
)

// coldSale is a sale with a long history that no node has in memory.
type coldSale struct {
	database string
	buyers   int // who have been there
}

var coldStock = stock{sales: 1, events: 200_000}

// coldRows bring that sale into memory, from its events and from a snapshot.
func coldRows() []row {
	c := &coldSale{}
	return []row{
		{group: "cold", name: "cold load, 200,000 events, no snapshot", run: c.row(false)},
		{group: "cold", name: rowColdLoad, run: c.row(true)},
	}
}

// row starts a node and books two events: the sale, and one that was just made. By what the first booking of the sale takes
// longer, it was brought into memory. The snapshot is the one that the node of the row before has left.
func (c *coldSale) row(snapshot bool) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		if err := c.fill(ctx, l); err != nil {
			return measure{}, err
		}
		if !snapshot {
			if err := execute(ctx, c.database, "delete from snapshots"); err != nil {
				return measure{}, err
			}
		}
		took, err := c.load(ctx, l)
		return measure{Values: map[string]float64{ofColdLoad: milliseconds(took)}}, err
	}
}

// fill makes the sale, the first time, with read tables that know it.
func (c *coldSale) fill(ctx context.Context, l *lab) (err error) {
	if c.database != "" {
		return nil
	}
	database, err := l.stocked(ctx, coldStock)
	if err != nil {
		return err
	}
	if err := l.tool(ctx, database, "projections", "rebuild", "--all"); err != nil {
		return err
	}
	c.database = database
	_, err = c.load(ctx, l) // leaves a snapshot
	return err
}

// load is how long a new node took to load the sale.
func (c *coldSale) load(ctx context.Context, l *lab) (time.Duration, error) {
	const name = "cold"
	s, err := l.nodeOn(ctx, name, c.database)
	if err != nil {
		return 0, err
	}
	fresh, err := l.createSales(ctx, s, 2, seats)
	if err != nil {
		return 0, err
	}
	if _, err := s.drained(ctx); err != nil {
		return 0, err
	}
	// The first one is for what every node does once.
	var took [3]time.Duration
	for i, event := range []string{fresh[0], fresh[1], coldStock.sale(0).String()} {
		j := book(s, event)
		j.Clients, j.Requests, j.First = 1, 1, c.buyers
		booked, err := l.load(ctx, j)
		if err != nil {
			return 0, err
		}
		took[i] = booked.Max
	}
	c.buyers++
	return max(took[2]-took[1], 0), l.remove(name)
}
