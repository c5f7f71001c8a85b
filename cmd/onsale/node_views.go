package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onsale/eventstore"
	"onsale/projections"
	"onsale/query"
	"onsale/transport/live"
	"onsale/transport/rest"
)

// acknowledged is the position of the log up to which this node, or the one before it, has answered for something.
func (n *node) acknowledged() int64 { return max(n.began.Load(), n.writer.Position()) }

// CatchUp waits until the views show everything that this node has acknowledged, and everything up to position. Where the
// log itself does not go so far, they show all there is.
func (n *node) CatchUp(ctx context.Context, position int64, views ...string) error {
	return n.reach(ctx, max(position, n.acknowledged()), func(ctx context.Context, position int64) error {
		if n.replica != nil {
			return n.replica.catchUp(ctx, position, views)
		}
		return n.runner.CatchUp(ctx, position, views...)
	})
}

// endTimeout bounds how long who has waited in vain may wait for the end of the log.
const endTimeout = time.Second

// reach waits for a position, and if that was in vain because the log does not go so far, for the log's end: it was restored
// to an older state, and what was acknowledged beyond its end is lost; or somebody made the position up.
func (n *node) reach(ctx context.Context, position int64, wait func(context.Context, int64) error) error {
	failed := wait(ctx, position)
	if !errors.Is(failed, context.DeadlineExceeded) {
		return failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	log := eventstore.New(n.db.pool) // the writer's own connections are not for this
	end, err := log.Head(ctx)
	if err != nil || end >= position {
		return failed
	}
	if err := n.recede(ctx, log, end); err != nil {
		return failed
	}
	return wait(ctx, end)
}

// recede takes back what this node has acknowledged beyond the end of the log.
func (n *node) recede(ctx context.Context, log *eventstore.Store, end int64) error {
	answered := n.acknowledged()
	n.began.Store(min(n.began.Load(), end))
	err := n.writer.Recede(func() (int64, error) { return log.Head(ctx) })
	if n.acknowledged() < answered {
		n.log.Warn("the log was restored to an older state: what was answered beyond its end is lost", "end", end, "answered", answered)
	}
	return err
}

// Position is up to where the views are known to show everything, 0 when that is not known just now.
func (n *node) Position(views ...string) int64 {
	if n.replica != nil {
		position, _ := n.replica.reached(views)
		return position
	}
	return n.runner.Position(views...)
}

// Unchanged reports whether an event's listing is known to be at a position of the views as it was at an earlier one.
func (n *node) Unchanged(event uuid.UUID, then, now int64) bool {
	return n.changes.unchanged(event, then, now)
}

// listed waits until the database itself, whatever a replica has, lists everything that this node has acknowledged.
func (n *node) listed(ctx context.Context) error {
	return n.reach(ctx, n.acknowledged(), func(ctx context.Context, position int64) error {
		return n.runner.CatchUp(ctx, position, query.ListingsView)
	})
}

// announce tells all nodes which listings this one has brought up to date.
func (n *node) announce(a projections.Applied) {
	if a.Projection != query.ListingsView {
		return
	}
	n.changes.note(a)
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
		r.Checks["caught_up"] = n.reach(ctx, n.began.Load(), func(ctx context.Context, position int64) error {
			return n.runner.CatchUp(ctx, position, query.ListingsView, query.BookingsView)
		})
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
