package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// nodesRows sell one hot event by one node, and by two on the same database, each with half of the clients.
func nodesRows() []row {
	return []row{
		{group: "nodes", name: rowOneNode, run: onsaleRow(1, 0)},
		{group: "nodes", name: rowTwoNodes, against: rowOneNode, run: twoNodesRow},
	}
}

// twoNodesRow measures both together: of the latencies, the worse of the two nodes'.
func twoNodesRow(ctx context.Context, l *lab) (measure, error) {
	one, ids, err := l.onsaleWith(ctx, seats)
	if err != nil {
		return measure{}, err
	}
	two := l.servers["second"]
	if two == nil {
		if two, err = l.nodeOn(ctx, "second", one.Database); err != nil {
			return measure{}, err
		}
	}
	nodes := []*server{one, two}
	if err := l.focus(nodes...); err != nil {
		return measure{}, err
	}
	before, err := disputes(ctx, nodes)
	if err != nil {
		return measure{}, err
	}
	sold := make([]loaded, len(nodes))
	group, all := errgroup.WithContext(ctx)
	for i, s := range nodes {
		group.Go(func() (err error) {
			j := book(s, ids...)
			j.Clients, j.First = max(l.Clients/len(nodes), 1), i*l.buyers.count/len(nodes)
			sold[i], err = l.load(all, j)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return measure{}, err
	}
	after, err := disputes(ctx, nodes)
	if err != nil {
		return measure{}, err
	}
	m := measure{
		Rate: sold[0].Rate + sold[1].Rate,
		P50:  max(sold[0].P50, sold[1].P50), P99: max(sold[0].P99, sold[1].P99), Max: max(sold[0].Max, sold[1].Max),
	}
	seconds := (l.Warm + l.Cell).Seconds()
	m.Values = map[string]float64{
		"smaller share %": 100 * min(sold[0].Rate, sold[1].Rate) / m.Rate,
		"conflicts/s":     (after.conflicts - before.conflicts) / seconds,
		"retries/s":       (after.retries - before.retries) / seconds,
	}
	_, err = one.drained(ctx)
	return m, err
}

// dispute is how often nodes were not first: appends of which a sale's part was in vain, and commands that were decided again.
type dispute struct{ conflicts, retries float64 }

func disputes(ctx context.Context, nodes []*server) (all dispute, err error) {
	for _, s := range nodes {
		const conflicts, retries = "onsale_writer_conflicts_total", "onsale_writer_retries_total"
		m, err := s.metrics(ctx)
		if err == nil {
			err = tells(m, conflicts, retries)
		}
		if err != nil {
			return all, err
		}
		all.conflicts += m[conflicts]
		all.retries += m[retries]
	}
	return all, nil
}
