package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Knowledge is what the clients of one buyer, of whom there may be several at once, know of what the buyer has.
type knowledge struct {
	hold, booking string // live, as far as known
	past          string // one that has ended
	asked         *call  // the last one with a key
}

// A crowd is the clients of a round: they share what they know, and write down what they are told.
type crowd struct {
	setup  setup
	events []*event
	nodes  []*node
	seed   uint64
	now    func() time.Duration
	began  time.Time

	looking atomic.Int32 // above 0: they only read

	mu      sync.Mutex
	calls   []*call
	highest int64 // the Onsale-Position that was told last
}

// A worker is one of them.
type worker struct {
	*crowd
	id      int
	random  *rand.Rand
	clients []*client // by node
}

// run has n clients call until ctx ends.
func (c *crowd) run(ctx context.Context, n int) {
	var all sync.WaitGroup
	for id := range n {
		w := &worker{crowd: c, id: id, random: source(c.seed, "client", id)}
		for _, node := range c.nodes {
			w.clients = append(w.clients, &client{address: node.clients.addr()})
		}
		all.Go(func() {
			for ctx.Err() == nil {
				w.visit(ctx)
				wait(ctx, time.Duration(w.random.Int64N(int64(30*time.Millisecond))))
			}
			for _, client := range w.clients {
				client.hangUp()
			}
		})
	}
	all.Wait()
}

// visit is one call, and another under the same key where the answer did not come. Who has changed something may look at it next.
func (w *worker) visit(ctx context.Context) {
	e := w.events[w.random.IntN(len(w.events))]
	c := w.choose(e)
	w.make(e, c)
	for tries := 0; c.Answer.Verdict == unknown && c.Key != "" && tries < 2 && ctx.Err() == nil && w.random.IntN(4) > 0; tries++ {
		c = w.again(c)
		w.make(e, c)
	}
	if c.Answer.Verdict == acknowledged && !c.reads() && w.random.IntN(3) == 0 && ctx.Err() == nil {
		w.make(e, w.look(c))
	}
}

// look is a read of what a call that was carried out has changed: by its node, or by another with the position that was told.
func (w *worker) look(c *call) *call {
	next := &call{Event: c.Event, Buyer: c.Buyer, Node: c.Node, What: listBookings}
	if c.What == hold || c.What == release {
		next.What = listHolds
	}
	if w.random.IntN(2) > 0 {
		next.Node, next.After = w.random.IntN(len(w.nodes)), c.Answer.Position
	}
	return next
}

func (w *worker) choose(e *event) *call {
	c := &call{Event: e.index, Buyer: w.random.IntN(len(e.buyers)), Node: w.random.IntN(len(w.nodes))}
	w.mu.Lock()
	known := e.known[c.Buyer]
	after := w.highest
	w.mu.Unlock()
	dice := w.random.IntN(100)
	switch {
	case dice < 20 || w.looking.Load() > 0:
		c.What = []string{read, read, listEvents, listBookings, listHolds}[w.random.IntN(5)]
		if w.random.IntN(3) > 0 {
			c.After = after
		}
	case dice < 23 && known.past != "":
		c.What, c.Claim = []string{confirm, release, cancel}[w.random.IntN(3)], known.past
	case dice < 28 && known.asked != nil:
		return w.again(known.asked)
	case known.hold != "" && dice < 60:
		c.What, c.Claim = confirm, known.hold
	case known.hold != "" && dice < 80:
		c.What, c.Claim = release, known.hold
	case known.booking != "" && dice < 70:
		c.What, c.Claim = cancel, known.booking
	case known.booking != "" && dice < 75:
		c.What, c.Claim = confirm, known.booking
	default:
		w.order(e, c)
	}
	return c
}

func (w *worker) order(e *event, c *call) {
	c.What, c.Section, c.Qty = book, w.random.IntN(len(e.seats)), 1+w.random.IntN(4)
	if w.random.IntN(5) < 2 {
		c.What = hold
	}
	if w.random.IntN(5) < 2 {
		c.Key = fmt.Sprintf("%016x", w.random.Uint64())
	}
}

// again is the same request once more, perhaps to another node; rarely, another one under the same key.
func (w *worker) again(c *call) *call {
	same := &call{
		Event: c.Event, Buyer: c.Buyer, Node: w.random.IntN(len(w.nodes)),
		What: c.What, Section: c.Section, Qty: c.Qty, Key: c.Key,
	}
	if w.random.IntN(20) == 0 {
		same.Qty = 1 + same.Qty%4
	}
	return same
}

// make calls, and writes down what came of it.
func (w *worker) make(e *event, c *call) {
	c.Worker, c.Request, c.ttl, c.paid = w.id, uuid.NewString(), w.setup.holdTTL, w.setup.payment > 0
	header := map[string]string{"X-Request-Id": c.Request}
	method, path := "POST", ""
	var body any
	switch c.What {
	case book, hold:
		path = map[string]string{book: "/book", hold: "/holds"}[c.What]
		body = map[string]any{"eventId": e.id, "sectionId": e.sections[c.Section], "qty": c.Qty}
		if c.Key != "" {
			header["Idempotency-Key"] = c.Key
		}
	case confirm:
		path = "/holds/" + c.Claim + "/confirm"
	case release:
		method, path = "DELETE", "/holds/"+c.Claim
	case cancel:
		method, path = "DELETE", "/bookings/"+c.Claim
	case read:
		method, path = "GET", "/events/"+e.id
	case listEvents:
		method, path = "GET", "/events?limit=50"
	case listBookings:
		method, path = "GET", fmt.Sprint("/bookings?limit=", listMost)
	case listHolds:
		method, path = "GET", "/holds"
	}
	if c.After > 0 {
		header["Onsale-Position"] = fmt.Sprint(c.After)
	}
	c.Called = w.now()
	r := w.clients[c.Node].do(method, path, e.buyers[c.Buyer].token, header, body)
	c.Returned = w.now()
	c.Answer = understand(r, w.began)
	w.learn(e, c)
}

// learn writes the call down and draws conclusions for those to come.
func (w *worker) learn(e *event, c *call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.ID = len(w.calls)
	w.calls = append(w.calls, c)
	w.highest = max(w.highest, c.Answer.Position)
	known := &e.known[c.Buyer]
	if c.Key != "" {
		known.asked = c
	}
	id := c.Answer.Claim
	switch a := c.Answer; {
	case a.Verdict == acknowledged && (c.What == book || c.What == confirm):
		known.hold, known.booking = "", id
	case a.Verdict == acknowledged && c.What == hold:
		known.hold, known.booking = id, ""
	case a.Verdict == acknowledged && (c.What == release || c.What == cancel), a.Code == "hold_ended", a.Code == "already_cancelled":
		known.forget(c.Claim)
	case a.Code == "already_booked":
		known.hold, known.booking = "", id
	case a.Code == "already_holding":
		known.hold, known.booking = id, ""
	}
}

func (k *knowledge) forget(claim string) {
	if claim == "" {
		return
	}
	k.past = claim
	if k.hold == claim {
		k.hold = ""
	}
	if k.booking == claim {
		k.booking = ""
	}
}
