package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// An offer is a job by the clock, an open loop: requests are sent when they are due, whether or not those before them have been
// answered, on as many connections as that takes. Those that are due while Clients connections wait for an answer are not sent.
// Warm, Length and Requests do not count.
type offer struct {
	job
	Phases []phase `json:"phases"` // one after the other
	Shed   bool    `json:"shed"`   // a refusal, which is a 503 that tells when to come again, is an answer too
}

// A phase is a time in which requests are due at even distances.
type phase struct {
	Rate   float64       `json:"rate"` // per second
	Length time.Duration `json:"length"`
}

func (p phase) requests() int { return int(p.Rate * p.Length.Seconds()) }

// due tells when the request number n is, from the beginning; false when there are not so many.
func (o offer) due(n int) (time.Duration, bool) {
	began := time.Duration(0)
	for _, p := range o.Phases {
		if n < p.requests() {
			return began + time.Duration(float64(n)/p.Rate*float64(time.Second)), true
		}
		began, n = began+p.Length, n-p.requests()
	}
	return began, false
}

// An answered is what became of one request. Its time is from when it was due, not from when it was sent: what the generator
// delays is in it.
type answered struct {
	Due     time.Duration `json:"due"` // since the beginning
	Took    time.Duration `json:"took"`
	Refused bool          `json:"refused,omitempty"`
}

func (a answered) at() time.Duration { return a.Due + a.Took }

// offering is an offer under way.
type offering struct {
	*generator
	offer
	due  chan int // numbers of requests, for connections that are free
	mu   sync.Mutex
	done []answered
}

// makeOffer carries out an offer, and returns what became of each request in the order in which they were due. An answer that
// is neither wanted nor a refusal that may be is the error.
func makeOffer(ctx context.Context, o offer) ([]answered, error) {
	if err := pin(os.Getpid(), o.Cores); err != nil {
		return nil, err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	g := &offering{offer: o, generator: &generator{job: o.job, fail: fail, requests: o.templates()}, due: make(chan int)}
	if err := g.readTokens(); err != nil {
		return nil, err
	}
	g.began = time.Now()
	var working sync.WaitGroup
	g.dispatch(ctx, &working)
	close(g.due)
	working.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(g.done, func(a, b answered) int { return cmp.Compare(a.Due, b.Due) })
	return g.done, nil
}

// dispatch gives each request that is due to a connection that is free, or to a new one.
func (g *offering) dispatch(ctx context.Context, working *sync.WaitGroup) {
	connections := 0
	for n := 0; ; n++ {
		due, more := g.offer.due(n)
		if !more || sleep(ctx, due-time.Since(g.began)) != nil {
			return
		}
		select {
		case g.due <- n:
			continue
		default:
		}
		if connections == g.offer.Clients {
			continue
		}
		connection := connections
		connections++
		working.Go(func() {
			if err := g.work(ctx, connection, n); err != nil {
				g.fail(err)
			}
		})
	}
}

// work is the life of a connection: its first request, and then whatever is due when it is free.
func (g *offering) work(ctx context.Context, connection, n int) error {
	c, err := g.connect(ctx, connection)
	if err != nil {
		return err
	}
	defer c.hangUp()
	if err := c.conn.(*net.TCPConn).SetLinger(0); err != nil { // thousands of ports would be taken for a minute
		return err
	}
	var done []answered
	for more := true; more; n, more = <-g.due {
		a, err := g.send(c, n)
		if err != nil {
			return err
		}
		done = append(done, a)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done = append(g.done, done...)
	return nil
}

func (g *offering) send(c *client, n int) (answered, error) {
	if g.offer.First+n >= len(g.tokens) {
		return answered{}, fmt.Errorf("the %d buyers have all been there: this machine needs more for such a long offer", len(g.tokens))
	}
	t := c.pick()
	if err := c.exchange(g.offer.Method, t.path, g.tokens[g.offer.First+n], t.body); err != nil {
		return answered{}, err
	}
	due, _ := g.offer.due(n)
	a := answered{Due: due, Took: time.Since(g.began) - due}
	if !c.wanted() {
		a.Refused = c.response.StatusCode() == http.StatusServiceUnavailable && len(c.response.Header.Peek("Retry-After")) > 0
		if !g.Shed || !a.Refused {
			return a, c.unwanted(g.offer.Method, t.path)
		}
	}
	return a, nil
}

// offer has the load generator carry out an offer, in a process of its own.
func (l *lab) offer(ctx context.Context, o offer) (all []answered, err error) {
	o.Tokens = l.buyers.file
	length := startTimeout
	for _, p := range o.Phases {
		length += p.Length
	}
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	err = l.role(ctx, "offer", o, &all)
	return all, err
}

// between are those that were due in a time, the end of which is not in it.
func between(all []answered, from, to time.Duration) []answered {
	var some []answered
	for _, a := range all {
		if a.Due >= from && a.Due < to {
			some = append(some, a)
		}
	}
	return some
}

// times are how long they took, in ascending order: the refused, or the others.
func times(all []answered, refused bool) []time.Duration {
	var took []time.Duration
	for _, a := range all {
		if a.Refused == refused {
			took = append(took, a.Took)
		}
	}
	slices.Sort(took)
	return took
}

// recovered tells how long after a moment it is like before: the first time from which on, for a window's length, nobody is
// refused and the p99 is no more than the limit. False: not in the time that was looked at.
func recovered(all []answered, moment, end, window, limit time.Duration) (time.Duration, bool) {
	const step = 10 * time.Millisecond
	for from := moment; from+window <= end; from += step {
		some := between(all, from, from+window)
		if took := times(some, false); len(took) > 0 && len(took) == len(some) && percentile(took, 0.99) <= limit {
			return from - moment, true
		}
	}
	return end - moment, false
}
