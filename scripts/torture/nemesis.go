package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"
)

// A fault is one thing that goes wrong, and for how long.
type fault struct {
	At    time.Duration `json:"at"` // since the round began
	Kind  string        `json:"kind"`
	Node  int           `json:"node"`
	For   time.Duration `json:"for"`
	Extra time.Duration `json:"extra,omitempty"` // of a delay, or of a clock
	Both  bool          `json:"both,omitempty"`  // it is the other node's as well
}

func (f fault) String() string {
	return fmt.Sprintf("%6.2f s  %s, node %d, for %v %v", f.At.Seconds(), f.Kind, f.Node, f.For, f.Extra)
}

// The kinds of faults.
const (
	killNode     = "node killed"
	killDatabase = "PostgreSQL killed"
	stopNode     = "node stopped"
	crashStopped = "PostgreSQL killed under stopped nodes"
	cutStore     = "node-database link cut"
	slowStore    = "node-database link slow"
	loseCommit   = "commit reply lost"
	cutClients   = "client-node link cut"
	slowClients  = "client-node link slow"
	loseReply    = "client reply lost"
	skewClock    = "clock skewed"
)

// often is how often each comes.
var often = []struct {
	kind  string
	share int
}{
	{killNode, 14},
	{killDatabase, 8},
	{stopNode, 12},
	{crashStopped, 6},
	{cutStore, 12},
	{slowStore, 10},
	{loseCommit, 22},
	{cutClients, 6},
	{slowClients, 6},
	{loseReply, 12},
	{skewClock, 14},
}

// plan says what goes wrong in a round. It depends on the seed alone; what it meets does not.
func plan(seed uint64, length time.Duration) []fault {
	random := source(seed, "nemesis", 0)
	var all []fault
	for at := between(random, 200, 900); at < length-500*time.Millisecond; at += between(random, 150, 900) {
		all = append(all, pick(random, at))
	}
	return all
}

// crashes is a plan of nothing but crashUnder.
func crashes(seed uint64, length time.Duration) []fault {
	random := source(seed, "crashes", 0)
	var all []fault
	for at := between(random, 500, 900); at < length-500*time.Millisecond; at += between(random, 2200, 2500) {
		all = append(all, fault{At: at, Kind: crashStopped, Both: true, For: between(random, 1000, 1500)})
	}
	return all
}

func pick(random *rand.Rand, at time.Duration) fault {
	total := 0
	for _, o := range often {
		total += o.share
	}
	f := fault{At: at, Node: random.IntN(nodesOfRound)}
	dice := random.IntN(total)
	for _, o := range often {
		if dice -= o.share; dice < 0 {
			f.Kind = o.kind
			break
		}
	}
	switch f.Kind {
	case killNode:
		f.For = between(random, 0, 800)
	case stopNode:
		f.For = between(random, 200, 3000)
	case crashStopped:
		f.For, f.Both = between(random, 0, 1500), random.IntN(2) == 0
	case slowStore, slowClients:
		f.For, f.Extra = between(random, 200, 1500), between(random, 5, 120)
	case skewClock:
		f.For, f.Extra = between(random, 300, 4000), between(random, -3000, 3000)
		if random.IntN(6) == 0 {
			f.Extra = between(random, 95_000, 120_000) // past the time that a payment has
		}
	default:
		f.For = between(random, 100, 1200)
	}
	return f
}

// between is from least to most milliseconds.
func between(random *rand.Rand, least, most int64) time.Duration {
	return time.Duration(least+random.Int64N(most-least+1)) * time.Millisecond
}

// A nemesis carries out a plan.
type nemesis struct {
	nodes    []*node
	database *database
	crowd    *crowd

	mu     sync.Mutex
	faults map[string]int
	failed error // PostgreSQL did not come back
}

// run causes the faults and ends each of them before it returns. When ctx ends, so do they.
func (n *nemesis) run(ctx context.Context, faults []fault) error {
	began := time.Now()
	var under sync.WaitGroup
	var crashing sync.Mutex // one crash of PostgreSQL at a time
	for _, f := range faults {
		wait(ctx, f.At-time.Since(began))
		if ctx.Err() != nil {
			break
		}
		under.Go(func() {
			if f.Kind == killDatabase || f.Kind == crashStopped {
				crashing.Lock()
				defer crashing.Unlock()
			}
			n.cause(ctx, f, n.nodes[f.Node])
		})
	}
	under.Wait()
	return n.failed
}

func (n *nemesis) cause(ctx context.Context, f fault, node *node) {
	switch f.Kind {
	case killNode:
		node.crash(ctx, f.For)
	case killDatabase:
		n.crashDatabase(ctx)
	case crashStopped:
		n.crashUnder(ctx, f)
	case stopNode:
		node.signal(syscall.SIGSTOP)
		wait(ctx, f.For)
		node.signal(syscall.SIGCONT)
	case cutStore, cutClients:
		link := n.link(f, node)
		link.setCut(true)
		wait(ctx, f.For)
		link.setCut(false)
	case slowStore, slowClients:
		link := n.link(f, node)
		link.setDelay(f.Extra)
		wait(ctx, f.For)
		link.setDelay(0)
	case loseCommit, loseReply:
		link := n.link(f, node)
		link.lose(true)
		wait(ctx, f.For)
		n.count(f.Kind, link.lose(false))
		return
	case skewClock:
		if node.clock.set(f.Extra) != nil {
			return
		}
		wait(ctx, f.For)
		_ = node.clock.set(0) // what it shows is what was set last: the history knows
	}
	n.count(f.Kind, 1)
}

func (n *nemesis) link(f fault, node *node) *link {
	switch f.Kind {
	case cutStore, slowStore, loseCommit:
		return node.store
	default:
		return node.clients
	}
}

// lull is long enough for what was begun to be done, and too short for PostgreSQL to write by itself what nobody waits for.
const lull = 80 * time.Millisecond

// crashUnder kills PostgreSQL while nodes cannot notice, and lets them go on when it is there again: with the memory of what was before,
// and with the questions that have arrived meanwhile. Shortly before, clients cease to write: an append would take to the disk what
// the read tables have got since the last one, and it is that which a crash may take back. A node that was stopped for more than a
// second looks first whether its connections still live, so that no error tells it of the crash.
func (n *nemesis) crashUnder(ctx context.Context, f fault) {
	n.crowd.looking.Add(1)
	defer n.crowd.looking.Add(-1)
	wait(ctx, lull)
	stopped := n.nodes[f.Node : f.Node+1]
	if f.Both {
		stopped = n.nodes
	}
	for _, node := range stopped {
		node.signal(syscall.SIGSTOP)
	}
	n.crashDatabase(ctx)
	wait(ctx, f.For)
	for _, node := range stopped {
		node.signal(syscall.SIGCONT)
	}
}

// crashDatabase kills PostgreSQL and has it recover, whatever ends meanwhile: nothing can be checked without it.
func (n *nemesis) crashDatabase(ctx context.Context) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err := n.database.crash(limited)
	for _, node := range n.nodes {
		node.store.forward("unix", n.database.socket())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		n.failed = err
	}
}

func (n *nemesis) count(kind string, times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults[kind] += times
}
