package main

import (
	"context"
	"encoding/json"
	"strconv"

	"onsale/projections"
	"onsale/query"
	"onsale/transport/live"
	"onsale/transport/rest"
)

// acknowledged is the position of the log up to which this node, or the one before it, has answered for something.
func (n *node) acknowledged() int64 { return max(n.began, n.writer.Position()) }

// CatchUp waits until the views show everything that this node has acknowledged, and everything up to position.
func (n *node) CatchUp(ctx context.Context, position int64, views ...string) error {
	position = max(position, n.acknowledged())
	if n.replica != nil {
		return n.replica.catchUp(ctx, position, views)
	}
	return n.runner.CatchUp(ctx, position, views...)
}

// Position is up to where the views are known to show everything, 0 when that is not known just now.
func (n *node) Position(views ...string) int64 {
	if n.replica != nil {
		position, _ := n.replica.reached(views)
		return position
	}
	return n.runner.Position(views...)
}

// listed waits until the database itself, whatever a replica has, lists everything that this node has acknowledged.
func (n *node) listed(ctx context.Context) error {
	return n.runner.CatchUp(ctx, n.acknowledged(), query.ListingsView)
}

// announce tells all nodes which listings this one has brought up to date.
func (n *node) announce(a projections.Applied) {
	if a.Projection != query.ListingsView {
		return
	}
	payload, err := json.Marshal(live.Announcement{After: a.After, Through: a.Through, Events: a.Streams})
	if err == nil {
		n.broker.Publish(strconv.FormatInt(a.Through, 10), payload)
	}
}

// hear passes on what a node has announced. What cannot be read is some other version's: viewers hear of it by polling.
func (n *node) hear(payload []byte) {
	var a live.Announcement
	if json.Unmarshal(payload, &a) == nil {
		n.hub.Announce(a)
	}
}

// ready checks what answers depend on: the database, and that the read tables have come to where the log was when the node
// started. A projection that halts later does not make the node useless, and all nodes would halt alike.
func (n *node) ready(ctx context.Context) rest.Condition {
	generations, err := projections.Generations(ctx, n.db.pool)
	r := rest.Condition{Checks: map[string]error{"database": err}}
	if err == nil {
		r.Checks["caught_up"] = n.runner.CatchUp(ctx, n.began, query.ListingsView, query.BookingsView)
	}
	if n.replica != nil {
		r.Checks["replica"] = n.replica.away()
	}
	for _, g := range generations {
		state := g.State
		if g.Halted != "" {
			state = "halted"
		}
		r.Projections = append(r.Projections, rest.ProjectionState{
			Name: g.Name, Generation: g.Generation, State: state,
			Position: g.Position, Lag: g.Lag, BehindSeconds: json.Number(strconv.FormatFloat(g.Behind.Seconds(), 'f', 3, 64)),
		})
	}
	return r
}
