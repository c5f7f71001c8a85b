package main

import (
	"context"
	"net/http/httptrace"
	"sync"
	"time"
)

// outcome is what became of one buyer's request.
type outcome struct {
	answer      bookAnswer // when err is nil
	err         error
	took        time.Duration
	reconnected bool // the warm connection was gone
}

// race has all buyers ask for tickets at the same instant, and returns when the
// last has an answer: the outcomes in the order of the buyers, and the time
// from the start to the last answer.
func race(ctx context.Context, buyers []*client, st stage, quantity int) ([]outcome, time.Duration) {
	wanted := st.order(quantity)
	outcomes := make([]outcome, len(buyers))
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(len(buyers))
	for i, b := range buyers {
		done.Go(func() {
			o := &outcomes[i]
			traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				GotConn: func(c httptrace.GotConnInfo) { o.reconnected = !c.Reused },
			})
			ready.Done()
			<-start
			began := time.Now()
			o.answer, o.err = b.book(traced, wanted)
			o.took = time.Since(began)
		})
	}
	ready.Wait()
	began := time.Now()
	close(start)
	done.Wait()
	return outcomes, time.Since(began)
}

func (st stage) order(quantity int) order {
	o := order{EventID: st.event.ID}
	if len(st.event.Sections) > 1 {
		o.SectionID = st.section.ID
	}
	if quantity > 1 {
		o.Quantity = quantity
	}
	return o
}
