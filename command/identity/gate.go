package identity

import "context"

// gate bounds how much hashing is under way and how much may wait for it.
type gate struct {
	places chan struct{} // one for everybody inside or waiting
	slots  chan struct{} // one for everybody inside
}

func newGate(slots, queue int) gate {
	return gate{places: make(chan struct{}, slots+queue), slots: make(chan struct{}, slots)}
}

// pass runs work inside the gate, in order of arrival. It returns ErrBusy at
// once when the queue is full, and ctx's error when ctx ends while waiting; in
// both cases work has not run. Otherwise it returns what work returns.
func (g gate) pass(ctx context.Context, work func() error) error {
	select {
	case g.places <- struct{}{}:
		defer func() { <-g.places }()
	default:
		return ErrBusy
	}
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return work()
}
