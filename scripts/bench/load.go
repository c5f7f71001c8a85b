package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// generator is the load generator at work on one job. Its clients share only the number of the next buyer.
type generator struct {
	job
	tokens   [][]byte // Authorization headers
	requests []template
	next     atomic.Int64
	began    time.Time
	fail     context.CancelCauseFunc
}

// template is a request but for the token.
type template struct {
	path string
	body []byte
}

// generate does the job, and stops at the first answer that is not as the job wants it: that answer is the error.
func generate(ctx context.Context, j job) (loaded, error) {
	if err := pin(os.Getpid(), j.Cores); err != nil {
		return loaded{}, err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	g := &generator{job: j, fail: fail, requests: j.templates()}
	if err := g.readTokens(); err != nil {
		return loaded{}, err
	}
	clients, err := g.dial(ctx)
	if err != nil {
		return loaded{}, err
	}
	g.began = time.Now()
	var working sync.WaitGroup
	for _, c := range clients {
		working.Go(func() {
			defer c.hangUp()
			if err := c.work(ctx); err != nil {
				fail(err)
			}
		})
	}
	working.Wait()
	took := time.Since(g.began)
	if err := context.Cause(ctx); err != nil {
		return loaded{}, err
	}
	return g.result(clients, took), nil
}

func (j job) templates() []template {
	if len(j.Events) == 0 {
		return []template{{j.Path, []byte(j.Body)}}
	}
	var all []template
	for _, event := range j.Events {
		all = append(all, template{
			strings.ReplaceAll(j.Path, "{event}", event), []byte(strings.ReplaceAll(j.Body, "{event}", event)),
		})
	}
	return all
}

// readTokens reads as many as the job uses, or all.
func (g *generator) readTokens() error {
	text, err := os.ReadFile(g.Tokens)
	if err != nil {
		return err
	}
	for token := range bytes.SplitSeq(text, []byte("\n")) {
		if g.Buyers > 0 && len(g.tokens) == g.First+g.Buyers {
			break
		}
		g.tokens = append(g.tokens, append([]byte("Bearer "), token...))
	}
	if g.First+g.Buyers > len(g.tokens) {
		return fmt.Errorf("%d buyers from number %d on: there are %d", g.Buyers, g.First, len(g.tokens))
	}
	return nil
}

// turn is the number of the next request, and the token to send with it; false when there is none to send.
func (g *generator) turn() (token []byte, more bool, err error) {
	n := int(g.next.Add(1) - 1)
	switch {
	case g.Requests > 0 && n >= g.Requests:
		return nil, false, nil
	case g.Requests == 0 && time.Since(g.began) >= g.Warm+g.Length:
		return nil, false, nil
	case g.Buyers > 0:
		n %= g.Buyers
	case g.First+n >= len(g.tokens):
		return nil, false, fmt.Errorf("the %d buyers have all been there: this machine needs more for such a long cell", len(g.tokens))
	}
	return g.tokens[g.First+n], true, nil
}

// draw returns how a client picks its requests.
func (g *generator) draw(client int) func() template {
	random := rand.New(rand.NewPCG(uint64(client), 0))
	if g.Zipf > 0 {
		zipf := rand.NewZipf(random, g.Zipf, 1, uint64(len(g.requests)-1))
		return func() template { return g.requests[zipf.Uint64()] }
	}
	return func() template { return g.requests[random.IntN(len(g.requests))] }
}

// counts reports whether an answer that came at that time is one of those measured.
func (g *generator) counts(at time.Time) bool {
	since := at.Sub(g.began)
	return g.Requests > 0 || since >= g.Warm && since < g.Warm+g.Length
}

func (g *generator) result(clients []*client, took time.Duration) loaded {
	var all []time.Duration
	sent := 0
	for _, c := range clients {
		all = append(all, c.took...)
		sent += c.sent
	}
	slices.Sort(all)
	if g.Requests == 0 {
		took = g.Length
	}
	return loaded{Sent: sent, measure: measure{
		Rate: float64(len(all)) / took.Seconds(), P50: percentile(all, 0.50), P99: percentile(all, 0.99), Max: percentile(all, 1),
	}}
}
