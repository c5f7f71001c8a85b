package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// migrated makes a database with Onsale's tables.
func (l *lab) migrated(ctx context.Context) (database string, err error) {
	if database, err = l.newDatabase(ctx); err != nil {
		return "", err
	}
	return database, l.tool(ctx, database, "migrate")
}

// stocked makes a database with the log filled.
func (l *lab) stocked(ctx context.Context, s stock) (database string, err error) {
	if database, err = l.migrated(ctx); err != nil {
		return "", err
	}
	return database, s.fill(ctx, database)
}

// onDatabase are the settings without which no command works on a database.
func onDatabase(address string) []string {
	return []string{"DATABASE_URL=" + address, "JWT_ACCESS_SECRET=" + accessSecret, "JWT_REFRESH_SECRET=" + refreshSecret}
}

// tool runs one of the program's commands on a database, to its end.
func (l *lab) tool(ctx context.Context, database string, args ...string) error {
	p, err := l.start(args[0], l.dir, onDatabase(database), l.onsale, args...)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.stop())
	}
	if err := p.Err(); err != nil {
		return fmt.Errorf("onsale %s: %w: %s", strings.Join(args, " "), err, p.tail())
	}
	return nil
}

// loadBeside does a job, and something else meanwhile, which has to end before or soon after.
func (l *lab) loadBeside(ctx context.Context, j job, meanwhile func(context.Context) error) (result loaded, err error) {
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) { result, err = l.load(both, j); return err })
	group.Go(func() error { return meanwhile(both) })
	err = group.Wait()
	return result, err
}

// sleep waits, unless ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// largest is the largest value of a metric over its labels, and no less than 0.
func largest(metrics map[string]float64, name string) float64 {
	most := 0.0
	for key, v := range metrics {
		if bare, _, _ := strings.Cut(key, "{"); bare == name {
			most = max(most, v)
		}
	}
	return most
}
