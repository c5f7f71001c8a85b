package command_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"onsale/command"
)

var errGateway = errors.New("the gateway's answer made no sense")

// gateway keeps a ledger, and charges an ID once, as a gateway must. The zero gateway declines nobody.
type gateway struct {
	// judge, if any, is asked before the money is taken, and may take its time.
	judge func(ctx context.Context, p command.Payment) error
	// lost, if any, is what a charge answers although the money was taken.
	lost func(p command.Payment) error
	// refuse, if any, is what the gateway answers to the n-th call of Refund (1, 2, …) in place of giving back.
	refuse func(n int) error

	mu      sync.Mutex
	charges []command.Payment // every payment that took money
	asked   int               // calls of Charge
	refunds []uuid.UUID       // every call of Refund
	closed  map[uuid.UUID]int64
	balance int64
}

func (g *gateway) Charge(ctx context.Context, p command.Payment) error {
	g.mu.Lock()
	g.asked++
	g.mu.Unlock()
	if g.judge != nil {
		if err := g.judge(ctx, p); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, known := g.closed[p.ID]; !known {
		if g.closed == nil {
			g.closed = make(map[uuid.UUID]int64)
		}
		g.closed[p.ID] = p.Amount
		g.balance += p.Amount
		g.charges = append(g.charges, p)
	}
	if g.lost != nil {
		return g.lost(p)
	}
	return nil
}

func (g *gateway) Refund(_ context.Context, p command.Payment) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refunds = append(g.refunds, p.ID)
	if g.refuse != nil {
		if err := g.refuse(len(g.refunds)); err != nil {
			return err
		}
	}
	if g.closed == nil {
		g.closed = make(map[uuid.UUID]int64)
	}
	g.balance -= g.closed[p.ID]
	g.closed[p.ID] = 0
	return nil
}

// ledger is what a gateway has done.
type ledger struct {
	asked, charged, refunds int
	balance                 int64
}

func (g *gateway) ledger() ledger {
	g.mu.Lock()
	defer g.mu.Unlock()
	return ledger{asked: g.asked, charged: len(g.charges), refunds: len(g.refunds), balance: g.balance}
}

func (g *gateway) want(t *testing.T, want ledger) {
	t.Helper()
	if got := g.ledger(); got != want {
		t.Errorf("the gateway has %+v, want %+v", got, want)
	}
}

func declining(context.Context, command.Payment) error { return command.ErrPaymentDeclined }

// untilTimeout is the judge of a gateway that never answers.
func untilTimeout(ctx context.Context, _ command.Payment) error {
	<-ctx.Done()
	return ctx.Err()
}

// A till is a judge that keeps payments waiting until the test decides on them.
type till struct {
	waiting chan command.Payment
	verdict chan error // nil: paid
}

func newTill() *till {
	return &till{waiting: make(chan command.Payment), verdict: make(chan error)}
}

func (q *till) judge(_ context.Context, p command.Payment) error {
	q.waiting <- p
	return <-q.verdict
}
