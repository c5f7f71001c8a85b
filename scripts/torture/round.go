package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

// A setup is what a round's nodes are given.
type setup struct {
	database string
	payment  time.Duration
	holdTTL  time.Duration
}

const (
	nodesOfRound   = 2
	clientsOfRound = 16
	// checkLimit bounds porcupine's search for one sale; none has ever needed it.
	checkLimit = time.Minute
)

// A round is one run of the whole system, from an empty database to the verdict.
type round struct {
	seed   uint64
	length time.Duration
	sin    sin // what is broken on purpose

	database *database
	began    time.Time
	setup    setup
	plan     []fault
	nodes    []*node
	events   []*event
	crowd    *crowd
	nemesis  *nemesis
}

// newRound decides by the seed what happens.
func newRound(seed uint64, length time.Duration, s sin, d *database) *round {
	random := source(seed, "setup", 0)
	r := &round{seed: seed, length: length, sin: s, database: d, began: time.Now()}
	r.setup = setup{database: fmt.Sprintf("round_%016x", seed), holdTTL: between(random, 1000, 3000)}
	if random.IntN(3) > 0 {
		r.setup.payment = between(random, 5, 60)
	}
	switch s {
	case noFence: // it takes nothing else
	case forgetful:
		r.plan = crashes(seed, length)
	default:
		r.plan = plan(seed, length)
	}
	return r
}

func (r *round) now() time.Duration { return time.Since(r.began) }

// run plays the round and judges it. An error says that it could not be played to its end, or not be judged;
// what was found until then is found.
func (r *round) run(ctx context.Context) (result, error) {
	defer r.close()
	if err := r.open(ctx); err != nil {
		return result{}, err
	}
	if err := r.play(ctx); err != nil {
		return result{}, err
	}
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	var caughtUp error
	if r.sin != noFence { // without it, projections have come to a halt
		caughtUp = r.catchUp(ctx, r.crowd.highest)
	}
	var drained []error
	for _, n := range r.nodes {
		drained = append(drained, n.drain())
	}
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	result, err := r.judge(ctx)
	for _, err := range append(drained, caughtUp) {
		if err != nil && r.sin == noSin {
			result.Findings = append(result.Findings, finding{byHarness, noEvent, err.Error()})
		}
	}
	return result, err
}

// open makes the database, starts the nodes, and puts the events on sale.
func (r *round) open(ctx context.Context) error {
	if err := r.database.exec(ctx, "", "create database "+r.setup.database); err != nil {
		return fmt.Errorf("make the round's database: %w", err)
	}
	for i := range nodesOfRound {
		n, err := openNode(ctx, fmt.Sprint("node", i), r.setup, r.database, r.now)
		r.nodes = append(r.nodes, n)
		if err != nil {
			return fmt.Errorf("start node %d: %w", i, err)
		}
	}
	for _, n := range r.nodes {
		select {
		case <-n.up:
		case <-time.After(30 * time.Second):
			return fmt.Errorf("%s does not come up, see %s", n.name, r.database.dir)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	first := &client{address: r.nodes[0].clients.addr()}
	defer first.hangUp()
	for i, seats := range shapes {
		e, err := put(first, i, seats, r.began)
		if err != nil {
			return err
		}
		r.events = append(r.events, e)
	}
	if err := r.catchUp(ctx, int64(len(shapes))); err != nil { // the log has nothing else yet
		return err
	}
	return r.sin.prepare(ctx, r)
}

// play has the clients call while the nemesis does its worst, and returns when both have ended.
func (r *round) play(ctx context.Context) error {
	r.crowd = &crowd{setup: r.setup, events: r.events, nodes: r.nodes, seed: r.seed, now: r.now, began: r.began}
	r.nemesis = &nemesis{nodes: r.nodes, database: r.database, crowd: r.crowd, faults: make(map[string]int)}
	playing, stop := context.WithTimeout(ctx, r.length)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- r.nemesis.run(playing, r.plan) }()
	r.crowd.run(playing, clientsOfRound)
	return <-ended
}

// catchUp waits until both nodes answer for every event, and show all that was ever acknowledged.
func (r *round) catchUp(ctx context.Context, position int64) error {
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, n := range r.nodes {
		for _, e := range r.events {
			if err := n.shows(limited, e, position); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge holds everything that was told against everything that is there.
func (r *round) judge(ctx context.Context) (result, error) {
	res := result{Seed: r.seed, Faults: r.nemesis.faults, Plan: r.plan, clocks: r.clocks()}
	if err := r.sin.commit(ctx, r); err != nil {
		return res, err
	}
	conn, err := r.database.connect(ctx, r.setup.database)
	if err != nil {
		return res, fmt.Errorf("read the log: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	end := r.now()
	var logs [][]record
	var undecided []error
	for _, e := range r.events {
		log, err := load(ctx, conn, e.id)
		if err != nil {
			return res, err
		}
		logs = append(logs, log)
		undecided = append(undecided, res.judge(r, e, log, end))
	}
	res.Findings = append(res.Findings, checkLists(r.crowd.calls, r.events, logs)...)
	found, err := verifyDatabase(ctx, r.database, r.setup.database)
	res.Findings = append(res.Findings, found...)
	return res, errors.Join(append(undecided, err)...)
}

func (r *round) clocks() []offsets {
	var all []offsets
	for _, n := range r.nodes {
		all = append(all, n.clock.history())
	}
	return all
}

// judge adds what there is to say of one event. An error says that porcupine could not tell.
func (res *result) judge(r *round, e *event, log []record, end time.Duration) (err error) {
	var calls, reads []*call
	for _, c := range r.crowd.calls {
		if c.Event == e.index {
			calls = append(calls, c)
			res.count(c)
		}
		if c.What == listEvents || c.Event == e.index && c.reads() {
			reads = append(reads, c)
		}
	}
	for i := range log {
		if log[i].kind == "hold.expired.v1" {
			res.RanOut++
		}
	}
	sums := tally(e, log)
	for _, problem := range sums.problems {
		res.Findings = append(res.Findings, finding{byLog, e.index, problem})
	}
	if sums.oversold > 0 {
		res.Findings = append(res.Findings, finding{byLog, e.index, fmt.Sprintf("%d seats more were taken than are on sale", sums.oversold)})
	}
	res.Oversold += sums.oversold
	lost, found := audit(e, calls, log)
	res.Lost += lost
	res.Findings = append(res.Findings, found...)
	res.Findings = append(res.Findings, newWitness(e, calls, log, sums, res.clocks, r.began).check(reads)...)

	first := opened(e.seats, len(e.buyers))
	steps := conclude(pin(stepsOf(calls, r.setup, res.clocks, end), log), end, sums.settled(e))
	switch linearizable(first, steps, checkLimit) {
	case porcupine.Illegal:
		res.Findings = append(res.Findings, finding{byPorcupine, e.index, "the answers fit no order of the calls"})
		res.failing = append(res.failing, history{e, first, steps})
	case porcupine.Unknown:
		err = fmt.Errorf("event %d: porcupine comes to no verdict within %v", e.index, checkLimit)
	}
	res.Steps += len(steps)
	return err
}

// close ends what is still there, and drops the database.
func (r *round) close() {
	for _, n := range r.nodes {
		n.close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = r.database.exec(ctx, "", "drop database if exists "+r.setup.database+" with (force)") // the folder goes anyway
}
