package main

import (
	"context"
	"slices"
	"time"
)

// logRows are about those who read the log: the read tables in a storm, and made anew.
func logRows() []row {
	return []row{
		{group: "log", name: "read tables behind a hot event", run: lagRow},
		{group: "log", name: rowRebuild, run: rebuildRow()},
	}
}

// lagRow sells a hot event, and samples how far the slowest of the read tables is behind.
func lagRow(ctx context.Context, l *lab) (measure, error) {
	s, ids, err := l.onsaleWith(ctx, seats)
	if err != nil {
		return measure{}, err
	}
	const every = 100 * time.Millisecond
	var lags []float64
	booked, err := l.loadBeside(ctx, book(s, ids...), func(ctx context.Context) error {
		if err := sleep(ctx, l.Warm); err != nil {
			return err
		}
		for range int(l.Cell / every) {
			m, err := s.metrics(ctx)
			if err != nil {
				return err
			}
			if _, told := lagOf(m); told {
				lags = append(lags, largest(m, lagMetric))
			}
			if err := sleep(ctx, every); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return measure{}, err
	}
	drain, err := s.drained(ctx)
	slices.Sort(lags)
	booked.Values = map[string]float64{"drain ms": milliseconds(drain)}
	booked.tell("events behind p50", percentile(lags, 0.50), len(lags) > 0)
	booked.tell("events behind max", percentile(lags, 1), len(lags) > 0)
	return booked.measure, err
}

// rebuildRow makes all read tables anew, by the command that does it, its start and end included.
func rebuildRow() func(context.Context, *lab) (measure, error) {
	rebuilt := stock{sales: manyEvents, events: 300_000}
	database := ""
	return func(ctx context.Context, l *lab) (_ measure, err error) {
		if err := l.focus(); err != nil {
			return measure{}, err
		}
		if database == "" {
			if database, err = l.stocked(ctx, rebuilt); err != nil {
				return measure{}, err
			}
		}
		began := time.Now()
		err = l.tool(ctx, database, "projections", "rebuild", "--all")
		return measure{Rate: float64(rebuilt.events) / time.Since(began).Seconds()}, err
	}
}
