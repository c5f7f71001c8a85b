package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// logSizes are nodes on logs of some sizes, beside which a hot event is sold.
type logSizes struct {
	sizes     []int
	databases map[int]string
}

// sizeRows sell it. All logs are filled before the first of them is measured, and the read table of bookings with them.
func sizeRows(sizes []int) (rows []row) {
	z := &logSizes{sizes: sizes}
	for _, n := range sizes {
		rows = append(rows, row{group: groupSize, name: sizeRowName(n), against: rowEmptyLog, run: z.row(n)})
	}
	return rows
}

func sizeRowName(events int) string {
	const million = 1_000_000
	switch {
	case events == 0:
		return rowEmptyLog
	case events%million == 0:
		return fmt.Sprintf("hot event, %d M events in the log", events/million)
	default:
		return "hot event, " + number(float64(events)) + " events in the log"
	}
}

func (z *logSizes) row(events int) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		if err := z.fill(ctx, l); err != nil {
			return measure{}, err
		}
		name := sizeRowName(events)
		s := l.servers[name]
		if s == nil {
			var err error
			if s, err = l.nodeOn(ctx, name, z.databases[events]); err != nil {
				return measure{}, err
			}
		}
		return l.sell(ctx, s, 1, 0)
	}
}

// fill fills all logs at once, the first time.
func (z *logSizes) fill(ctx context.Context, l *lab) error {
	if z.databases != nil {
		return nil
	}
	z.databases = make(map[int]string)
	group, all := errgroup.WithContext(ctx)
	for _, events := range z.sizes {
		database, err := l.migrated(ctx)
		if err != nil {
			return err
		}
		z.databases[events] = database
		group.Go(func() error {
			return stock{sales: min(manyEvents, (events+99)/100), events: events, known: true}.fill(all, database)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return execute(ctx, l.database, "checkpoint")
}
