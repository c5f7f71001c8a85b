package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// aftermath is what the server says when the race is over.
type aftermath struct {
	event    event
	bookings [][]booking // per buyer: the confirmed ones for this event
	err      error       // why the rest could not be learnt
}

// inspect asks for each buyer's bookings and then for the event.
func inspect(ctx context.Context, buyers []*client, watcher *client, st stage) aftermath {
	end := aftermath{bookings: make([][]booking, len(buyers))}
	g, asking := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, b := range buyers {
		g.Go(func() error {
			all, err := patiently(asking, b.server, b.bookings)
			for _, booked := range all {
				if booked.Event.ID == st.event.ID && booked.Status == statusConfirmed {
					end.bookings[i] = append(end.bookings[i], booked)
				}
			}
			return err
		})
	}
	if end.err = g.Wait(); end.err == nil {
		end.event, end.err = watcher.look(ctx, st.event.ID)
	}
	return end
}
